package io.gwplugins;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The library through JNA's direct mapping: it gives the native methods their code. */
final class JnaBackend implements Backend {
    /** Held, because JNA closes a library that nobody holds. */
    private final NativeLibrary library;

    JnaBackend(NativeLibrary library) {
        this.library = library;
        Native.register(JnaBackend.class, library);
    }

    @Override
    public String name() {
        return "jna";
    }

    @Override
    public ByteBuffer view(long address, int bytes) {
        return new Pointer(address).getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public long addressOf(Buffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }

    @Override
    public String cString(long address) {
        return new Pointer(address).getString(0, "UTF-8");
    }

    @Override
    public native int gwp_abi_version();

    @Override
    public native long gwp_version();

    @Override
    public native long gwp_status_name(int status);

    @Override
    public native int gwp_error_message(long error, long message, long len);

    @Override
    public native int gwp_error_path(long error, long path, long len);

    @Override
    public native void gwp_error_free(long error);

    @Override
    public native long gwp_kind_count();

    @Override
    public native int gwp_kind_name(long index, long name, long len, long err);

    @Override
    public native int gwp_kind_schema(long index, long schema, long len, long err);

    @Override
    public native int gwp_kind_caps(long index, long caps, long err);

    @Override
    public native int gwp_result_new(long out, long err);

    @Override
    public native int gwp_result_findings(long result, long findings, long count, long err);

    @Override
    public native int gwp_result_items(long result, long items, long count, long err);

    @Override
    public native int gwp_result_output(long result, long output, long len, long err);

    @Override
    public native int gwp_result_detail(long result, int detail, long json, long len, long err);

    @Override
    public native void gwp_result_free(long result);

    @Override
    public native int gwp_guard_new(long kind, long kindLen, long config, long configLen, long out, long err);

    @Override
    public native void gwp_guard_free(long guard);

    @Override
    public native int gwp_guard_describe(long guard, long json, long len, long err);

    @Override
    public native int gwp_guard_scan(long guard, long text, long len, int flags, long result, long err);

    @Override
    public native int gwp_guard_scan_batch(
            long guard, long text, long len, long offsets, long count, int flags, long result, long err);

    @Override
    public native int gwp_stream_new(long guard, int flags, long out, long err);

    @Override
    public native int gwp_stream_push(long stream, long chunk, long len, long result, long err);

    @Override
    public native int gwp_stream_finish(long stream, long result, long err);

    @Override
    public native void gwp_stream_free(long stream);
}
