package io.gwplugins;

/** The functions of limiters, as {@link Backend} has those of guards; a library before ABI 1.1 has none. */
interface LimiterCalls {
    int gwp_limiter_schema(long schema, long len, long err);

    int gwp_limiter_new(long config, long configLen, long out, long err);

    void gwp_limiter_free(long limiter);

    int gwp_limiter_describe(long limiter, long json, long len, long err);

    int gwp_limiter_key_count(long limiter, long count, long err);

    int gwp_limiter_check(
            long limiter, long values, long valuesLen, long offsets, long count, long cost, long nowNs, int flags,
            long decision, long details, long detailsRoom, long err);

    int gwp_limiter_check_many(
            long limiter, long values, long valuesLen, long offsets, long count, long requests, long costs, long nowNs,
            int flags, long decisions, long err);

    int gwp_limiter_settle(
            long limiter, long values, long valuesLen, long offsets, long count, long reserved, long reservedNs,
            long actual, long nowNs, long decision, long err);

    int gwp_limiter_acquire(
            long limiter, long values, long valuesLen, long offsets, long count, long cost, long nowNs, int flags,
            long lease, long decision, long err);

    int gwp_limiter_release(
            long limiter, long values, long valuesLen, long offsets, long count, long lease, long nowNs, long released,
            long err);

    int gwp_limiter_reset(
            long limiter, long values, long valuesLen, long offsets, long count, long nowNs, long removed, long err);

    int gwp_limiter_export(long limiter, long nowNs, long result, long err);

    int gwp_limiter_import(long limiter, long data, long len, long nowNs, long imported, long err);

    int gwp_limiter_command(
            long limiter, long values, long valuesLen, long offsets, long count, long request, long result, long err);

    int gwp_limiter_script(long limiter, int operation, long text, long len, long err);

    int gwp_limiter_read_reply(
            long limiter, long values, long valuesLen, long offsets, long count, long request, long reply,
            long replyCount, long decision, long details, long detailsRoom, long err);
}
