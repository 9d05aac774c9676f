package io.gwplugins;

import java.util.List;
import java.util.Objects;

/** The library: which one it is, and what it has. It is loaded at the first use, once in a process. */
public final class Guards {
    private Guards() {}

    /** The kinds of guards in the library, in its order. */
    public static List<Kind> kinds() {
        return Library.get().kinds();
    }

    /**
     * Loads the library that is configured, if none is loaded: the file in the system property
     * {@code gwplugins.library}, else the one in the environment variable {@code GWPLUGINS_LIBRARY}, else
     * {@code libgwplugins.so.1} or {@code libgwplugins.so} as the system finds them. A file that is named and cannot be
     * used is an error; nothing else is tried then.
     *
     * @return the file, or the name under which the system found it
     * @throws LibraryException it is not there, or not the right one
     */
    public static String load() {
        return Library.get().file;
    }

    /**
     * Loads this file; nothing else is tried.
     *
     * @throws LibraryException it is not there, or not the right one, or another library is in use already
     */
    public static String load(String file) {
        return Library.load(Objects.requireNonNull(file, "file")).file;
    }

    /**
     * How the library is called: {@code ffm} (java.lang.foreign, Java 22 and newer) or {@code jna}. The system property
     * {@code gwplugins.backend} forces one of them.
     */
    public static String backend() {
        return Library.get().backend.name();
    }

    /** The version of the library, such as {@code 0.1.0}. */
    public static String version() {
        Backend backend = Library.get().backend;
        return backend.cString(backend.gwp_version());
    }

    /** The ABI version of the library: major in the upper, minor in the lower 16 bits. */
    public static int abiVersion() {
        return Library.get().backend.gwp_abi_version();
    }
}
