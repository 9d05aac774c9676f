package io.gwplugins;

import java.io.IOException;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What a {@link GuardWriter} and a {@link GuardOutputStream} share: nothing passes after a failure. */
final class Gate<T> {
    private enum State {
        OPEN,
        FINISHED,
        FAILED
    }

    private final GuardStream<T> stream;
    private final Consumer<? super Rewrite<T>> onPart;
    private final Target<T> target;
    private State state = State.OPEN;

    /** Where output goes that is safe. */
    interface Target<T> {
        void write(T output) throws IOException;
    }

    Gate(GuardStream<T> stream, Consumer<? super Rewrite<T>> onPart, Target<T> target) {
        this.stream = stream;
        this.onPart = Objects.requireNonNull(onPart, "onPart");
        this.target = target;
    }

    void push(T chunk) throws IOException {
        requireNotFailed();
        if (state == State.FINISHED) throw new IOException("the text has ended");
        pass(() -> stream.push(chunk));
    }

    /** Ends the text; once only. */
    void finish() throws IOException {
        requireNotFailed();
        if (state == State.FINISHED) return;
        pass(stream::finish);
        state = State.FINISHED;
        stream.close();
    }

    boolean open() {
        return state == State.OPEN;
    }

    void requireNotFailed() throws IOException {
        if (state == State.FAILED) throw new IOException("the content failed before: nothing more is passed on");
    }

    private void pass(Supplier<Rewrite<T>> step) throws IOException {
        State before = state;
        state = State.FAILED;
        try {
            Rewrite<T> part = step.get();
            onPart.accept(part);
            if (part.blocked()) throw new BlockedException(part);
            target.write(part.output());
            state = before;
        } finally {
            if (state == State.FAILED) stream.close();
        }
    }
}
