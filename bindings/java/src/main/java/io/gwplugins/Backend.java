package io.gwplugins;

import java.nio.Buffer;
import java.nio.ByteBuffer;

/**
 * The functions of the library, under their names in gwplugins.h, and its memory. Every pointer and {@code size_t} is a
 * {@code long}. There is one implementation for java.lang.foreign and one for JNA.
 */
interface Backend {
    /** {@code ffm} or {@code jna}. */
    String name();

    /** The memory of the library at an address, in the byte order of the machine; valid as long as the library says. */
    ByteBuffer view(long address, int bytes);

    /** The address of a direct buffer whose position is 0, and which the caller keeps reachable. */
    long addressOf(Buffer direct);

    /** The text, ending in NUL, at an address. */
    String cString(long address);

    int gwp_abi_version();

    long gwp_version();

    long gwp_status_name(int status);

    int gwp_error_message(long error, long message, long len);

    int gwp_error_path(long error, long path, long len);

    void gwp_error_free(long error);

    long gwp_kind_count();

    int gwp_kind_name(long index, long name, long len, long err);

    int gwp_kind_schema(long index, long schema, long len, long err);

    int gwp_kind_caps(long index, long caps, long err);

    int gwp_result_new(long out, long err);

    int gwp_result_findings(long result, long findings, long count, long err);

    int gwp_result_items(long result, long items, long count, long err);

    int gwp_result_output(long result, long output, long len, long err);

    int gwp_result_detail(long result, int detail, long json, long len, long err);

    void gwp_result_free(long result);

    int gwp_guard_new(long kind, long kindLen, long config, long configLen, long out, long err);

    void gwp_guard_free(long guard);

    int gwp_guard_describe(long guard, long json, long len, long err);

    int gwp_guard_scan(long guard, long text, long len, int flags, long result, long err);

    int gwp_guard_scan_batch(
            long guard, long text, long len, long offsets, long count, int flags, long result, long err);

    int gwp_stream_new(long guard, int flags, long out, long err);

    int gwp_stream_push(long stream, long chunk, long len, long result, long err);

    int gwp_stream_finish(long stream, long result, long err);

    void gwp_stream_free(long stream);
}
