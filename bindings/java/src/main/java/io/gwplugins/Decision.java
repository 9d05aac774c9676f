package io.gwplugins;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a limiter says about a request, or about one window. Of several windows it tells about the one that matters: of
 * refusals the longest wait, else what leaves least.
 *
 * @param allowed the request may go on; if not, nothing was taken anywhere
 * @param dimension name of the dimension; null when no window applies
 * @param window which window of the key, from 0; -1 when no window applies, or a block list refused
 * @param limit most that can be had at once; {@link #UNLIMITED} when no window applies
 * @param remaining what is left, after this request; {@link #UNLIMITED} when no window applies
 * @param resetNs nanoseconds until everything can be had again, if nothing comes
 * @param retryAfterNs nanoseconds until the same request would be allowed, if nothing comes; 0 when it is; or
 *     {@link #NEVER}
 * @param wouldRefuse a dry run let pass what would be refused; nothing was taken
 * @param blocked a block list refused
 * @param nowNs when it was decided, on the clock of the request; a whole microsecond
 * @param details what every window says, if it was asked for
 */
public record Decision(
        boolean allowed, String dimension, int window, long limit, long remaining, long resetNs, long retryAfterNs,
        boolean wouldRefuse, boolean blocked, long nowNs, List<Decision> details) {
    /** No window sets a limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;
    /** No wait helps. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Reads the decision at a place, and the details behind it, as far as they were written. */
    static Decision of(ByteBuffer rows, int at, List<String> dimensions, int details) {
        List<Decision> windows = new ArrayList<>(details);
        for (int row = 1; row <= details; row++) {
            int place = at + row * Abi.DECISION_BYTES;
            boolean written = rows.getLong(place + Abi.DECISION_LIMIT) != 0;
            if (written) windows.add(of(rows, place, dimensions, 0));
        }
        int flags = rows.getInt(at + Abi.DECISION_FLAGS);
        int dimension = rows.getInt(at + Abi.DECISION_DIMENSION);
        return new Decision(
                rows.getInt(at + Abi.DECISION_ALLOWED) == 1,
                dimension < 0 ? null : dimensions.get(dimension),
                rows.getInt(at + Abi.DECISION_WINDOW),
                number(rows, at + Abi.DECISION_LIMIT),
                number(rows, at + Abi.DECISION_REMAINING),
                number(rows, at + Abi.DECISION_RESET_NS),
                number(rows, at + Abi.DECISION_RETRY_AFTER_NS),
                (flags & Abi.DECISION_WOULD_REFUSE) != 0,
                (flags & Abi.DECISION_BLOCKED) != 0,
                number(rows, at + Abi.DECISION_NOW_NS),
                List.copyOf(windows));
    }

    /** A number of 64 bits without sign; the largest one, which stands for no number, becomes Java's largest. */
    private static long number(ByteBuffer rows, int at) {
        long bits = rows.getLong(at);
        return bits < 0 ? Long.MAX_VALUE : bits;
    }
}
