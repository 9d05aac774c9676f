package io.gwplugins;

/** The library is not there, or not the right one; the message says what was tried. */
public final class LibraryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LibraryException(String message) {
        super(message);
    }
}
