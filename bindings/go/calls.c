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
