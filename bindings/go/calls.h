/* The calls that scan, each made and read in one crossing from Go to C. */
#ifndef GWPLUGINS_GO_CALLS_H
#define GWPLUGINS_GO_CALLS_H

#include <gwplugins.h>

/* A result of the library and what the last call put into it. The views are valid until the next call or the end. */
typedef struct {
    gwp_result *result;
    gwp_error *error; /* why the last call failed; whoever reads it frees it and sets it to NULL */
    const gwp_item *items;
    size_t item_count;
    const gwp_finding *findings;
    size_t finding_count;
    const uint8_t *output;
    size_t output_len;
    const uint8_t *detail; /* what gwgo_detail found */
    size_t detail_len;
} gwgo_call;

/* NULL when there is no memory. */
gwgo_call *gwgo_call_new(void);
void gwgo_call_free(gwgo_call *call);

gwp_status gwgo_scan(const gwp_guard *guard, const uint8_t *text, size_t len, uint32_t flags, gwgo_call *call);
gwp_status gwgo_scan_batch(const gwp_guard *guard, const uint8_t *text, size_t len, const uint64_t *offsets,
                           size_t count, uint32_t flags, gwgo_call *call);
gwp_status gwgo_push(gwp_stream *stream, const uint8_t *chunk, size_t len, gwgo_call *call);
gwp_status gwgo_finish(gwp_stream *stream, gwgo_call *call);
gwp_status gwgo_detail(gwgo_call *call, uint32_t detail);

#endif
