package io.gwplugins;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of the checkout that tests read; GWPLUGINS_CHECKOUT names it when they run from a copy of the binding. */
final class Checkout {
    private static final String NAMED = System.getenv("GWPLUGINS_CHECKOUT");
    private static final Path ROOT = NAMED == null ? Path.of("..", "..") : Path.of(NAMED);

    private Checkout() {}

    static String read(String path) {
        try {
            return Files.readString(ROOT.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
