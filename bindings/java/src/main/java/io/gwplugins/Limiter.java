package io.gwplugins;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * A rate limiter with the counts of all its keys. Make it once: any number of threads may use it at the same time, and
 * together they get no more than the quota.
 *
 * <p>Times are nanoseconds of a clock that is always the same one; 0 asks for the library's own, which never steps
 * back.
 *
 * <p>A call that throws has not allowed the request. All methods throw {@link GwpluginsException} for what the library
 * reports, such as a cost above 2^50 (8) or a value that is too long (40); {@link IllegalStateException} after
 * {@link #close()}; and {@link NullPointerException} for null. No message holds a value of a key.
 */
public final class Limiter implements AutoCloseable {
    private final Library library = Library.get();
    private final LimiterCalls calls = library.limiters();
    private final Handle handle;
    private final List<String> dimensions;
    /** Windows that one request can have at most. */
    private final int mostWindows;

    private Limiter(String config) {
        handle = new Handle(this, "limiter", make(config), calls::gwp_limiter_free);
        Map<?, ?> described = Json.members(describe());
        dimensions = Json.names(described, "dimensions");
        mostWindows = Integer.parseInt((String) described.get("most_windows"));
    }

    /**
     * A limiter without any counts.
     *
     * @param config one JSON object by {@link #schema()}, such as <code>{"by_user": "10/s"}</code>
     * @throws GwpluginsException 20 to 39: the configuration is refused; {@link GwpluginsException#path()} names the
     *     value; 6 ({@code GWP_E_UNSUPPORTED}): the library was built without limiters
     * @throws LibraryException the library is not there, or not the right one, or too old for limiters
     */
    public static Limiter of(String config) {
        return new Limiter(Objects.requireNonNull(config, "config"));
    }

    /**
     * The JSON Schema of a configuration.
     *
     * @throws GwpluginsException 6 ({@code GWP_E_UNSUPPORTED}): the library was built without limiters
     */
    public static String schema() {
        Library library = Library.get();
        LimiterCalls calls = library.limiters();
        return library.text(cells -> calls.gwp_limiter_schema(cells.pointerAt, cells.countAt, cells.errorAt));
    }

    /** Names of the dimensions, in the order in which a {@link Key} has their values. */
    public List<String> dimensions() {
        return dimensions;
    }

    /** What the limiter says about itself: one JSON object with version, dimensions and their windows. */
    public String describe() {
        return held(limiter -> library.text(
                cells -> calls.gwp_limiter_describe(limiter, cells.pointerAt, cells.countAt, cells.errorAt)));
    }

    /** {@link #check(Key, CheckOptions)} of one value for each dimension, with all defaults. */
    public Decision check(String... values) {
        return check(Key.of(values), CheckOptions.DEFAULT);
    }

    /** {@link #check(Key, CheckOptions)} with all defaults. */
    public Decision check(Key key) {
        return check(key, CheckOptions.DEFAULT);
    }

    /**
     * Decides about a request, and takes its cost from all windows of all its keys, or from none.
     *
     * @throws GwpluginsException 8 ({@code GWP_E_OUT_OF_RANGE}): another number of values than dimensions, a cost above
     *     2^50, or a time that is out of range; 40 ({@code GWP_E_TOO_LARGE}): a value is too long
     */
    public Decision check(Key key, CheckOptions options) {
        return decide(key, options, false);
    }

    /** {@link #peek(Key, CheckOptions)} with all defaults. */
    public Decision peek(Key key) {
        return peek(key, CheckOptions.DEFAULT);
    }

    /** What {@link #check(Key, CheckOptions)} would say; nothing is taken, and what is left is told as it is. */
    public Decision peek(Key key, CheckOptions options) {
        return decide(key, options, true);
    }

    /** {@link #checkMany(List, long[], CheckOptions)} with all defaults; each costs 1. */
    public List<Decision> checkMany(List<Key> keys) {
        return checkMany(keys, null, CheckOptions.DEFAULT);
    }

    /**
     * One check after the other, in few calls of the library. What they took stays when a later one throws.
     *
     * @param costs one for each key; null: each has that of the options
     * @param options details are not told
     * @throws IllegalArgumentException not as many costs as keys; nothing was taken
     */
    public List<Decision> checkMany(List<Key> keys, long[] costs, CheckOptions options) {
        List<Key> all = List.copyOf(keys);
        if (costs != null && costs.length != all.size()) {
            throw new IllegalArgumentException(costs.length + " costs for " + all.size() + " keys");
        }
        for (Key key : all) requireSize(key);
        List<Decision> decisions = new ArrayList<>(all.size());
        int most = Workspace.BATCH_ITEMS / Math.max(1, dimensions.size());
        for (int from = 0, to; from < all.size(); from = to) {
            to = Math.min(from + most, all.size());
            decisions.addAll(batch(all, from, to, costs, options));
        }
        return decisions;
    }

    /** {@link #check(Key, CheckOptions)} of an estimate, which {@link Reservation#settle(long)} corrects. */
    public Reservation reserve(Key key, CheckOptions options) {
        return new Reservation(this, key, options.cost, check(key, options));
    }

    /**
     * Corrects the cost of a granted check, once; perhaps one of another process.
     *
     * @param reserved the cost of the check
     * @param reservedNs {@code nowNs} of its decision
     * @param actual what it should have been. More is taken even beyond the limit, up to twice the limit; less comes
     *     back as far as the windows still hold it
     * @return what is left; not allowed while a window is beyond its limit
     */
    public Decision settle(Key key, long reserved, long reservedNs, long actual, long nowNs) {
        return keyed(
                key,
                (limiter, space) -> {
                    space.records(Abi.DECISION_BYTES);
                    return calls.gwp_limiter_settle(
                            limiter, space.textAt, space.textBytes, space.offsetsAt(), key.size(), reserved, reservedNs,
                            actual, nowNs, space.recordsAt(), space.cells.errorAt);
                },
                space -> decision(space, 0));
    }

    /** {@link #acquire(Key, CheckOptions)} with all defaults. */
    public Lease acquire(Key key) {
        return acquire(key, CheckOptions.DEFAULT);
    }

    /** A check that counts concurrency limits, too, and takes a lease of each. Details are not told. */
    public Lease acquire(Key key, CheckOptions options) {
        return keyed(
                key,
                (limiter, space) -> {
                    space.records(Abi.DECISION_BYTES);
                    return calls.gwp_limiter_acquire(
                            limiter, space.textAt, space.textBytes, space.offsetsAt(), key.size(), options.cost,
                            options.nowNs, options.flags(false), space.cells.countAt, space.recordsAt(),
                            space.cells.errorAt);
                },
                space -> new Lease(this, key, space.cells.count(), decision(space, 0)));
    }

    /**
     * Ends a lease of this key, by its number.
     *
     * @return whether it was there and had not run out
     */
    public boolean release(Key key, long lease, long nowNs) {
        return keyed(
                key,
                (limiter, space) -> calls.gwp_limiter_release(
                        limiter, space.textAt, space.textBytes, space.offsetsAt(), key.size(), lease, nowNs,
                        space.cells.countAt, space.cells.errorAt),
                space -> space.cells.smallCount() == 1);
    }

    /** {@link #reset(Key, long)} now by the library's clock. */
    public long reset(Key key) {
        return reset(key, 0);
    }

    /** Forgets the keys of all values that are not empty; how many of them had counts. */
    public long reset(Key key, long nowNs) {
        return keyed(
                key,
                (limiter, space) -> calls.gwp_limiter_reset(
                        limiter, space.textAt, space.textBytes, space.offsetsAt(), key.size(), nowNs,
                        space.cells.countAt, space.cells.errorAt),
                space -> space.cells.count());
    }

    /** Number of keys whose counts are held. */
    public long keyCount() {
        return used(
                (limiter, space) ->
                        calls.gwp_limiter_key_count(limiter, space.cells.countAt, space.cells.errorAt),
                space -> space.cells.count());
    }

    /** All counts, for {@link #importState} of a limiter with the same dimensions and windows. They hold the values. */
    public byte[] exportState(long nowNs) {
        return used(
                (limiter, space) ->
                        calls.gwp_limiter_export(limiter, nowNs, space.result, space.cells.errorAt),
                space -> space.output(Texts.BYTES));
    }

    /**
     * Adds the counts of an export; a key that is there is replaced.
     *
     * @param nowNs a time of the clock that the counts were made by; 0 for the library's own: then all times move by
     *     what has passed since, so that nothing has run out meanwhile
     * @return how many keys came
     * @throws GwpluginsException 11 ({@code GWP_E_BAD_STATE}): it is damaged, or of a limiter with other dimensions or
     *     windows; nothing was added
     */
    public long importState(byte[] state, long nowNs) {
        Objects.requireNonNull(state, "state");
        return used(
                (limiter, space) -> {
                    Texts.BYTES.put(state, space);
                    return calls.gwp_limiter_import(
                            limiter, space.textAt, space.textBytes, nowNs, space.cells.countAt, space.cells.errorAt);
                },
                space -> space.cells.count());
    }

    /** The Lua script of an operation, for limiters that count in Redis. */
    public String script(RedisRequest.Operation operation) {
        int number = operation.ordinal();
        return held(limiter -> library.text(
                cells -> calls.gwp_limiter_script(limiter, number, cells.pointerAt, cells.countAt, cells.errorAt)));
    }

    /** What to send to Redis, by any client; the reply, numbers only, is for {@link #readReply}. */
    public RedisCommand command(Key key, RedisRequest request) {
        Objects.requireNonNull(request, "request");
        return keyed(
                key,
                (limiter, space) -> {
                    request.put(space.records(Abi.REQUEST_BYTES));
                    return calls.gwp_limiter_command(
                            limiter, space.textAt, space.textBytes, space.offsetsAt(), key.size(), space.recordsAt(),
                            space.result, space.cells.errorAt);
                },
                space -> {
                    List<byte[]> sha = space.parts(Abi.PART_SHA);
                    String name = sha.isEmpty() ? "" : new String(sha.get(0), StandardCharsets.US_ASCII);
                    return new RedisCommand(name, space.parts(Abi.PART_KEY), space.parts(Abi.PART_ARGUMENT));
                });
    }

    /**
     * Decides by the reply to a check, an acquire or a settlement.
     *
     * @param key that of the command
     * @param request that of the command
     * @param reply the numbers that came back; none when nothing was sent
     * @throws GwpluginsException 8 ({@code GWP_E_OUT_OF_RANGE}): a reply of another length; 6
     *     ({@code GWP_E_UNSUPPORTED}): the reply to a release or a reset, which is no decision
     */
    public Decision readReply(Key key, RedisRequest request, long... reply) {
        int room = request.details ? mostWindows : 0;
        int decisionAt = Abi.REQUEST_BYTES;
        int replyAt = decisionAt + (1 + room) * Abi.DECISION_BYTES;
        return keyed(
                key,
                (limiter, space) -> {
                    ByteBuffer memory = space.records(replyAt + reply.length * Long.BYTES);
                    request.put(memory);
                    clear(memory, decisionAt, replyAt);
                    for (int at = 0; at < reply.length; at++) memory.putLong(replyAt + at * Long.BYTES, reply[at]);
                    long records = space.recordsAt();
                    return calls.gwp_limiter_read_reply(
                            limiter, space.textAt, space.textBytes, space.offsetsAt(), key.size(), records,
                            records + replyAt, reply.length, records + decisionAt,
                            records + decisionAt + Abi.DECISION_BYTES, room, space.cells.errorAt);
                },
                space -> Decision.of(space.records(replyAt), decisionAt, dimensions, room));
    }

    /**
     * Frees the limiter and its counts, when the last call that uses it is done. May be called again. One that is not
     * closed is freed some time after it became unreachable.
     */
    @Override
    public void close() {
        handle.close();
    }

    /** A call of the library with the limiter and a workspace. */
    private interface Call {
        int with(long limiter, Workspace space);
    }

    private interface Held<T> {
        T with(long limiter);
    }

    private long make(String config) {
        Workspace space = Workspace.take();
        try {
            Texts.STRING.put(config, space);
            return library.make(out ->
                    calls.gwp_limiter_new(space.textAt, space.textBytes, out.pointerAt, out.errorAt));
        } finally {
            space.giveBack();
        }
    }

    private Decision decide(Key key, CheckOptions options, boolean peek) {
        int room = options.details ? mostWindows : 0;
        int bytes = (1 + room) * Abi.DECISION_BYTES;
        return keyed(
                key,
                (limiter, space) -> {
                    clear(space.records(bytes), 0, bytes);
                    return calls.gwp_limiter_check(
                            limiter, space.textAt, space.textBytes, space.offsetsAt(), key.size(), options.cost,
                            options.nowNs, options.flags(peek), space.recordsAt(),
                            space.recordsAt() + Abi.DECISION_BYTES, room, space.cells.errorAt);
                },
                space -> decision(space, room));
    }

    /** The decisions about as many requests as the library gets at once. */
    private List<Decision> batch(List<Key> keys, int from, int to, long[] costs, CheckOptions options) {
        int costsAt = (to - from) * Abi.DECISION_BYTES;
        int bytes = costsAt + (to - from) * Long.BYTES;
        return used(
                (limiter, space) -> {
                    space.beginItems();
                    ByteBuffer memory = space.records(bytes);
                    for (int at = from; at < to; at++) {
                        keys.get(at).append(space, (at - from) * dimensions.size());
                        memory.putLong(costsAt + (at - from) * Long.BYTES, costs == null ? options.cost : costs[at]);
                    }
                    space.useScratch();
                    return calls.gwp_limiter_check_many(
                            limiter, space.textAt, space.textBytes, space.offsetsAt(),
                            (long) (to - from) * dimensions.size(), to - from, space.recordsAt() + costsAt,
                            options.nowNs, options.flags(false), space.recordsAt(), space.cells.errorAt);
                },
                space -> {
                    List<Decision> decisions = new ArrayList<>(to - from);
                    ByteBuffer rows = space.records(bytes);
                    for (int at = 0; at < costsAt; at += Abi.DECISION_BYTES) {
                        decisions.add(Decision.of(rows, at, dimensions, 0));
                    }
                    return decisions;
                });
    }

    private Decision decision(Workspace space, int room) {
        return Decision.of(space.records(0), 0, dimensions, room);
    }

    private static void clear(ByteBuffer memory, int from, int to) {
        for (int at = from; at < to; at += Long.BYTES) memory.putLong(at, 0);
    }

    private void requireSize(Key key) {
        if (key.size() == dimensions.size()) return;
        String message = "the key has %d values; the limiter has %d dimensions".formatted(
                key.size(), dimensions.size());
        throw new GwpluginsException(Abi.E_OUT_OF_RANGE, "GWP_E_OUT_OF_RANGE", message, null);
    }

    /** {@link #used} with the values of a key as the text of the call. */
    private <T> T keyed(Key key, Call call, Function<Workspace, T> read) {
        requireSize(key);
        return used(
                (limiter, space) -> {
                    space.beginItems();
                    key.append(space, 0);
                    space.useScratch();
                    return call.with(limiter, space);
                },
                read);
    }

    private <T> T used(Call call, Function<Workspace, T> read) {
        return held(limiter -> {
            Workspace space = Workspace.take();
            try {
                space.check(call.with(limiter, space));
                return read.apply(space);
            } finally {
                space.giveBack();
            }
        });
    }

    private <T> T held(Held<T> call) {
        long limiter = handle.hold();
        try {
            return call.with(limiter);
        } finally {
            handle.release();
        }
    }

    /** Without the configuration, which may hold values. */
    @Override
    public String toString() {
        return "Limiter" + dimensions;
    }
}
