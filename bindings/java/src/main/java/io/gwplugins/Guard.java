package io.gwplugins;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A configured engine. Make it once: it is immutable, and any number of threads may use it at the same time.
 *
 * <p>A call that throws has not checked the text: it must not pass. All methods throw {@link GwpluginsException} for
 * what the library reports, such as a text over a configured limit; {@link IllegalStateException} after
 * {@link #close()}; and {@link NullPointerException} for null.
 *
 * <p>Offsets of findings count what the text is made of: {@code char}s of a string, so that
 * {@code text.substring(start, end)} is what was found, and bytes otherwise.
 *
 * <p>Strings may hold anything, surrogates without a partner too. Bytes should be UTF-8 and may be anything. Text must
 * not change while a call reads it. A buffer is read from its position to its limit, which stay; offsets count from the
 * position. A direct buffer is read where it lies: its memory must not be freed during the call.
 */
public final class Guard implements AutoCloseable {
    /** A batch is sent when it has grown to so many bytes. */
    private static final int BATCH_BYTES = 262_144;

    private final Library library = Library.get();
    private final Backend backend = library.backend;
    private final Handle handle;
    private final String kind;
    private final List<String> rules;

    private Guard(String kind, String config) {
        this.kind = kind;
        handle = new Handle(this, "guard", make(kind, config), backend::gwp_guard_free);
        rules = Json.names(Json.members(describe()), "rules");
    }

    /**
     * A guard with all defaults.
     *
     * @param kind one of {@link Guards#kinds()}, such as {@code pii_filter}
     * @throws GwpluginsException 20: there is no such kind
     * @throws LibraryException the library is not there, or not the right one
     */
    public static Guard of(String kind) {
        return of(kind, "{}");
    }

    /**
     * A guard.
     *
     * @param kind one of {@link Guards#kinds()}, such as {@code pii_filter}
     * @param config one JSON object by the kind's schema
     * @throws GwpluginsException 20 to 39: the configuration is refused; {@link GwpluginsException#path()} names the
     *     value
     * @throws LibraryException the library is not there, or not the right one
     */
    public static Guard of(String kind, String config) {
        return new Guard(Objects.requireNonNull(kind, "kind"), Objects.requireNonNull(config, "config"));
    }

    /** What {@link #of} was given. */
    public String kind() {
        return kind;
    }

    /** What the guard says about itself: one JSON object with kind, version, limits and rules. */
    public String describe() {
        long guard = handle.hold();
        try {
            return library.text(
                    cells -> backend.gwp_guard_describe(guard, cells.pointerAt, cells.countAt, cells.errorAt));
        } finally {
            handle.release();
        }
    }

    /** Finds, and builds no output. */
    public Scan scan(String text) {
        return scan(text, ScanOptions.DEFAULT);
    }

    /** Finds, and builds no output. */
    public Scan scan(String text, ScanOptions options) {
        return one(text, Texts.STRING, options, 0).withoutOutput();
    }

    /** Finds, and builds no output. */
    public Scan scan(byte[] text) {
        return scan(text, ScanOptions.DEFAULT);
    }

    /** Finds, and builds no output. */
    public Scan scan(byte[] text, ScanOptions options) {
        return one(text, Texts.BYTES, options, 0).withoutOutput();
    }

    /** Finds, and builds no output. */
    public Scan scan(ByteBuffer text) {
        return scan(text, ScanOptions.DEFAULT);
    }

    /** Finds, and builds no output. */
    public Scan scan(ByteBuffer text, ScanOptions options) {
        return one(text, Texts.BUFFER, options, 0).withoutOutput();
    }

    /** Finds and rewrites. */
    public Rewrite<String> rewrite(String text) {
        return rewrite(text, ScanOptions.DEFAULT);
    }

    /** Finds and rewrites. */
    public Rewrite<String> rewrite(String text, ScanOptions options) {
        return one(text, Texts.STRING, options, Abi.OUTPUT);
    }

    /** Finds and rewrites. */
    public Rewrite<byte[]> rewrite(byte[] text) {
        return rewrite(text, ScanOptions.DEFAULT);
    }

    /** Finds and rewrites. */
    public Rewrite<byte[]> rewrite(byte[] text, ScanOptions options) {
        return one(text, Texts.BYTES, options, Abi.OUTPUT);
    }

    /** Finds and rewrites; a changed output is a buffer of its own on the heap. */
    public Rewrite<ByteBuffer> rewrite(ByteBuffer text) {
        return rewrite(text, ScanOptions.DEFAULT);
    }

    /** Finds and rewrites; a changed output is a buffer of its own on the heap. */
    public Rewrite<ByteBuffer> rewrite(ByteBuffer text, ScanOptions options) {
        return one(text, Texts.BUFFER, options, Abi.OUTPUT);
    }

    /** Finds in many texts; one over a limit fails the call. A finding's {@code item} is the index of its text. */
    public List<Scan> scanBatch(List<String> texts) {
        return scanBatch(texts, ScanOptions.DEFAULT);
    }

    /** Finds in many texts; one over a limit fails the call. A finding's {@code item} is the index of its text. */
    public List<Scan> scanBatch(List<String> texts, ScanOptions options) {
        return scans(many(texts, Texts.STRING, options, 0));
    }

    /** {@link #scanBatch(List)} for bytes. */
    public List<Scan> scanByteBatch(List<byte[]> texts) {
        return scanByteBatch(texts, ScanOptions.DEFAULT);
    }

    /** {@link #scanBatch(List, ScanOptions)} for bytes. */
    public List<Scan> scanByteBatch(List<byte[]> texts, ScanOptions options) {
        return scans(many(texts, Texts.BYTES, options, 0));
    }

    /** Finds in and rewrites many texts; one over a limit fails the call. */
    public List<Rewrite<String>> rewriteBatch(List<String> texts) {
        return rewriteBatch(texts, ScanOptions.DEFAULT);
    }

    /** Finds in and rewrites many texts; one over a limit fails the call. */
    public List<Rewrite<String>> rewriteBatch(List<String> texts, ScanOptions options) {
        return many(texts, Texts.STRING, options, Abi.OUTPUT);
    }

    /** {@link #rewriteBatch(List)} for bytes. */
    public List<Rewrite<byte[]>> rewriteByteBatch(List<byte[]> texts) {
        return rewriteByteBatch(texts, ScanOptions.DEFAULT);
    }

    /** {@link #rewriteBatch(List, ScanOptions)} for bytes. */
    public List<Rewrite<byte[]>> rewriteByteBatch(List<byte[]> texts, ScanOptions options) {
        return many(texts, Texts.BYTES, options, Abi.OUTPUT);
    }

    /** {@link #scanColumn(ByteBuffer, LongBuffer, ScanOptions)} with all defaults. */
    public List<Scan> scanColumn(ByteBuffer data, LongBuffer offsets) {
        return scanColumn(data, offsets, ScanOptions.DEFAULT);
    }

    /**
     * Finds in the texts of one buffer, in the layout of Apache Arrow's large strings: text i lies between offset i and
     * offset i + 1, which count bytes from the position of {@code data}; so there is one offset more than texts. Direct
     * buffers, with offsets in the byte order of the machine, are read where they lie. A text over a limit fails the
     * call. A finding's {@code item} is the index of its text.
     *
     * @throws GwpluginsException 4 ({@code GWP_E_BAD_OFFSETS}): the offsets do not ascend or leave the buffer, or there
     *     is none
     */
    public List<Scan> scanColumn(ByteBuffer data, LongBuffer offsets, ScanOptions options) {
        return scans(column(data, offsets, options, 0));
    }

    /** {@link #rewriteColumn(ByteBuffer, LongBuffer, ScanOptions)} with all defaults. */
    public List<Rewrite<ByteBuffer>> rewriteColumn(ByteBuffer data, LongBuffer offsets) {
        return rewriteColumn(data, offsets, ScanOptions.DEFAULT);
    }

    /**
     * Finds in and rewrites the texts of one buffer, as {@link #scanColumn(ByteBuffer, LongBuffer, ScanOptions)}. The
     * output of a text that did not change is its part of {@code data}.
     */
    public List<Rewrite<ByteBuffer>> rewriteColumn(ByteBuffer data, LongBuffer offsets, ScanOptions options) {
        return column(data, offsets, options, Abi.OUTPUT);
    }

    /** {@link #stream(ScanOptions)} with all defaults. */
    public GuardStream<String> stream() {
        return stream(ScanOptions.DEFAULT);
    }

    /**
     * Begins a text that arrives in strings. The stream may be used after this guard was closed.
     *
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): this guard must see the whole text
     */
    public GuardStream<String> stream(ScanOptions options) {
        return stream(Texts.STRING, options);
    }

    /** {@link #byteStream(ScanOptions)} with all defaults. */
    public GuardStream<byte[]> byteStream() {
        return byteStream(ScanOptions.DEFAULT);
    }

    /**
     * Begins a text that arrives in bytes, cut anywhere. The stream may be used after this guard was closed.
     *
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): this guard must see the whole text
     */
    public GuardStream<byte[]> byteStream(ScanOptions options) {
        return stream(Texts.BYTES, options);
    }

    /**
     * Frees the engine, when the last call that uses it is done. May be called again. A guard that is not closed is
     * freed some time after it became unreachable, which may be late: the JVM does not see the memory of the library.
     */
    @Override
    public void close() {
        handle.close();
    }

    private long make(String kind, String config) {
        Workspace space = Workspace.take();
        try {
            space.clear();
            space.append(kind);
            int kindBytes = space.appended();
            space.append(config);
            space.useScratch();
            long configAt = space.textAt + kindBytes;
            long configBytes = space.textBytes - kindBytes;
            return library.make(out -> backend.gwp_guard_new(
                    space.textAt, kindBytes, configAt, configBytes, out.pointerAt, out.errorAt));
        } finally {
            space.giveBack();
        }
    }

    private <T> Rewrite<T> one(T text, Texts<T> type, ScanOptions options, int output) {
        Objects.requireNonNull(text, "text");
        int flags = output | options.flags(type.unit);
        long guard = handle.hold();
        try {
            Workspace space = Workspace.take();
            try {
                type.put(text, space);
                space.check(backend.gwp_guard_scan(
                        guard, space.textAt, space.textBytes, flags, space.result, space.cells.errorAt));
                return space.answer(text, type, rules);
            } finally {
                space.giveBack();
            }
        } finally {
            handle.release();
            Reference.reachabilityFence(text);
        }
    }

    private <T> List<Rewrite<T>> many(List<T> texts, Texts<T> type, ScanOptions options, int output) {
        int flags = output | options.flags(type.unit);
        List<T> all = List.copyOf(texts);
        List<Rewrite<T>> answers = new ArrayList<>(all.size());
        long guard = handle.hold();
        try {
            while (answers.size() < all.size()) batch(guard, all, type, flags, answers);
        } finally {
            handle.release();
        }
        return answers;
    }

    /** Adds the answers on as many of the texts that have none as make a batch. */
    private <T> void batch(long guard, List<T> texts, Texts<T> type, int flags, List<Rewrite<T>> answers) {
        int first = answers.size();
        int most = Math.min(texts.size() - first, Workspace.BATCH_ITEMS);
        Workspace space = Workspace.take();
        try {
            space.beginItems();
            int count = 0;
            while (count < most && space.appended() < BATCH_BYTES) {
                type.append(texts.get(first + count), space);
                space.endItem(count++);
            }
            space.useScratch();
            space.check(backend.gwp_guard_scan_batch(
                    guard, space.textAt, space.textBytes, space.offsetsAt(), count, flags, space.result,
                    space.cells.errorAt));
            answers.addAll(space.answers(texts.subList(first, first + count), first, type, rules));
        } finally {
            space.giveBack();
        }
    }

    private List<Rewrite<ByteBuffer>> column(ByteBuffer data, LongBuffer offsets, ScanOptions options, int output) {
        int flags = output | options.flags(Unit.BYTES);
        Column column = new Column(Objects.requireNonNull(data, "data"), Objects.requireNonNull(offsets, "offsets"));
        LongBuffer direct = column.directOffsets();
        long guard = handle.hold();
        try {
            Workspace space = Workspace.take();
            try {
                Texts.BUFFER.put(data, space);
                space.check(backend.gwp_guard_scan_batch(
                        guard, space.textAt, space.textBytes, backend.addressOf(direct), column.size(), flags,
                        space.result, space.cells.errorAt));
                return space.answers(column, 0, Texts.BUFFER, rules);
            } finally {
                space.giveBack();
            }
        } finally {
            handle.release();
            Reference.reachabilityFence(data);
            Reference.reachabilityFence(direct);
        }
    }

    private static <T> List<Scan> scans(List<Rewrite<T>> answers) {
        return answers.stream().map(Rewrite::withoutOutput).toList();
    }

    private <T> GuardStream<T> stream(Texts<T> type, ScanOptions options) {
        int flags = Abi.OUTPUT | options.flags(type.unit);
        long guard = handle.hold();
        try {
            long stream = library.make(out -> backend.gwp_stream_new(guard, flags, out.pointerAt, out.errorAt));
            return new GuardStream<>(library, stream, type, rules);
        } finally {
            handle.release();
        }
    }

    /** Without the configuration, which may hold keys. */
    @Override
    public String toString() {
        return "Guard[" + kind + "]";
    }
}
