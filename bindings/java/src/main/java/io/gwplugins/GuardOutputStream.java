package io.gwplugins;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Passes bytes through a guard to another stream: rewritten, as soon as it is certain. Each {@code write} is a call of
 * the library; put a {@code BufferedOutputStream} before it for many small ones.
 *
 * <p>Content that must not pass throws {@link BlockedException}: what came before has been passed on by then, and
 * nothing more is. The same holds after any other exception. Threads take turns.
 */
public final class GuardOutputStream extends FilterOutputStream {
    private final Gate<byte[]> gate;

    /**
     * A stream with all defaults.
     *
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): this guard must see the whole text
     */
    public GuardOutputStream(OutputStream out, Guard guard) {
        this(out, guard, ScanOptions.DEFAULT, part -> {});
    }

    /**
     * A stream that tells what it finds.
     *
     * @param onPart gets every part before it is passed on; what it throws ends the text
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): this guard must see the whole text
     */
    public GuardOutputStream(
            OutputStream out, Guard guard, ScanOptions options, Consumer<? super Rewrite<byte[]>> onPart) {
        super(Objects.requireNonNull(out, "out"));
        gate = new Gate<>(guard.byteStream(options), onPart, out::write);
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        gate.push(Arrays.copyOfRange(bytes, from, from + length));
    }

    /** Flushes the other stream. What may still belong to a finding stays. */
    @Override
    public synchronized void flush() throws IOException {
        gate.requireNotFailed();
        out.flush();
    }

    /** Ends the text and passes on the rest, but leaves the other stream open. */
    public synchronized void finish() throws IOException {
        gate.finish();
    }

    /** Ends the text, unless it has ended or failed, and closes the other stream. */
    @Override
    public synchronized void close() throws IOException {
        OutputStream target = out;
        try (target) {
            if (gate.open()) gate.finish();
        }
    }
}
