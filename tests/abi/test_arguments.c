/* Every function with every bad argument: a code and an error, never a crash, and out-parameters that hold NULL. */
#include "check.h"

static gwp_guard *guard;
static gwp_result *result;
static gwp_stream *stream;

#define STALE(type) ((type)(void *)&check_stale)

static void versions(void) {
    CHECK(gwp_abi_version() == GWP_ABI_VERSION);
    CHECK(GWP_ABI_VERSION == (GWP_ABI_MAJOR << 16 | GWP_ABI_MINOR));
    CHECK(gwp_abi_supports(GWP_ABI_MAJOR, GWP_ABI_MINOR) == 1);
    CHECK(gwp_abi_supports(GWP_ABI_MAJOR, 0) == 1);
    CHECK(gwp_abi_supports(GWP_ABI_MAJOR, GWP_ABI_MINOR + 1) == 0);
    CHECK(gwp_abi_supports(GWP_ABI_MAJOR + 1, 0) == 0);
    CHECK(gwp_abi_supports(0, 0) == 0);
    CHECK(strchr(gwp_version(), '.') != NULL);
    CHECK(strcmp(gwp_status_name(GWP_OK), "GWP_OK") == 0);
    CHECK(strcmp(gwp_status_name(GWP_E_BUSY), "GWP_E_BUSY") == 0);
    CHECK(strcmp(gwp_status_name(12345), "GWP_E_UNKNOWN") == 0);
}

