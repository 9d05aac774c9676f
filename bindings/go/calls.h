/* The calls that fill a result, each made and read in one crossing from Go to C. */
#ifndef GWPLUGINS_GO_CALLS_H
#define GWPLUGINS_GO_CALLS_H

#include <gwplugins.h>

#if GWP_ABI_VERSION < (1 << 16 | 2)
#error "this package needs gwplugins.h of ABI 1.2 or newer to be compiled; it runs with libraries of ABI 1.0 and newer"
#endif

/* A library that is older than these functions lacks them: a program must start with it nevertheless. */
#ifndef GWGO_STATIC
#pragma weak gwp_limiter_schema
#pragma weak gwp_limiter_new
#pragma weak gwp_limiter_free
#pragma weak gwp_limiter_describe
#pragma weak gwp_limiter_key_count
#pragma weak gwp_limiter_check
#pragma weak gwp_limiter_check_many
#pragma weak gwp_limiter_settle
#pragma weak gwp_limiter_acquire
#pragma weak gwp_limiter_release
#pragma weak gwp_limiter_reset
#pragma weak gwp_limiter_export
#pragma weak gwp_limiter_import
#pragma weak gwp_limiter_command
#pragma weak gwp_limiter_script
#pragma weak gwp_limiter_read_reply
#pragma weak gwp_codec_count
#pragma weak gwp_codec_name
#pragma weak gwp_codec_schema
#pragma weak gwp_codec_new
#pragma weak gwp_codec_free
#pragma weak gwp_codec_describe
#pragma weak gwp_codec_compress
#pragma weak gwp_codec_decompress
#pragma weak gwp_codec_stream_new
#pragma weak gwp_codec_stream_push
#pragma weak gwp_codec_stream_finish
#pragma weak gwp_codec_stream_free
#pragma weak gwp_codec_choose
#pragma weak gwp_codec_train
#endif

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

/* Whether the library has all functions of a family: 1 or 0. */
int gwgo_has_limiters(void);
int gwgo_has_codecs(void);

/* NULL when there is no memory. */
gwgo_call *gwgo_call_new(void);
void gwgo_call_free(gwgo_call *call);

gwp_status gwgo_scan(const gwp_guard *guard, const uint8_t *text, size_t len, uint32_t flags, gwgo_call *call);
gwp_status gwgo_scan_batch(const gwp_guard *guard, const uint8_t *text, size_t len, const uint64_t *offsets,
                           size_t count, uint32_t flags, gwgo_call *call);
gwp_status gwgo_push(gwp_stream *stream, const uint8_t *chunk, size_t len, gwgo_call *call);
gwp_status gwgo_finish(gwp_stream *stream, gwgo_call *call);
gwp_status gwgo_detail(gwgo_call *call, uint32_t detail);

gwp_status gwgo_export(const gwp_limiter *limiter, uint64_t now_ns, gwgo_call *call);
gwp_status gwgo_command(const gwp_limiter *limiter, const uint8_t *values, size_t len, const uint64_t *offsets,
                        size_t count, const gwp_limiter_request *request, gwgo_call *call);

gwp_status gwgo_compress(const gwp_codec *codec, const uint8_t *data, size_t len, gwgo_call *call);
gwp_status gwgo_decompress(const gwp_codec *codec, const uint8_t *data, size_t len, gwgo_call *call);
gwp_status gwgo_codec_push(gwp_codec_stream *stream, const uint8_t *chunk, size_t len, gwgo_call *call);
gwp_status gwgo_codec_finish(gwp_codec_stream *stream, gwgo_call *call);
gwp_status gwgo_train(const uint8_t *samples, size_t len, const uint64_t *offsets, size_t count, size_t max_bytes,
                      gwgo_call *call);

#endif
