/* See calls.h. Tests: all of this package's. */
#include "calls.h"

#include <stdlib.h>

gwgo_call *gwgo_call_new(void) {
    gwgo_call *call = calloc(1, sizeof *call);
    if (call != NULL && gwp_result_new(&call->result, NULL) != GWP_OK) {
        free(call);
        return NULL;
    }
    return call;
}

void gwgo_call_free(gwgo_call *call) {
    gwp_error_free(call->error);
    gwp_result_free(call->result);
    free(call);
}

/* Reads what the call found. After a failure the views are empty, as the library says. */
static gwp_status answered(gwgo_call *call, gwp_status status) {
    gwp_result *result = call->result;
    if (status == GWP_OK) status = gwp_result_items(result, &call->items, &call->item_count, &call->error);
    if (status == GWP_OK) status = gwp_result_findings(result, &call->findings, &call->finding_count, &call->error);
    if (status == GWP_OK) status = gwp_result_output(result, &call->output, &call->output_len, &call->error);
    return status;
}

gwp_status gwgo_scan(const gwp_guard *guard, const uint8_t *text, size_t len, uint32_t flags, gwgo_call *call) {
    return answered(call, gwp_guard_scan(guard, text, len, flags, call->result, &call->error));
}

gwp_status gwgo_scan_batch(const gwp_guard *guard, const uint8_t *text, size_t len, const uint64_t *offsets,
                           size_t count, uint32_t flags, gwgo_call *call) {
    return answered(call,
                    gwp_guard_scan_batch(guard, text, len, offsets, count, flags, call->result, &call->error));
}

gwp_status gwgo_push(gwp_stream *stream, const uint8_t *chunk, size_t len, gwgo_call *call) {
    return answered(call, gwp_stream_push(stream, chunk, len, call->result, &call->error));
}

gwp_status gwgo_finish(gwp_stream *stream, gwgo_call *call) {
    return answered(call, gwp_stream_finish(stream, call->result, &call->error));
}

gwp_status gwgo_detail(gwgo_call *call, uint32_t detail) {
    return gwp_result_detail(call->result, detail, &call->detail, &call->detail_len, &call->error);
}

gwp_status gwgo_export(const gwp_limiter *limiter, uint64_t now_ns, gwgo_call *call) {
    return answered(call, gwp_limiter_export(limiter, now_ns, call->result, &call->error));
}

gwp_status gwgo_command(const gwp_limiter *limiter, const uint8_t *values, size_t len, const uint64_t *offsets,
                        size_t count, const gwp_limiter_request *request, gwgo_call *call) {
    return answered(call, gwp_limiter_command(limiter, values, len, offsets, count, request, call->result,
                                              &call->error));
}

gwp_status gwgo_compress(const gwp_codec *codec, const uint8_t *data, size_t len, gwgo_call *call) {
    return answered(call, gwp_codec_compress(codec, data, len, call->result, &call->error));
}

gwp_status gwgo_decompress(const gwp_codec *codec, const uint8_t *data, size_t len, gwgo_call *call) {
    return answered(call, gwp_codec_decompress(codec, data, len, call->result, &call->error));
}

gwp_status gwgo_codec_push(gwp_codec_stream *stream, const uint8_t *chunk, size_t len, gwgo_call *call) {
    return answered(call, gwp_codec_stream_push(stream, chunk, len, call->result, &call->error));
}

gwp_status gwgo_codec_finish(gwp_codec_stream *stream, gwgo_call *call) {
    return answered(call, gwp_codec_stream_finish(stream, call->result, &call->error));
}

gwp_status gwgo_train(const uint8_t *samples, size_t len, const uint64_t *offsets, size_t count, size_t max_bytes,
                      gwgo_call *call) {
    return answered(call, gwp_codec_train(samples, len, offsets, count, max_bytes, call->result, &call->error));
}

/* Whether the library has the functions of a family. One whose version promises them may lack them nevertheless. */
typedef void (*function)(void);

static const function limiter_functions[] = {
    (function)gwp_limiter_schema, (function)gwp_limiter_new, (function)gwp_limiter_free,
    (function)gwp_limiter_describe, (function)gwp_limiter_key_count, (function)gwp_limiter_check,
    (function)gwp_limiter_check_many, (function)gwp_limiter_settle, (function)gwp_limiter_acquire,
    (function)gwp_limiter_release, (function)gwp_limiter_reset, (function)gwp_limiter_export,
    (function)gwp_limiter_import, (function)gwp_limiter_command, (function)gwp_limiter_script,
    (function)gwp_limiter_read_reply,
};

static const function codec_functions[] = {
    (function)gwp_codec_count, (function)gwp_codec_name, (function)gwp_codec_schema, (function)gwp_codec_new,
    (function)gwp_codec_free, (function)gwp_codec_describe, (function)gwp_codec_compress,
    (function)gwp_codec_decompress, (function)gwp_codec_stream_new, (function)gwp_codec_stream_push,
    (function)gwp_codec_stream_finish, (function)gwp_codec_stream_free, (function)gwp_codec_choose,
    (function)gwp_codec_train,
};

static int all_there(const function *functions, size_t count) {
    for (size_t index = 0; index < count; index++) {
        if (functions[index] == NULL) return 0;
    }
    return 1;
}

int gwgo_has_limiters(void) {
    return all_there(limiter_functions, sizeof limiter_functions / sizeof *limiter_functions);
}

int gwgo_has_codecs(void) {
    return all_there(codec_functions, sizeof codec_functions / sizeof *codec_functions);
}