static void catalogue(void) {
    const uint8_t *text = NULL;
    size_t len = 0, count = gwp_kind_count();
    uint32_t caps = 9;
    int found = 0;
    for (size_t i = 0; i < count; i++) {
        SUCCEEDS(gwp_kind_name(i, &text, &len, &err));
        found += is_text(text, len, "probe");
        SUCCEEDS(gwp_kind_schema(i, &text, &len, &err));
        CHECK(len > 2 && text[0] == '{');
        SUCCEEDS(gwp_kind_caps(i, &caps, &err));
        CHECK((caps & GWP_CAP_OUTPUT) != 0);
    }
    CHECK(found == 1);
    text = STALE(const uint8_t *), len = 7, caps = 7;
    FAILS(GWP_E_OUT_OF_RANGE, gwp_kind_name(count, &text, &len, &err), gwp_kind_name(SIZE_MAX, &text, &len, NULL));
    CHECK(text == NULL && len == 0);
    FAILS(GWP_E_OUT_OF_RANGE, gwp_kind_schema(count, &text, &len, &err), gwp_kind_schema(count, &text, &len, NULL));
    FAILS(GWP_E_OUT_OF_RANGE, gwp_kind_caps(count, &caps, &err), gwp_kind_caps(count, &caps, NULL));
    CHECK(caps == 0);
    FAILS(GWP_E_NULL_ARG, gwp_kind_name(0, NULL, &len, &err), gwp_kind_name(0, NULL, &len, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_kind_name(0, &text, NULL, &err), gwp_kind_name(0, &text, NULL, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_kind_schema(0, NULL, &len, &err), gwp_kind_schema(0, &text, NULL, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_kind_caps(0, NULL, &err), gwp_kind_caps(0, NULL, NULL));
}

static void guard_new(void) {
    gwp_guard *made = STALE(gwp_guard *);
    SUCCEEDS(gwp_guard_new(TEXT("probe"), NULL, 0, &made, &err));
    gwp_guard_free(made);
    FAILS(GWP_E_NULL_ARG, gwp_guard_new(TEXT("probe"), NULL, 0, NULL, &err), gwp_guard_new(TEXT("probe"), NULL, 0, NULL, NULL));
    made = STALE(gwp_guard *);
    FAILS(GWP_E_NULL_ARG, gwp_guard_new(NULL, 5, NULL, 0, &made, &err), gwp_guard_new(NULL, 5, NULL, 0, &made, NULL));
    CHECK(made == NULL);
    FAILS(GWP_E_NULL_ARG, gwp_guard_new(TEXT("probe"), NULL, 2, &made, &err), gwp_guard_new(TEXT("probe"), NULL, 2, &made, NULL));
    FAILS(GWP_E_TOO_LARGE, gwp_guard_new(BYTES("x"), SIZE_MAX, NULL, 0, &made, &err), gwp_guard_new(TEXT("probe"), BYTES("x"), SIZE_MAX, &made, NULL));
    FAILS(GWP_E_UNKNOWN_KIND, gwp_guard_new(TEXT("prob"), NULL, 0, &made, &err), gwp_guard_new(NULL, 0, NULL, 0, &made, NULL));
    FAILS(GWP_E_UNKNOWN_KIND, gwp_guard_new(TEXT("probe\0"), NULL, 0, &made, &err), gwp_guard_new(TEXT("\xff"), NULL, 0, &made, NULL));
    FAILS(GWP_E_CONFIG_SYNTAX, gwp_guard_new(TEXT("probe"), TEXT("{"), &made, &err), gwp_guard_new(TEXT("probe"), TEXT("\xff"), &made, NULL));
    FAILS(GWP_E_CONFIG_TYPE, gwp_guard_new(TEXT("probe"), TEXT("[]"), &made, &err), gwp_guard_new(TEXT("probe"), TEXT("null"), &made, NULL));
}

static void error_views(void) {
    gwp_guard *made = NULL;
    gwp_error *error = NULL;
    const uint8_t *text = STALE(const uint8_t *);
    size_t len = 7;
    CHECK(gwp_guard_new(TEXT("probe"), TEXT("{\"score\": 1001}"), &made, &error) == GWP_E_CONFIG_VALUE);
    CHECK(gwp_error_path(error, &text, &len) == GWP_OK && is_text(text, len, "$.score"));
    CHECK(gwp_error_message(error, &text, &len) == GWP_OK && is_text(text, len, "$.score: must be within 0 and 1000"));
    CHECK(gwp_error_message(error, NULL, &len) == GWP_E_NULL_ARG && len == 0);
    CHECK(gwp_error_message(error, &text, NULL) == GWP_E_NULL_ARG && text == NULL);
    CHECK(gwp_error_path(error, NULL, &len) == GWP_E_NULL_ARG && gwp_error_path(error, &text, NULL) == GWP_E_NULL_ARG);
    CHECK(gwp_error_message((const gwp_error *)(void *)guard, &text, &len) == GWP_E_BAD_HANDLE && text == NULL);
    CHECK(gwp_error_code((const gwp_error *)(void *)guard) == GWP_E_BAD_HANDLE);
    CHECK(gwp_error_code(NULL) == GWP_OK);
    text = STALE(const uint8_t *), len = 7;
    CHECK(gwp_error_message(NULL, &text, &len) == GWP_E_NULL_ARG && text == NULL && len == 0);
    CHECK(gwp_error_path(NULL, &text, &len) == GWP_E_NULL_ARG);
    gwp_error_free(error);
    CHECK(gwp_guard_new(TEXT("none"), NULL, 0, &made, &error) == GWP_E_UNKNOWN_KIND);
    CHECK(gwp_error_path(error, &text, &len) == GWP_OK && text == NULL && len == 0);
    gwp_error_free(error);
}

static void describe(void) {
    const uint8_t *json = STALE(const uint8_t *);
    size_t len = 7;
    SUCCEEDS(gwp_guard_describe(guard, &json, &len, &err));
    CHECK(len > 2 && json[0] == '{');
    FAILS(GWP_E_NULL_ARG, gwp_guard_describe(NULL, &json, &len, &err), gwp_guard_describe(NULL, &json, &len, NULL));
    CHECK(json == NULL && len == 0);
    FAILS(GWP_E_NULL_ARG, gwp_guard_describe(guard, NULL, &len, &err), gwp_guard_describe(guard, &json, NULL, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_guard_describe((gwp_guard *)(void *)result, &json, &len, &err),
          gwp_guard_describe((gwp_guard *)(void *)stream, &json, &len, NULL));
}

static void scan(void) {
    const uint8_t *text = BYTES("<a>");
    size_t count = 0;
    SUCCEEDS(gwp_guard_scan(guard, NULL, 0, 0, result, &err));
    CHECK(findings_of(result, &count) == NULL);
    FAILS(GWP_E_NULL_ARG, gwp_guard_scan(NULL, text, 3, 0, result, &err), gwp_guard_scan(NULL, text, 3, 0, result, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_guard_scan(guard, NULL, 5, 0, result, &err), gwp_guard_scan(guard, NULL, 5, 0, result, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_guard_scan(guard, text, 3, 0, NULL, &err), gwp_guard_scan(guard, text, 3, 0, NULL, NULL));
    FAILS(GWP_E_TOO_LARGE, gwp_guard_scan(guard, text, SIZE_MAX, 0, result, &err), gwp_guard_scan(guard, text, (size_t)PTRDIFF_MAX + 1, 0, result, NULL));
    for (uint32_t bit = 0; bit < 32; bit++) {
        uint32_t flag = UINT32_C(1) << bit;
        uint32_t known = GWP_OUTPUT | GWP_DETAILS | GWP_UNIT_CODE_POINTS | GWP_UNIT_UTF16;
        gwp_status wanted = (flag & known) != 0 ? GWP_OK : GWP_E_BAD_FLAG;
        CHECK(gwp_guard_scan(guard, text, 3, flag, result, NULL) == wanted);
    }
    FAILS(GWP_E_BAD_FLAG, gwp_guard_scan(guard, text, 3, GWP_UNIT_CODE_POINTS | GWP_UNIT_UTF16, result, &err),
          gwp_guard_scan(guard, text, 3, UINT32_MAX, result, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_guard_scan((gwp_guard *)(void *)result, text, 3, 0, result, &err),
          gwp_guard_scan(guard, text, 3, 0, (gwp_result *)(void *)guard, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_guard_scan((gwp_guard *)(void *)((char *)guard + 1), text, 3, 0, result, &err),
          gwp_guard_scan(guard, text, 3, 0, (gwp_result *)(void *)((char *)result + 4), NULL));
    CHECK(gwp_guard_scan(guard, text, 3, 0, result, NULL) == GWP_OK);
    CHECK(gwp_guard_scan(guard, text, 3, UINT32_MAX, result, NULL) == GWP_E_BAD_FLAG);
    CHECK(findings_of(result, &count) == NULL && items_of(result, &count) == NULL); /* a failed call leaves nothing behind */
}

static void scan_batch(void) {
    const uint8_t *text = BYTES("<a><r>");
    uint64_t ends[] = {0, 3, 6}, down[] = {0, 4, 3}, past[] = {0, 3, 7}, huge[] = {0, UINT64_MAX, 6};
    size_t count = 0;
    SUCCEEDS(gwp_guard_scan_batch(guard, text, 6, ends, 2, 0, result, &err));
    SUCCEEDS(gwp_guard_scan_batch(guard, NULL, 0, NULL, 0, 0, result, &err));
    CHECK(items_of(result, &count) == NULL && count == 0);
    FAILS(GWP_E_NULL_ARG, gwp_guard_scan_batch(NULL, text, 6, ends, 2, 0, result, &err), gwp_guard_scan_batch(guard, NULL, 6, ends, 2, 0, result, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_guard_scan_batch(guard, text, 6, NULL, 2, 0, result, &err), gwp_guard_scan_batch(guard, text, 6, ends, 2, 0, NULL, NULL));
    FAILS(GWP_E_BAD_OFFSETS, gwp_guard_scan_batch(guard, text, 6, down, 2, 0, result, &err), gwp_guard_scan_batch(guard, text, 6, past, 2, 0, result, NULL));
    FAILS(GWP_E_BAD_OFFSETS, gwp_guard_scan_batch(guard, text, 6, huge, 2, 0, result, &err), gwp_guard_scan_batch(guard, NULL, 0, ends, 1, 0, result, NULL));
    FAILS(GWP_E_BAD_FLAG, gwp_guard_scan_batch(guard, text, 6, ends, 2, 64, result, &err), gwp_guard_scan_batch(guard, text, 6, ends, 2, 48, result, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_guard_scan_batch((gwp_guard *)(void *)stream, text, 6, ends, 2, 0, result, &err),
          gwp_guard_scan_batch(guard, text, 6, ends, 2, 0, (gwp_result *)(void *)stream, NULL));
#if SIZE_MAX > UINT32_MAX
    FAILS(GWP_E_OUT_OF_RANGE, gwp_guard_scan_batch(guard, text, 6, ends, SIZE_MAX, 0, result, &err),
          gwp_guard_scan_batch(guard, text, 6, ends, (size_t)UINT32_MAX + 1, 0, result, NULL));
#endif
}

static void results(void) {
    gwp_result *made = STALE(gwp_result *);
    const gwp_finding *findings = NULL;
    const gwp_item *items = NULL;
    const uint8_t *text = NULL;
    size_t count = 0;
    SUCCEEDS(gwp_result_new(&made, &err));
    CHECK(findings_of(made, &count) == NULL && items_of(made, &count) == NULL && output_of(made, &count) == NULL);
    gwp_result_free(made);
    FAILS(GWP_E_NULL_ARG, gwp_result_new(NULL, &err), gwp_result_new(NULL, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_result_findings(NULL, &findings, &count, &err), gwp_result_findings(result, NULL, &count, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_result_items(NULL, &items, &count, &err), gwp_result_items(result, &items, NULL, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_result_output(NULL, &text, &count, &err), gwp_result_output(result, NULL, &count, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_result_detail(NULL, 1, &text, &count, &err), gwp_result_detail(result, 1, &text, NULL, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_result_findings((gwp_result *)(void *)guard, &findings, &count, &err), gwp_result_items((gwp_result *)(void *)guard, &items, &count, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_result_output((gwp_result *)(void *)guard, &text, &count, &err), gwp_result_detail((gwp_result *)(void *)guard, 1, &text, &count, NULL));
    CHECK(gwp_guard_scan(guard, TEXT("<a><a>"), GWP_DETAILS, result, NULL) == GWP_OK);
    SUCCEEDS(gwp_result_detail(result, 2, &text, &count, &err));
    FAILS(GWP_E_OUT_OF_RANGE, gwp_result_detail(result, 0, &text, &count, &err), gwp_result_detail(result, 3, &text, &count, NULL));
    CHECK(gwp_result_detail(result, UINT32_MAX, &text, &count, NULL) == GWP_E_OUT_OF_RANGE && text == NULL && count == 0);
}

static void streams(void) {
    gwp_stream *made = STALE(gwp_stream *);
    gwp_guard *whole = open_probe("{\"stream\": false}");
    FAILS(GWP_E_UNSUPPORTED, gwp_stream_new(whole, 0, &made, &err), gwp_stream_new(whole, 0, &made, NULL));
    CHECK(made == NULL);
    gwp_guard_free(whole);
    FAILS(GWP_E_NULL_ARG, gwp_stream_new(NULL, 0, &made, &err), gwp_stream_new(guard, 0, NULL, NULL));
    FAILS(GWP_E_BAD_FLAG, gwp_stream_new(guard, 4, &made, &err), gwp_stream_new(guard, 48, &made, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_stream_new((gwp_guard *)(void *)result, 0, &made, &err), gwp_stream_new((gwp_guard *)(void *)stream, 0, &made, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_stream_push(NULL, BYTES("x"), 1, result, &err), gwp_stream_push(stream, NULL, 1, result, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_stream_push(stream, BYTES("x"), 1, NULL, &err), gwp_stream_finish(stream, NULL, NULL));
    FAILS(GWP_E_TOO_LARGE, gwp_stream_push(stream, BYTES("x"), SIZE_MAX, result, &err), gwp_stream_push(stream, BYTES("x"), SIZE_MAX, result, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_stream_push((gwp_stream *)(void *)guard, BYTES("x"), 1, result, &err), gwp_stream_push(stream, BYTES("x"), 1, (gwp_result *)(void *)guard, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_stream_finish((gwp_stream *)(void *)guard, result, &err), gwp_stream_finish(stream, (gwp_result *)(void *)stream, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_stream_finish(NULL, result, &err), gwp_stream_finish(NULL, result, NULL));
    SUCCEEDS(gwp_stream_push(stream, NULL, 0, result, &err)); /* bad arguments have not harmed it */
    SUCCEEDS(gwp_stream_finish(stream, result, &err));
    FAILS(GWP_E_FINISHED, gwp_stream_push(stream, BYTES("x"), 1, result, &err), gwp_stream_finish(stream, result, NULL));
}

static void freeing(void) {
    gwp_guard_free(NULL);
    gwp_result_free(NULL);
    gwp_stream_free(NULL);
    gwp_error_free(NULL);
    gwp_guard_free((gwp_guard *)(void *)result); /* foreign: left alone */
    gwp_result_free((gwp_result *)(void *)guard);
    gwp_stream_free((gwp_stream *)(void *)guard);
    gwp_error_free((gwp_error *)(void *)guard);
    CHECK(gwp_guard_scan(guard, TEXT("x"), 0, result, NULL) == GWP_OK);
    if (!under_memory_checker()) {
        gwp_guard *gone = open_probe("{}");
        gwp_guard_free(gone);
        CHECK(gwp_guard_scan(gone, TEXT("x"), 0, result, NULL) == GWP_E_BAD_HANDLE);
        gwp_guard_free(gone); /* twice: left alone */
    }
}

int main(void) {
    guard = open_probe("{}");
    result = new_result();
    CHECK(gwp_stream_new(guard, GWP_OUTPUT, &stream, NULL) == GWP_OK);
    versions();
    catalogue();
    guard_new();
    error_views();
    describe();
    scan();
    scan_batch();
    results();
    streams();
    freeing();
    gwp_guard_free(guard);
    gwp_stream_free(stream);
    gwp_result_free(result);
    puts("arguments: ok");
    return 0;
}
