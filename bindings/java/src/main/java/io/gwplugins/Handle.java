package io.gwplugins;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * A handle of the library and its end: freed once, not while a call uses it, at the latest some time after its owner
 * became unreachable. For any threads.
 */
final class Handle {
    private static final Cleaner FORGOTTEN = Cleaner.create();
    private static final int CLOSED = 1;
    private static final int USER = 2;

    /** {@code USER} for each call that uses the handle, and {@code CLOSED}. */
    private final AtomicInteger state = new AtomicInteger();

    private final long address;
    private final LongConsumer free;
    private final String what;
    private final Cleaner.Cleanable end;

    /** {@code owner} is what users hold; nothing here may refer to it. */
    Handle(Object owner, String what, long address, LongConsumer free) {
        this.what = what;
        this.address = address;
        this.free = free;
        end = FORGOTTEN.register(owner, this::end);
    }

    /**
     * The address, valid until {@code release}, whatever is closed meanwhile.
     *
     * @throws IllegalStateException it is closed
     */
    long hold() {
        while (true) {
            int now = state.get();
            if ((now & CLOSED) != 0) throw new IllegalStateException("the " + what + " is closed");
            if (state.compareAndSet(now, now + USER)) return address;
        }
    }

    void release() {
        if (state.addAndGet(-USER) == CLOSED) free.accept(address);
    }

    void close() {
        end.clean();
    }

    private void end() {
        if (state.getAndUpdate(now -> now | CLOSED) == 0) free.accept(address);
    }
}
