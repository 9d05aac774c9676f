package io.gwplugins;

/** How a request is counted. Immutable. */
public final class CheckOptions {
    /** A cost of 1, now by the library's clock, no details. */
    public static final CheckOptions DEFAULT = new CheckOptions(1, 0, false, false);

    final long cost;
    final long nowNs;
    final boolean details;
    private final boolean dryRun;

    private CheckOptions(long cost, long nowNs, boolean dryRun, boolean details) {
        this.cost = cost;
        this.nowNs = nowNs;
        this.dryRun = dryRun;
        this.details = details;
    }

    /** These options, with a cost of 0 to 2^50. */
    public CheckOptions withCost(long cost) {
        return new CheckOptions(cost, nowNs, dryRun, details);
    }

    /**
     * These options, at a time.
     *
     * @param nowNs nanoseconds of a clock that is always the same one; 0 for the library's own, which never steps back
     */
    public CheckOptions withNowNs(long nowNs) {
        return new CheckOptions(cost, nowNs, dryRun, details);
    }

    /** These options, refusing nothing: {@link Decision#wouldRefuse()} tells, and then nothing was taken. */
    public CheckOptions withDryRun() {
        return new CheckOptions(cost, nowNs, true, details);
    }

    /** These options, with what every window says in {@link Decision#details()}. */
    public CheckOptions withDetails() {
        return new CheckOptions(cost, nowNs, dryRun, true);
    }

    int flags(boolean peek) {
        return (peek ? Abi.LIMITER_PEEK : 0) | (dryRun ? Abi.LIMITER_DRY_RUN : 0);
    }
}
