package io.gwplugins;

import java.nio.ByteBuffer;

/**
 * What is asked of a {@link Limiter} whose counts are in Redis. Times are nanoseconds of a clock that all hosts share;
 * 0 is the server's own. Immutable.
 */
public final class RedisRequest {
    private final Operation operation;
    private final int flags;
    private final long cost;
    private final long nowNs;
    private final long lease;
    private final long reservedNs;
    private final long actual;
    /** Every window is told about in the decision. */
    final boolean details;

    /** What the scripts do. */
    public enum Operation {
        /** A check, or with a lease an acquire. */
        CHECK,
        /** Corrects the cost of a granted check. */
        SETTLE,
        /** Ends a lease. The first number of the reply is how many keys had it. */
        RELEASE,
        /** Forgets the keys. The first number of the reply is how many there were. */
        RESET
    }

    private RedisRequest(
            Operation operation, int flags, long cost, long nowNs, long lease, long reservedNs, long actual,
            boolean details) {
        this.operation = operation;
        this.flags = flags;
        this.cost = cost;
        this.nowNs = nowNs;
        this.lease = lease;
        this.reservedNs = reservedNs;
        this.actual = actual;
        this.details = details;
    }

    /** {@link Limiter#check(Key, CheckOptions)}. */
    public static RedisRequest check(CheckOptions options) {
        return check(options, options.flags(false), 0);
    }

    /** {@link Limiter#peek(Key, CheckOptions)}. */
    public static RedisRequest peek(CheckOptions options) {
        return check(options, options.flags(true), 0);
    }

    /**
     * {@link Limiter#acquire(Key, CheckOptions)}.
     *
     * @param lease the number of the lease to take, unique among all hosts, not 0
     */
    public static RedisRequest acquire(CheckOptions options, long lease) {
        return check(options, options.flags(false), lease);
    }

    /** {@link Limiter#settle}. */
    public static RedisRequest settle(long reserved, long reservedNs, long actual, long nowNs) {
        return new RedisRequest(Operation.SETTLE, 0, reserved, nowNs, 0, reservedNs, actual, false);
    }

    /** {@link Limiter#release}. */
    public static RedisRequest release(long lease, long nowNs) {
        return new RedisRequest(Operation.RELEASE, 0, 0, nowNs, lease, 0, 0, false);
    }

    /** {@link Limiter#reset(Key, long)}. */
    public static RedisRequest reset(long nowNs) {
        return new RedisRequest(Operation.RESET, 0, 0, nowNs, 0, 0, 0, false);
    }

    private static RedisRequest check(CheckOptions options, int flags, long lease) {
        return new RedisRequest(
                Operation.CHECK, flags, options.cost, options.nowNs, lease, 0, 0, options.details);
    }

    /** The operation, whose script {@link Limiter#script} gives. */
    public Operation operation() {
        return operation;
    }

    /** Writes the request of C from byte 0 on. */
    void put(ByteBuffer memory) {
        memory.putInt(Abi.REQUEST_OPERATION, operation.ordinal())
                .putInt(Abi.REQUEST_FLAGS, flags)
                .putLong(Abi.REQUEST_COST, cost)
                .putLong(Abi.REQUEST_NOW_NS, nowNs)
                .putLong(Abi.REQUEST_LEASE, lease)
                .putLong(Abi.REQUEST_RESERVED_NS, reservedNs)
                .putLong(Abi.REQUEST_ACTUAL, actual);
    }
}
