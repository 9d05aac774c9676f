package io.gwplugins;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Limiters through java.lang.foreign, apart from {@link FfmBackend}: a library may lack them. */
final class FfmLimiterCalls implements LimiterCalls {
    private static final ValueLayout.OfInt I = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong L = ValueLayout.JAVA_LONG;

    private static final MethodHandle SCHEMA =
            FfmBackend.function("gwp_limiter_schema", FunctionDescriptor.of(I, L, L, L));
    private static final MethodHandle NEW =
            FfmBackend.function("gwp_limiter_new", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle FREE = FfmBackend.function("gwp_limiter_free", FunctionDescriptor.ofVoid(L));
    private static final MethodHandle DESCRIBE =
            FfmBackend.function("gwp_limiter_describe", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle KEY_COUNT =
            FfmBackend.function("gwp_limiter_key_count", FunctionDescriptor.of(I, L, L, L));
    private static final MethodHandle CHECK =
            FfmBackend.function("gwp_limiter_check", FunctionDescriptor.of(I, L, L, L, L, L, L, L, I, L, L, L, L));
    private static final MethodHandle CHECK_MANY =
            FfmBackend.function("gwp_limiter_check_many", FunctionDescriptor.of(I, L, L, L, L, L, L, L, L, I, L, L));
    private static final MethodHandle SETTLE =
            FfmBackend.function("gwp_limiter_settle", FunctionDescriptor.of(I, L, L, L, L, L, L, L, L, L, L, L));
    private static final MethodHandle ACQUIRE =
            FfmBackend.function("gwp_limiter_acquire", FunctionDescriptor.of(I, L, L, L, L, L, L, L, I, L, L, L));
    private static final MethodHandle RELEASE =
            FfmBackend.function("gwp_limiter_release", FunctionDescriptor.of(I, L, L, L, L, L, L, L, L, L));
    private static final MethodHandle RESET =
            FfmBackend.function("gwp_limiter_reset", FunctionDescriptor.of(I, L, L, L, L, L, L, L, L));
    private static final MethodHandle EXPORT =
            FfmBackend.function("gwp_limiter_export", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle IMPORT =
            FfmBackend.function("gwp_limiter_import", FunctionDescriptor.of(I, L, L, L, L, L, L));
    private static final MethodHandle COMMAND =
            FfmBackend.function("gwp_limiter_command", FunctionDescriptor.of(I, L, L, L, L, L, L, L, L));
    private static final MethodHandle SCRIPT =
            FfmBackend.function("gwp_limiter_script", FunctionDescriptor.of(I, L, I, L, L, L));
    private static final MethodHandle READ_REPLY =
            FfmBackend.function("gwp_limiter_read_reply", FunctionDescriptor.of(I, L, L, L, L, L, L, L, L, L, L, L, L));

    @Override
    public int gwp_limiter_schema(long schema, long len, long err) {
        try {
            return (int) SCHEMA.invokeExact(schema, len, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_new(long config, long configLen, long out, long err) {
        try {
            return (int) NEW.invokeExact(config, configLen, out, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public void gwp_limiter_free(long limiter) {
        try {
            FREE.invokeExact(limiter);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_describe(long limiter, long json, long len, long err) {
        try {
            return (int) DESCRIBE.invokeExact(limiter, json, len, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_key_count(long limiter, long count, long err) {
        try {
            return (int) KEY_COUNT.invokeExact(limiter, count, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_check(
            long limiter, long values, long valuesLen, long offsets, long count, long cost, long nowNs, int flags,
            long decision, long details, long detailsRoom, long err) {
        try {
            return (int) CHECK.invokeExact(
                    limiter, values, valuesLen, offsets, count, cost, nowNs, flags, decision, details, detailsRoom,
                    err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_check_many(
            long limiter, long values, long valuesLen, long offsets, long count, long requests, long costs, long nowNs,
            int flags, long decisions, long err) {
        try {
            return (int) CHECK_MANY.invokeExact(
                    limiter, values, valuesLen, offsets, count, requests, costs, nowNs, flags, decisions, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_settle(
            long limiter, long values, long valuesLen, long offsets, long count, long reserved, long reservedNs,
            long actual, long nowNs, long decision, long err) {
        try {
            return (int) SETTLE.invokeExact(
                    limiter, values, valuesLen, offsets, count, reserved, reservedNs, actual, nowNs, decision, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_acquire(
            long limiter, long values, long valuesLen, long offsets, long count, long cost, long nowNs, int flags,
            long lease, long decision, long err) {
        try {
            return (int) ACQUIRE.invokeExact(
                    limiter, values, valuesLen, offsets, count, cost, nowNs, flags, lease, decision, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_release(
            long limiter, long values, long valuesLen, long offsets, long count, long lease, long nowNs, long released,
            long err) {
        try {
            return (int) RELEASE.invokeExact(limiter, values, valuesLen, offsets, count, lease, nowNs, released, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_reset(
            long limiter, long values, long valuesLen, long offsets, long count, long nowNs, long removed, long err) {
        try {
            return (int) RESET.invokeExact(limiter, values, valuesLen, offsets, count, nowNs, removed, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_export(long limiter, long nowNs, long result, long err) {
        try {
            return (int) EXPORT.invokeExact(limiter, nowNs, result, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_import(long limiter, long data, long len, long nowNs, long imported, long err) {
        try {
            return (int) IMPORT.invokeExact(limiter, data, len, nowNs, imported, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_command(
            long limiter, long values, long valuesLen, long offsets, long count, long request, long result, long err) {
        try {
            return (int) COMMAND.invokeExact(limiter, values, valuesLen, offsets, count, request, result, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_script(long limiter, int operation, long text, long len, long err) {
        try {
            return (int) SCRIPT.invokeExact(limiter, operation, text, len, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }

    @Override
    public int gwp_limiter_read_reply(
            long limiter, long values, long valuesLen, long offsets, long count, long request, long reply,
            long replyCount, long decision, long details, long detailsRoom, long err) {
        try {
            return (int) READ_REPLY.invokeExact(
                    limiter, values, valuesLen, offsets, count, request, reply, replyCount, decision, details,
                    detailsRoom, err);
        } catch (Throwable e) {
            throw FfmBackend.unexpected(e);
        }
    }
}
