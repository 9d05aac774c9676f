package io.gwplugins;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The library: found, opened and checked at the first use, once in a process. Nothing else opens one.
 *
 * <p>It turns out-parameters into values and errors into exceptions.
 */
final class Library {
    private static final String FILE_PROPERTY = "gwplugins.library";
    private static final String FILE_VARIABLE = "GWPLUGINS_LIBRARY";
    private static final String BACKEND_PROPERTY = "gwplugins.backend";

    private static volatile Library loaded;

    private final Opener.Candidate functions;
    final Backend backend;
    /** The file, or the name under which the system found it. */
    final String file;

    private LimiterCalls limiters;
    private CodecCalls codecs;

    private Library(Opener.Candidate functions, String file) {
        this.functions = functions;
        backend = functions.bind();
        this.file = file;
    }

    /** A call of a function that takes cells. */
    interface Call {
        int with(Cells cells);
    }

    static Library get() {
        Library known = loaded;
        return known == null ? load(null) : known;
    }

    /** Loads this file, or the one that is configured for null. */
    static synchronized Library load(String file) {
        String wanted = file == null ? null : new File(file).getAbsolutePath();
        if (loaded != null && wanted != null && !wanted.equals(loaded.file)) {
            throw new LibraryException(loaded.file + " is in use already; " + wanted + " cannot be loaded as well");
        }
        if (loaded == null) loaded = open(opener(), wanted == null ? candidates() : List.of(wanted));
        return loaded;
    }

    /**
     * The functions of limiters.
     *
     * @throws LibraryException the library is too old for them
     */
    synchronized LimiterCalls limiters() {
        if (limiters == null) {
            requireFamily("limiters", Abi.LIMITERS_SINCE_MINOR, Abi.LIMITER_FUNCTIONS);
            limiters = functions.limiterCalls();
        }
        return limiters;
    }

    /**
     * The functions of codecs.
     *
     * @throws LibraryException the library is too old for them
     */
    synchronized CodecCalls codecs() {
        if (codecs == null) {
            requireFamily("codecs", Abi.CODECS_SINCE_MINOR, Abi.CODEC_FUNCTIONS);
            codecs = functions.codecCalls();
        }
        return codecs;
    }

    private void requireFamily(String family, int minor, List<String> names) {
        if (!functions.supports(Abi.ABI_MAJOR, minor)) {
            int version = functions.abiVersion();
            throw new LibraryException("%s has ABI %d.%d; %s need %d.%d".formatted(
                    file, version >>> 16, version & 0xffff, family, Abi.ABI_MAJOR, minor));
        }
        requireFunctions(functions, file, names);
    }

    /** Raises what a call reported. */
    void check(int status, Cells cells) {
        if (status != 0) throw fault(status, cells.error());
    }

    /** The handle that a function makes. */
    long make(Call call) {
        Cells cells = new Cells(backend);
        check(call.with(cells), cells);
        long handle = cells.pointer();
        cells.keep();
        return handle;
    }

    /** A copy of the text that a function points to. */
    String text(Call call) {
        Cells cells = new Cells(backend);
        check(call.with(cells), cells);
        String text = cells.text();
        cells.keep();
        return text;
    }

    List<Kind> kinds() {
        List<Kind> kinds = new ArrayList<>();
        for (long index = 0; index < backend.gwp_kind_count(); index++) kinds.add(kind(index));
        return List.copyOf(kinds);
    }

    private Kind kind(long index) {
        Cells bits = new Cells(backend);
        check(backend.gwp_kind_caps(index, bits.countAt, bits.errorAt), bits);
        return new Kind(
                text(cells -> backend.gwp_kind_name(index, cells.pointerAt, cells.countAt, cells.errorAt)),
                text(cells -> backend.gwp_kind_schema(index, cells.pointerAt, cells.countAt, cells.errorAt)),
                Capability.of(bits.smallCount()));
    }

    /** A number of bytes or records that Java can address. */
    static int size(long count) {
        if (count >= 0 && count <= Integer.MAX_VALUE - 8) return (int) count;
        String message = "the answer has more bytes than a Java buffer can hold";
        throw new GwpluginsException(Abi.E_OUT_OF_RANGE, "GWP_E_OUT_OF_RANGE", message, null);
    }

