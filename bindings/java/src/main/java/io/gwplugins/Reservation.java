package io.gwplugins;

/** A cost that was taken as an estimate, to be corrected once when it is known. For any threads. */
public final class Reservation {
    private final Limiter limiter;
    private final Key key;
    private final long cost;
    private final Decision decision;
    /** Something was taken and has not been settled. */
    private boolean open;

    Reservation(Limiter limiter, Key key, long cost, Decision decision) {
        this.limiter = limiter;
        this.key = key;
        this.cost = cost;
        this.decision = decision;
        open = decision.allowed() && !decision.wouldRefuse();
    }

    /** Whether the request may go on. */
    public Decision decision() {
        return decision;
    }

    /** {@link #settle(long, long)} now by the library's clock. */
    public Decision settle(long actual) {
        return settle(actual, 0);
    }

    /**
     * Corrects the cost; {@link Limiter#settle} says how.
     *
     * @throws IllegalStateException it was refused, or has been settled already
     */
    public synchronized Decision settle(long actual, long nowNs) {
        if (!open) throw new IllegalStateException("the reservation was refused, or has been settled already");
        Decision after = limiter.settle(key, cost, decision.nowNs(), actual, nowNs);
        open = false;
        return after;
    }
}
