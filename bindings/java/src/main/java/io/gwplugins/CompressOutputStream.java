package io.gwplugins;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Compresses bytes on their way to another stream. Each {@code write} is a call of the library; put a
 * {@code BufferedOutputStream} before it for many small ones. After an exception nothing more is passed on. Threads
 * take turns.
 */
public final class CompressOutputStream extends FilterOutputStream {
    private final CodecStream stream;
    private boolean finished;
    private boolean failed;

    /**
     * A stream; the codec may be closed before it.
     *
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): the codec is {@code auto}
     */
    public CompressOutputStream(OutputStream out, Codec codec) {
        super(Objects.requireNonNull(out, "out"));
        stream = codec.compressor();
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        requireNotFailed();
        if (finished) throw new IOException("the data has ended");
        pass(() -> stream.push(Arrays.copyOfRange(bytes, from, from + length)));
    }

    /** Flushes the other stream. What the compression holds back stays until the end. */
    @Override
    public synchronized void flush() throws IOException {
        requireNotFailed();
        out.flush();
    }

    /** Ends the data and passes on the rest, but leaves the other stream open. */
    public synchronized void finish() throws IOException {
        requireNotFailed();
        if (finished) return;
        pass(stream::finish);
        finished = true;
        stream.close();
    }

    /** Ends the data, unless it has ended or failed, and closes the other stream. */
    @Override
    public synchronized void close() throws IOException {
        OutputStream target = out;
        try (target; stream) {
            if (!failed) finish();
        }
    }

    private void requireNotFailed() throws IOException {
        if (failed) throw new IOException("the stream failed before: nothing more is passed on");
    }

    private void pass(Supplier<byte[]> step) throws IOException {
        failed = true;
        out.write(step.get());
        failed = false;
    }
}