    private GwpluginsException fault(int status, long error) {
        try {
            String message = told(cells -> backend.gwp_error_message(error, cells.pointerAt, cells.countAt));
            String path = told(cells -> backend.gwp_error_path(error, cells.pointerAt, cells.countAt));
            String name = backend.cString(backend.gwp_status_name(status));
            return new GwpluginsException(status, name, message, path.isEmpty() ? null : path);
        } finally {
            backend.gwp_error_free(error);
        }
    }

    /** A text of an error; empty where the error has none. */
    private String told(Call call) {
        Cells cells = new Cells(backend);
        String text = call.with(cells) == 0 ? cells.text() : "";
        cells.keep();
        return text;
    }

    /** The files that are tried, in this order. */
    private static List<String> candidates() {
        for (String named : new String[] {System.getProperty(FILE_PROPERTY), System.getenv(FILE_VARIABLE)}) {
            if (named != null && !named.isEmpty()) return List.of(new File(named).getAbsolutePath());
        }
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        if (system.contains("windows")) return List.of("gwplugins.dll");
        if (system.contains("mac")) return List.of("libgwplugins.1.dylib", "libgwplugins.dylib");
        return List.of("libgwplugins.so.1", "libgwplugins.so");
    }

    /** The wanted way to open a library, or the first that this JVM has. */
    private static Opener opener() {
        String wanted = System.getProperty(BACKEND_PROPERTY, "");
        List<String> names = wanted.isEmpty() ? List.of("ffm", "jna") : List.of(wanted);
        List<String> tried = new ArrayList<>();
        for (String name : names) {
            try {
                return opener(name);
            } catch (ReflectiveOperationException | LinkageError e) {
                tried.add(name + " (" + reason(e) + ")");
            }
        }
        throw new LibraryException("no back end can be used on Java " + Runtime.version().feature() + "; tried "
                + String.join(", ", tried));
    }

    private static Opener opener(String name) throws ReflectiveOperationException {
        String type = switch (name) {
            case "ffm" -> "FfmOpener";
            case "jna" -> "JnaOpener";
            default -> throw new LibraryException(BACKEND_PROPERTY + " is neither ffm nor jna");
        };
        Class<?> found = Class.forName(Library.class.getPackageName() + "." + type);
        return (Opener) found.getDeclaredConstructor().newInstance();
    }

    private static String reason(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) cause = cause.getCause();
        String message = String.valueOf(cause.getMessage()).strip().replace('\n', ' ');
        return cause instanceof UnsatisfiedLinkError ? message : cause.getClass().getSimpleName() + ": " + message;
    }

    private static Library open(Opener opener, List<String> files) {
        List<String> tried = new ArrayList<>();
        for (String file : files) {
            Opener.Candidate candidate;
            try {
                candidate = opener.open(file);
            } catch (UnsatisfiedLinkError e) {
                tried.add(file + " (" + reason(e) + ")");
                continue;
            }
            return new Library(checked(candidate, file), file);
        }
        throw new LibraryException("libgwplugins was not found; tried " + String.join(", ", tried));
    }

    private static Opener.Candidate checked(Opener.Candidate candidate, String file) {
        requireFunctions(candidate, file, List.of("gwp_abi_version", "gwp_abi_supports"));
        if (!candidate.supports(Abi.ABI_MAJOR, Abi.ABI_MINOR)) {
            int version = candidate.abiVersion();
            throw new LibraryException("%s has ABI %d.%d; this package needs %d.%d".formatted(
                    file, version >>> 16, version & 0xffff, Abi.ABI_MAJOR, Abi.ABI_MINOR));
        }
        requireFunctions(candidate, file, Abi.FUNCTIONS);
        return candidate;
    }

    private static void requireFunctions(Opener.Candidate candidate, String file, List<String> functions) {
        for (String name : functions) {
            if (candidate.has(name)) continue;
            throw new LibraryException(file + " is no usable gwplugins library: it has no " + name);
        }
    }
}
