package io.gwplugins;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The library through java.lang.foreign. Pointers are passed as numbers: the platforms of the linker have 64-bit ones,
 * which travel as a {@code long} does. The handles are static and final, so that the JIT compiler sees through them.
 */
final class FfmBackend implements Backend {
    /** Where the functions are; set before this class is initialized. */
    static final class Symbols {
        static SymbolLookup lookup;

        private Symbols() {}
    }

    private static final ValueLayout.OfInt I = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong L = ValueLayout.JAVA_LONG;

    private static final MethodHandle ABI_VERSION = brief("gwp_abi_version", FunctionDescriptor.of(I));
    private static final MethodHandle VERSION = brief("gwp_version", FunctionDescriptor.of(L));
    private static final MethodHandle STATUS_NAME = brief("gwp_status_name", FunctionDescriptor.of(L, I));
    private static final MethodHandle ERROR_MESSAGE = function("gwp_error_message", FunctionDescriptor.of(I, L, L, L));
    private static final MethodHandle ERROR_PATH = function("gwp_error_path", FunctionDescriptor.of(I, L, L, L));
    private static final MethodHandle ERROR_FREE = function("gwp_error_free", FunctionDescriptor.ofVoid(L));
    private static final MethodHandle KIND_COUNT = brief("gwp_kind_count", FunctionDescriptor.of(L));
    private static final MethodHandle KIND_NAME = function("gwp_kind_name", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle KIND_SCHEMA = function("gwp_kind_schema", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle KIND_CAPS = function("gwp_kind_caps", FunctionDescriptor.of(I, L, L, L));
    private static final MethodHandle RESULT_NEW = function("gwp_result_new", FunctionDescriptor.of(I, L, L));
    private static final MethodHandle RESULT_FINDINGS =
            brief("gwp_result_findings", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle RESULT_ITEMS = brief("gwp_result_items", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle RESULT_OUTPUT = brief("gwp_result_output", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle RESULT_DETAIL =
            brief("gwp_result_detail", FunctionDescriptor.of(I, L, I, L, L, L));
    private static final MethodHandle RESULT_FREE = function("gwp_result_free", FunctionDescriptor.ofVoid(L));
    private static final MethodHandle GUARD_NEW = function("gwp_guard_new", FunctionDescriptor.of(I, L, L, L, L, L, L));
    private static final MethodHandle GUARD_FREE = function("gwp_guard_free", FunctionDescriptor.ofVoid(L));
    private static final MethodHandle GUARD_DESCRIBE =
            function("gwp_guard_describe", FunctionDescriptor.of(I, L, L, L, L));
    private static final MethodHandle GUARD_SCAN =
            function("gwp_guard_scan", FunctionDescriptor.of(I, L, L, L, I, L, L));
    private static final MethodHandle GUARD_SCAN_BATCH =
            function("gwp_guard_scan_batch", FunctionDescriptor.of(I, L, L, L, L, L, I, L, L));
    private static final MethodHandle STREAM_NEW = function("gwp_stream_new", FunctionDescriptor.of(I, L, I, L, L));
    private static final MethodHandle STREAM_PUSH =
            function("gwp_stream_push", FunctionDescriptor.of(I, L, L, L, L, L));
    private static final MethodHandle STREAM_FINISH = function("gwp_stream_finish", FunctionDescriptor.of(I, L, L, L));
    private static final MethodHandle STREAM_FREE = function("gwp_stream_free", FunctionDescriptor.ofVoid(L));

    @Override
    public String name() {
        return "ffm";
    }

    @Override
    public ByteBuffer view(long address, int bytes) {
        return at(address, bytes).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    @Override
    public long addressOf(Buffer direct) {
        return MemorySegment.ofBuffer(direct).address();
    }

    @Override
    public String cString(long address) {
        return at(address, Long.MAX_VALUE).getString(0);
    }

    @Override
    public int gwp_abi_version() {
        try {
            return (int) ABI_VERSION.invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public long gwp_version() {
        try {
            return (long) VERSION.invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public long gwp_status_name(int status) {
        try {
            return (long) STATUS_NAME.invokeExact(status);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_error_message(long error, long message, long len) {
        try {
            return (int) ERROR_MESSAGE.invokeExact(error, message, len);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_error_path(long error, long path, long len) {
        try {
            return (int) ERROR_PATH.invokeExact(error, path, len);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public void gwp_error_free(long error) {
        try {
            ERROR_FREE.invokeExact(error);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public long gwp_kind_count() {
        try {
            return (long) KIND_COUNT.invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_kind_name(long index, long name, long len, long err) {
        try {
            return (int) KIND_NAME.invokeExact(index, name, len, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_kind_schema(long index, long schema, long len, long err) {
        try {
            return (int) KIND_SCHEMA.invokeExact(index, schema, len, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_kind_caps(long index, long caps, long err) {
        try {
            return (int) KIND_CAPS.invokeExact(index, caps, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_result_new(long out, long err) {
        try {
            return (int) RESULT_NEW.invokeExact(out, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_result_findings(long result, long findings, long count, long err) {
        try {
            return (int) RESULT_FINDINGS.invokeExact(result, findings, count, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_result_items(long result, long items, long count, long err) {
        try {
            return (int) RESULT_ITEMS.invokeExact(result, items, count, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_result_output(long result, long output, long len, long err) {
        try {
            return (int) RESULT_OUTPUT.invokeExact(result, output, len, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_result_detail(long result, int detail, long json, long len, long err) {
        try {
            return (int) RESULT_DETAIL.invokeExact(result, detail, json, len, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public void gwp_result_free(long result) {
        try {
            RESULT_FREE.invokeExact(result);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_guard_new(long kind, long kindLen, long config, long configLen, long out, long err) {
        try {
            return (int) GUARD_NEW.invokeExact(kind, kindLen, config, configLen, out, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public void gwp_guard_free(long guard) {
        try {
            GUARD_FREE.invokeExact(guard);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_guard_describe(long guard, long json, long len, long err) {
        try {
            return (int) GUARD_DESCRIBE.invokeExact(guard, json, len, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_guard_scan(long guard, long text, long len, int flags, long result, long err) {
        try {
            return (int) GUARD_SCAN.invokeExact(guard, text, len, flags, result, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_guard_scan_batch(
            long guard, long text, long len, long offsets, long count, int flags, long result, long err) {
        try {
            return (int) GUARD_SCAN_BATCH.invokeExact(guard, text, len, offsets, count, flags, result, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_stream_new(long guard, int flags, long out, long err) {
        try {
            return (int) STREAM_NEW.invokeExact(guard, flags, out, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_stream_push(long stream, long chunk, long len, long result, long err) {
        try {
            return (int) STREAM_PUSH.invokeExact(stream, chunk, len, result, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int gwp_stream_finish(long stream, long result, long err) {
        try {
            return (int) STREAM_FINISH.invokeExact(stream, result, err);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public void gwp_stream_free(long stream) {
        try {
            STREAM_FREE.invokeExact(stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static MemorySegment at(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(Symbols.lookup.find(name).orElseThrow(), type, options);
    }

    /** A function that only tells what is known: the JVM need not be ready for it to take long. */
    private static MethodHandle brief(String name, FunctionDescriptor type) {
        return function(name, type, Linker.Option.critical(false));
    }

    /** No function of the library throws; what the JVM throws around it, such as StackOverflowError, passes. */
    static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof Error error) throw error;
        return thrown instanceof RuntimeException known ? known : new IllegalStateException(thrown);
    }
}
