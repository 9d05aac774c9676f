package io.gwplugins;

/** A lease of concurrency limits, for a try statement: it ends with the block, or by itself after its time. */
public final class Lease implements AutoCloseable {
    private final Limiter limiter;
    private final Key key;
    private final long number;
    private final Decision decision;

    Lease(Limiter limiter, Key key, long number, Decision decision) {
        this.limiter = limiter;
        this.key = key;
        this.number = number;
        this.decision = decision;
    }

    /** Whether the request may go on. */
    public Decision decision() {
        return decision;
    }

    /** What {@link Limiter#release} takes; 0 when it was refused. */
    public long number() {
        return number;
    }

    /** Ends the lease, unless it was refused or has ended. One of a limiter that is closed has ended with it. */
    @Override
    public void close() {
        if (number == 0) return;
        try {
            limiter.release(key, number, decision.nowNs());
        } catch (IllegalStateException closed) {
            // The counts are gone.
        }
    }
}
