package io.gwplugins;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;

/**
 * Decompresses the bytes of another stream, to its end. Only the end of this stream, -1, says that the data was
 * complete and good; what was read before an exception must not be trusted to be whole. Threads take turns.
 *
 * <p>Data that is bad, cut short or over a limit throws an {@code IOException} whose cause is the
 * {@link GwpluginsException}; so does every later read.
 */
public final class DecompressInputStream extends FilterInputStream {
    /** Bytes that the library gets at once: its answer may be {@code max_ratio} times as long. */
    private static final int CHUNK_BYTES = 4096;

    private final CodecStream stream;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    /** What was decompressed and not read yet lies here, from {@code at} on. */
    private byte[] ready = new byte[0];
    private int at;
    private boolean ended;
    private boolean closed;
    private GwpluginsException fault;

    /** A stream; the codec may be closed before it. */
    public DecompressInputStream(InputStream in, Codec codec) {
        super(Objects.requireNonNull(in, "in"));
        stream = codec.decompressor();
    }

    @Override
    public synchronized int read() throws IOException {
        return fill() ? ready[at++] & 0xff : -1;
    }

    @Override
    public synchronized int read(byte[] target, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, target.length);
        if (length == 0) return 0;
        if (!fill()) return -1;
        int given = Math.min(length, ready.length - at);
        System.arraycopy(ready, at, target, from, given);
        at += given;
        return given;
    }

    @Override
    public synchronized long skip(long count) throws IOException {
        if (count <= 0 || !fill()) return 0;
        int skipped = (int) Math.min(count, ready.length - at);
        at += skipped;
        return skipped;
    }

    /** What has been decompressed already. */
    @Override
    public synchronized int available() throws IOException {
        requireOpen();
        return ready.length - at;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public synchronized void mark(int limit) {}

    @Override
    public synchronized void reset() throws IOException {
        throw new IOException("mark and reset are not supported");
    }

    /** Closes the other stream, too. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        ready = new byte[0];
        at = 0;
        try (stream) {
            in.close();
        }
    }

    /** Makes at least one byte ready; whether there is one. */
    private boolean fill() throws IOException {
        requireOpen();
        while (at == ready.length) {
            if (ended) return false;
            int count = in.read(chunk);
            at = 0;
            ready = count < 0 ? decompressed(null) : decompressed(Arrays.copyOf(chunk, count));
            ended = count < 0;
        }
        return true;
    }

    private void requireOpen() throws IOException {
        if (closed) throw new IOException("the stream is closed");
        if (fault != null) throw new IOException(fault.getMessage(), fault);
    }

    /** What a chunk leads to, or for null the end of the data. */
    private byte[] decompressed(byte[] piece) throws IOException {
        try {
            return piece == null ? stream.finish() : stream.push(piece);
        } catch (GwpluginsException e) {
            ready = new byte[0];
            fault = e;
            throw new IOException(e.getMessage(), e);
        }
    }
}
