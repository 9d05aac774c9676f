/* Masks standard input to standard output in C, chunk by chunk, in bounded memory; findings go to standard error.
 *
 * Built by the Makefile beside it. Tests: tests/hosts/test_c.py, tests/unit/test_examples.py. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "gwplugins.h"

static void check(gwp_status status, gwp_error *err) {
    if (status == GWP_OK) return;
    const uint8_t *message;
    size_t len;
    if (gwp_error_message(err, &message, &len) == GWP_OK) fprintf(stderr, "%.*s\n", (int)len, (const char *)message);
    gwp_error_free(err);
    exit(2); /* what was not checked is not passed on */
}

static void emit(const gwp_result *result) {
    gwp_error *err = NULL;
    const gwp_finding *findings;
    const uint8_t *output;
    size_t count, len;
    check(gwp_result_findings(result, &findings, &count, &err), err);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "rule %" PRIu32 " at bytes %" PRIu64 "..%" PRIu64 "\n", findings[i].rule, findings[i].start,
                findings[i].end);
    check(gwp_result_output(result, &output, &len, &err), err);
    if (len != 0) fwrite(output, 1, len, stdout);
}

int main(void) {
    static const uint8_t kind[] = "pii_filter", config[] = "{\"default_mask_strategy\": \"partial\"}";
    static uint8_t chunk[65536];
    gwp_error *err = NULL;
    gwp_guard *guard;
    gwp_result *result;
    gwp_stream *stream;
    check(gwp_guard_new(kind, sizeof kind - 1, config, sizeof config - 1, &guard, &err), err);
    check(gwp_result_new(&result, &err), err);
    check(gwp_stream_new(guard, GWP_OUTPUT, &stream, &err), err);
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, stdin)) != 0;) {
        check(gwp_stream_push(stream, chunk, got, result, &err), err);
        emit(result);
    }
    check(gwp_stream_finish(stream, result, &err), err);
    emit(result);
    gwp_stream_free(stream);
    gwp_result_free(result);
    gwp_guard_free(guard);
    return 0;
}
