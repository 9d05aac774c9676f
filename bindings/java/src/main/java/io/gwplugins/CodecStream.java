package io.gwplugins;

import java.util.Objects;

/**
 * Data that arrives in chunks, cut anywhere, to be compressed or decompressed. Threads take turns. {@link
 * CompressOutputStream} and {@link DecompressInputStream} are often simpler.
 */
public final class CodecStream implements AutoCloseable {
    private final CodecCalls calls;
    private final Handle handle;

    CodecStream(CodecCalls calls, long address) {
        this.calls = calls;
        handle = new Handle(this, "stream", address, calls::gwp_codec_stream_free);
    }

    private interface Call {
        int with(long stream, Workspace space);
    }

    /**
     * Adds a chunk. When decompressing, the answer may have {@code max_ratio} times its size: pass small chunks.
     *
     * @return what it has led to, which may be nothing
     * @throws GwpluginsException as {@link Codec#decompress(byte[])}, the limits counted over all chunks; after that
     *     only {@code GWP_E_FINISHED} (7)
     * @throws IllegalStateException it is closed
     */
    public synchronized byte[] push(byte[] chunk) {
        Objects.requireNonNull(chunk, "chunk");
        return call((stream, space) -> {
            Texts.BYTES.put(chunk, space);
            return calls.gwp_codec_stream_push(
                    stream, space.textAt, space.textBytes, space.result, space.cells.errorAt);
        });
    }

    /**
     * Ends the data. When decompressing, only the success of this call says that the data was complete.
     *
     * @return the rest
     * @throws GwpluginsException as {@link #push}
     * @throws IllegalStateException it is closed
     */
    public synchronized byte[] finish() {
        return call((stream, space) ->
                calls.gwp_codec_stream_finish(stream, space.result, space.cells.errorAt));
    }

    /** Frees the stream. May be called again, and while another thread uses it. */
    @Override
    public void close() {
        handle.close();
    }

    private byte[] call(Call call) {
        long stream = handle.hold();
        try {
            Workspace space = Workspace.take();
            try {
                space.check(call.with(stream, space));
                return space.output(Texts.BYTES);
            } finally {
                space.giveBack();
            }
        } finally {
            handle.release();
        }
    }
}
