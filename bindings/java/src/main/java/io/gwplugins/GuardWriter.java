package io.gwplugins;

import java.io.IOException;
import java.io.Writer;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Passes text through a guard to another writer: rewritten, as soon as it is certain. Each {@code write} is a call of
 * the library; put a {@code BufferedWriter} before it for many small ones.
 *
 * <p>Content that must not pass throws {@link BlockedException}: what came before has been passed on by then, and
 * nothing more is. The same holds after any other exception. Threads take turns.
 */
public final class GuardWriter extends Writer {
    private final Writer out;
    private final Gate<String> gate;

    /**
     * A writer with all defaults.
     *
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): this guard must see the whole text
     */
    public GuardWriter(Writer out, Guard guard) {
        this(out, guard, ScanOptions.DEFAULT, part -> {});
    }

    /**
     * A writer that tells what it finds.
     *
     * @param onPart gets every part before it is passed on; what it throws ends the text
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): this guard must see the whole text
     */
    public GuardWriter(Writer out, Guard guard, ScanOptions options, Consumer<? super Rewrite<String>> onPart) {
        this.out = Objects.requireNonNull(out, "out");
        gate = new Gate<>(guard.stream(options), onPart, out::write);
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
        write(new String(text, from, length), 0, length);
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
        synchronized (lock) {
            gate.push(text.substring(from, from + length));
        }
    }

    /** Flushes the other writer. What may still belong to a finding stays. */
    @Override
    public void flush() throws IOException {
        synchronized (lock) {
            gate.requireNotFailed();
            out.flush();
        }
    }

    /** Ends the text and passes on the rest, but leaves the other writer open. */
    public void finish() throws IOException {
        synchronized (lock) {
            gate.finish();
        }
    }

    /** Ends the text, unless it has ended or failed, and closes the other writer. */
    @Override
    public void close() throws IOException {
        synchronized (lock) {
            try (out) {
                if (gate.open()) gate.finish();
            }
        }
    }
}
