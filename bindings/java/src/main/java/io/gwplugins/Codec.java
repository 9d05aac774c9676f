package io.gwplugins;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A configured compression. Make it once: it is immutable, and any number of threads may use it at the same time.
 *
 * <p>What decompression may give is bounded before it begins, by {@code max_output_bytes} and {@code max_ratio} of the
 * configuration. A call that throws gave no data: it must not pass.
 *
 * <p>All methods throw {@link GwpluginsException} for what the library reports: 40 ({@code GWP_E_TOO_LARGE}) for a
 * limit, 45 to 49 for data that is damaged, cut short or followed by other data; {@link IllegalStateException} after
 * {@link #close()}; and {@link NullPointerException} for null. A buffer is read from its position to its limit, which
 * stay; a direct one where it lies, so its memory must not be freed during the call.
 */
public final class Codec implements AutoCloseable {
    private final Library library = Library.get();
    private final CodecCalls calls = library.codecs();
    private final Handle handle;
    private final String name;

    private Codec(String name, String config) {
        this.name = name;
        handle = new Handle(this, "codec", make(name, config), calls::gwp_codec_free);
    }

    /** {@link #of(String, String)} with all defaults. */
    public static Codec of(String name) {
        return of(name, "{}");
    }

    /**
     * A codec.
     *
     * @param name one of {@link #names()}, or {@code auto}, which decompresses what tells its format by its first bytes
     * @param config one JSON object by {@link #schema()}
     * @throws GwpluginsException 20 ({@code GWP_E_UNKNOWN_KIND}): the library has no such codec; 21 to 24: the
     *     configuration is refused
     * @throws LibraryException the library is not there, or not the right one, or too old for codecs
     */
    public static Codec of(String name, String config) {
        return new Codec(Objects.requireNonNull(name, "name"), Objects.requireNonNull(config, "config"));
    }

    /** The codecs in the library, in the order of preference; none when it was built without. */
    public static List<String> names() {
        Library library = Library.get();
        CodecCalls calls = library.codecs();
        List<String> names = new ArrayList<>();
        for (long place = 0; place < calls.gwp_codec_count(); place++) {
            long index = place;
            names.add(library.text(
                    cells -> calls.gwp_codec_name(index, cells.pointerAt, cells.countAt, cells.errorAt)));
        }
        return List.copyOf(names);
    }

    /** The JSON Schema of every codec's configuration. */
    public static String schema() {
        Library library = Library.get();
        CodecCalls calls = library.codecs();
        return library.text(cells -> calls.gwp_codec_schema(cells.pointerAt, cells.countAt, cells.errorAt));
    }

    /**
     * The codec that suits data best, {@code identity} for data that is better left as it is: short, of a compressed
     * media type, or noise.
     *
     * @param data the data, of which 4096 bytes are looked at
     * @param mediaType such as {@code application/json}, or empty
     * @param accept the value of an Accept-Encoding field, or {@code *} when there was none; empty accepts
     *     {@code identity} alone
     * @throws GwpluginsException 50 ({@code GWP_E_NOT_ACCEPTABLE}): {@code accept} refuses everything
     */
    public static String choose(byte[] data, String mediaType, String accept) {
        Library library = Library.get();
        CodecCalls calls = library.codecs();
        Workspace space = Workspace.take();
        try {
            space.clear();
            space.append(data, data.length);
            space.append(mediaType);
            int mediaBytes = space.appended() - data.length;
            space.append(accept);
            space.useScratch();
            long mediaAt = space.textAt + data.length;
            long acceptBytes = space.textBytes - data.length - mediaBytes;
            return library.text(cells -> calls.gwp_codec_choose(
                    space.textAt, data.length, mediaAt, mediaBytes, mediaAt + mediaBytes, acceptBytes, cells.pointerAt,
                    cells.countAt, cells.errorAt));
        } finally {
            space.giveBack();
        }
    }

    /**
     * A zstd dictionary, which makes small data smaller; in base64 it is the key {@code dictionary} of a configuration.
     * Many megabytes of samples take seconds.
     *
     * @param maxBytes its largest size in bytes
     * @throws IllegalArgumentException {@code maxBytes} is negative
     * @throws GwpluginsException 8 ({@code GWP_E_OUT_OF_RANGE}): the samples are too few or too small; 6
     *     ({@code GWP_E_UNSUPPORTED}): the library has no zstd
     */
    public static byte[] train(List<byte[]> samples, int maxBytes) {
        if (maxBytes < 0) throw new IllegalArgumentException("maxBytes is negative: " + maxBytes);
        Library library = Library.get();
        CodecCalls calls = library.codecs();
        List<byte[]> all = List.copyOf(samples);
        ByteBuffer offsets = ByteBuffer.allocateDirect((all.size() + 1) * Long.BYTES).order(ByteOrder.nativeOrder());
        Workspace space = Workspace.take();
        try {
            space.clear();
            for (int sample = 0; sample < all.size(); sample++) {
                space.append(all.get(sample), all.get(sample).length);
                offsets.putLong((sample + 1) * Long.BYTES, space.appended());
            }
            space.useScratch();
            space.check(calls.gwp_codec_train(
                    space.textAt, space.textBytes, library.backend.addressOf(offsets), all.size(), maxBytes,
                    space.result, space.cells.errorAt));
            return space.output(Texts.BYTES);
        } finally {
            space.giveBack();
            Reference.reachabilityFence(offsets);
        }
    }

    /** What {@link #of} was given. */
    public String name() {
        return name;
    }

    /** What the codec says about itself: one JSON object with name, version, level and limits. */
    public String describe() {
        long codec = handle.hold();
        try {
            return library.text(
                    cells -> calls.gwp_codec_describe(codec, cells.pointerAt, cells.countAt, cells.errorAt));
        } finally {
            handle.release();
        }
    }

    /**
     * Compresses.
     *
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): this is {@code auto}
     */
    public byte[] compress(byte[] data) {
        return one(data, Texts.BYTES, calls::gwp_codec_compress);
    }

    /** {@link #compress(byte[])} of a buffer; the answer is a buffer of its own on the heap. */
    public ByteBuffer compress(ByteBuffer data) {
        return one(data, Texts.BUFFER, calls::gwp_codec_compress);
    }

    /** Decompresses data that is whole and good. */
    public byte[] decompress(byte[] data) {
        return one(data, Texts.BYTES, calls::gwp_codec_decompress);
    }

    /** {@link #decompress(byte[])} of a buffer; the answer is a buffer of its own on the heap. */
    public ByteBuffer decompress(ByteBuffer data) {
        return one(data, Texts.BUFFER, calls::gwp_codec_decompress);
    }

    /**
     * Begins data that arrives in chunks, to be compressed. The stream may be used after this codec was closed.
     *
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): this is {@code auto}
     */
    public CodecStream compressor() {
        return stream(Abi.CODEC_COMPRESS);
    }

    /** Begins data that arrives in chunks, to be decompressed. The stream may be used after this codec was closed. */
    public CodecStream decompressor() {
        return stream(Abi.CODEC_DECOMPRESS);
    }

    /**
     * Frees the codec, when the last call that uses it is done. May be called again. One that is not closed is freed
     * some time after it became unreachable.
     */
    @Override
    public void close() {
        handle.close();
    }

    /** A function that turns data into other data. */
    private interface Call {
        int with(long codec, long data, long len, long result, long err);
    }

    private long make(String name, String config) {
        Workspace space = Workspace.take();
        try {
            space.clear();
            space.append(name);
            int nameBytes = space.appended();
            space.append(config);
            space.useScratch();
            return library.make(out -> calls.gwp_codec_new(
                    space.textAt, nameBytes, space.textAt + nameBytes, space.textBytes - nameBytes, out.pointerAt,
                    out.errorAt));
        } finally {
            space.giveBack();
        }
    }

    private <T> T one(T data, Texts<T> type, Call call) {
        Objects.requireNonNull(data, "data");
        long codec = handle.hold();
        try {
            Workspace space = Workspace.take();
            try {
                type.put(data, space);
                space.check(call.with(codec, space.textAt, space.textBytes, space.result, space.cells.errorAt));
                return space.output(type);
            } finally {
                space.giveBack();
            }
        } finally {
            handle.release();
            Reference.reachabilityFence(data);
        }
    }

    private CodecStream stream(int flags) {
        long codec = handle.hold();
        try {
            return new CodecStream(calls, library.make(out ->
                    calls.gwp_codec_stream_new(codec, flags, out.pointerAt, out.errorAt)));
        } finally {
            handle.release();
        }
    }

    /** Without the configuration, which may hold a dictionary. */
    @Override
    public String toString() {
        return "Codec[" + name + "]";
    }
}
