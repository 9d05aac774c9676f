/* What calls give: findings, verdicts, outputs, details, units, batches, streams, panics. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static gwp_result *result;

static void one_text(void) {
    gwp_guard *guard = open_probe("{\"score\": 700}");
    size_t count = 0, len = 0;
    CHECK(gwp_guard_scan(guard, TEXT("x<r>y<g>z<d>"), GWP_OUTPUT | GWP_DETAILS, result, NULL) == GWP_OK);
    const gwp_finding *found = findings_of(result, &count);
    CHECK(count == 3);
    CHECK(found[0].start == 1 && found[0].end == 4 && found[0].item == 0 && found[0].rule == 1);
    CHECK(found[0].flags == (GWP_ACTION_REPLACE | UINT32_C(700) << GWP_FINDING_SCORE_SHIFT) && found[0].detail == 1);
    CHECK((found[1].flags & 0xFFFF) == (GWP_ACTION_AUDIT | GWP_FINDING_GUESS) && found[1].detail == 2);
    CHECK((found[2].flags & 0xFFFF) == (GWP_ACTION_AUDIT | GWP_FINDING_DERIVED) && found[2].detail == 3);
    const gwp_item *item = items_of(result, &count);
    CHECK(count == 1 && item->verdict == GWP_VERDICT_REPLACE && item->score == 700 && item->changed == 1 && item->reserved == 0);
    const uint8_t *output = output_of(result, &len);
    CHECK(is_text(output, len, "x[R]y<g>z<d>") && item->output_start == 0 && item->output_end == len);
    const uint8_t *json = NULL;
    CHECK(gwp_result_detail(result, found[0].detail, &json, &len, NULL) == GWP_OK && is_text(json, len, "{\"letters\":1}"));

    CHECK(gwp_guard_scan(guard, TEXT("x<r>y"), 0, result, NULL) == GWP_OK); /* finding only */
    found = findings_of(result, &count);
    item = items_of(result, &len);
    CHECK(count == 1 && found->detail == 0 && item->verdict == GWP_VERDICT_REPLACE && item->changed == 0 && item->output_end == 0);
    CHECK(output_of(result, &len) == NULL && len == 0);

    CHECK(gwp_guard_scan(guard, TEXT("<b>"), GWP_OUTPUT, result, NULL) == GWP_OK);
    CHECK(items_of(result, &len)->verdict == GWP_VERDICT_BLOCK);
    CHECK(gwp_guard_scan(guard, TEXT("<e>"), GWP_OUTPUT, result, NULL) == GWP_OK);
    found = findings_of(result, &count);
    CHECK(count == 1 && found->start == 0 && found->end == 0); /* an empty span */
    CHECK(gwp_guard_scan(guard, TEXT("<ooo>"), 0, result, NULL) == GWP_OK);
    found = findings_of(result, &count);
    CHECK(count == 2 && found[0].end == 5 && found[1].start == 1 && found[1].end == 4); /* overlapping */
    gwp_guard_free(guard);
}

static void units(void) {
    /* ä is 2 bytes, 1 code point, 1 UTF-16 unit; the emoji 4, 1, 2; the lone continuation byte 1, 0, 0. */
    static const char text[] = "\xc3\xa4\xf0\x9f\x98\x80\x80<a>";
    static const struct { uint32_t flag; uint64_t start; } wanted[] = {
        {GWP_UNIT_BYTES, 7}, {GWP_UNIT_CODE_POINTS, 2}, {GWP_UNIT_UTF16, 3}};
    gwp_guard *guard = open_probe("{}");
    size_t count = 0;
    for (size_t i = 0; i < 3; i++) {
        CHECK(gwp_guard_scan(guard, TEXT(text), wanted[i].flag, result, NULL) == GWP_OK);
        const gwp_finding *found = findings_of(result, &count);
        CHECK(count == 1 && found->start == wanted[i].start && found->end == wanted[i].start + 3);
    }
    gwp_guard_free(guard);
}

static void batch(void) {
    gwp_guard *guard = open_probe("{}");
    /* Items: "--" is before the first, then "x<r>", "", "<", "r>", "ä<r>"; "--" is behind the last. Nothing matches across items. */
    static const char text[] = "--x<r><r>\xc3\xa4<r>--";
    uint64_t offsets[] = {2, 6, 6, 7, 9, 14};
    size_t count = 0, len = 0;
    CHECK(gwp_guard_scan_batch(guard, TEXT(text), offsets, 5, GWP_OUTPUT | GWP_UNIT_CODE_POINTS, result, NULL) == GWP_OK);
    const gwp_finding *found = findings_of(result, &count);
    CHECK(count == 2 && found[0].item == 0 && found[0].start == 1 && found[0].end == 4);
    CHECK(found[1].item == 4 && found[1].start == 1 && found[1].end == 4);
    const gwp_item *items = items_of(result, &count);
    CHECK(count == 5 && items[0].changed == 1 && items[1].changed == 0 && items[2].changed == 0 && items[3].changed == 0 && items[4].changed == 1);
    const uint8_t *output = output_of(result, &len);
    CHECK(is_text(output + items[0].output_start, (size_t)(items[0].output_end - items[0].output_start), "x[R]"));
    CHECK(is_text(output + items[4].output_start, (size_t)(items[4].output_end - items[4].output_start), "\xc3\xa4[R]"));
    CHECK(items[1].output_start == 0 && items[1].output_end == 0 && items[1].verdict == GWP_VERDICT_PASS);

    unsigned char unaligned[sizeof offsets + 1];
    memcpy(unaligned + 1, offsets, sizeof offsets);
    CHECK(gwp_guard_scan_batch(guard, TEXT(text), (const uint64_t *)(void *)(unaligned + 1), 5, 0, result, NULL) == GWP_OK);
    CHECK(findings_of(result, &count) != NULL && count == 2);
    gwp_guard_free(guard);

    guard = open_probe("{\"max_text_bytes\": 3}"); /* one item over a limit fails the call and leaves nothing */
    uint64_t two[] = {0, 3, 7};
    CHECK(gwp_guard_scan_batch(guard, TEXT("<a>.<a>"), two, 2, 0, result, NULL) == GWP_E_TOO_LARGE);
    CHECK(findings_of(result, &count) == NULL && items_of(result, &count) == NULL);
    gwp_guard_free(guard);
}

/* The text in chunks of `size`; findings (start, end) and output are gathered and compared with the whole text's. */
static void stream_in(gwp_guard *guard, const uint8_t *text, size_t len, size_t size, const gwp_finding *wanted, size_t wanted_count, const char *wanted_output) {
    gwp_stream *stream = NULL;
    gwp_result *part = new_result();
    uint8_t output[512];
    size_t found_count = 0, output_len = 0, at = 0, count = 0, bytes = 0;
    CHECK(gwp_stream_new(guard, GWP_OUTPUT | GWP_DETAILS | GWP_UNIT_UTF16, &stream, NULL) == GWP_OK);
    for (int last = 0; !last;) {
        size_t take = len - at < size ? len - at : size;
        last = take == 0;
        gwp_status status = last ? gwp_stream_finish(stream, part, NULL) : gwp_stream_push(stream, text + at, take, part, NULL);
        CHECK(status == GWP_OK);
        at += take;
        const gwp_finding *found = findings_of(part, &count);
        for (size_t i = 0; i < count; i++, found_count++) {
            CHECK(found_count < wanted_count && found[i].start == wanted[found_count].start && found[i].end == wanted[found_count].end);
            const uint8_t *json = NULL;
            size_t json_len = 0;
            CHECK(gwp_result_detail(part, found[i].detail, &json, &json_len, NULL) == GWP_OK && json_len > 2);
        }
        const uint8_t *emitted = output_of(part, &bytes);
        const gwp_item *item = items_of(part, &count);
        CHECK(count == 1 && item->output_start == 0 && item->output_end == bytes && output_len + bytes <= sizeof output);
        if (bytes > 0) {
            memcpy(output + output_len, emitted, bytes);
        }
        output_len += bytes;
    }
    CHECK(found_count == wanted_count && is_text(output, output_len, wanted_output));
    gwp_stream_free(stream);
    gwp_result_free(part);
}

static void streams(void) {
    static const char text[] = "x<r>\xc3\xa4<r>!<e>yyyyyyyyy<rrrrrrrrrrrrrr><o>\xf0\x9f\x98\x80<a>----------------------<r><b>";
    gwp_guard *guard = open_probe("{}");
    gwp_result *whole = new_result();
    size_t count = 0, len = 0;
    char output[512];
    CHECK(gwp_guard_scan(guard, TEXT(text), GWP_OUTPUT | GWP_UNIT_UTF16, whole, NULL) == GWP_OK);
    const gwp_finding *wanted = findings_of(whole, &count);
    const uint8_t *rewritten = output_of(whole, &len);
    CHECK(count >= 7 && len < sizeof output);
    memcpy(output, rewritten, len);
    output[len] = '\0';
    for (size_t size = 1; size < sizeof text; size++) {
        stream_in(guard, TEXT(text), size, wanted, count, output);
    }
    stream_in(guard, NULL, 0, 1, NULL, 0, "");
    gwp_result_free(whole);
    gwp_guard_free(guard);
}

static void stream_life(void) {
    gwp_guard *guard = open_probe("{\"max_text_bytes\": 100, \"max_findings\": 2}");
    gwp_stream *stream = NULL;
    CHECK(gwp_stream_new(guard, 0, &stream, NULL) == GWP_OK);
    gwp_stream *other = NULL;
    CHECK(gwp_stream_new(guard, 0, &other, NULL) == GWP_OK);
    gwp_guard_free(guard); /* streams live on */
    char chunk[60] = {0};
    CHECK(gwp_stream_push(stream, BYTES(chunk), 60, result, NULL) == GWP_OK);
    CHECK(gwp_stream_push(stream, BYTES(chunk), 60, result, NULL) == GWP_E_TOO_LARGE); /* counted over chunks */
    CHECK(gwp_stream_push(stream, BYTES(chunk), 1, result, NULL) == GWP_E_FINISHED);
    CHECK(gwp_stream_finish(stream, result, NULL) == GWP_E_FINISHED);
    CHECK(gwp_stream_push(other, TEXT("<a><a>"), result, NULL) == GWP_OK);
    CHECK(gwp_stream_push(other, TEXT("<a>"), result, NULL) == GWP_OK);
    CHECK(gwp_stream_finish(other, result, NULL) == GWP_E_TOO_MANY_FINDINGS);
    gwp_stream_free(stream);
    gwp_stream_free(other);
}

static void panics(void) {
    gwp_guard *guard = open_probe("{\"panic\": true}");
    gwp_error *error = NULL;
    const uint8_t *message = NULL;
    char line[256] = {0};
    size_t len = 0, count = 0;
    CHECK(gwp_guard_scan(guard, TEXT("<a> secret <p>"), GWP_OUTPUT, result, &error) == GWP_E_PANIC);
    CHECK(gwp_error_message(error, &message, &len) == GWP_OK && len < sizeof line);
    memcpy(line, message, len);
    CHECK(strstr(line, "src/lib.rs:") != NULL && strstr(line, "secret") == NULL && strstr(line, "quotes") == NULL);
    gwp_error_free(error);
    CHECK(findings_of(result, &count) == NULL && items_of(result, &count) == NULL);
    CHECK(gwp_guard_scan(guard, TEXT("<a>"), 0, result, NULL) == GWP_OK); /* guard and result go on */
    CHECK(findings_of(result, &count) != NULL && count == 1);

    uint64_t offsets[] = {0, 3, 6};
    CHECK(gwp_guard_scan_batch(guard, TEXT("<a><p>"), offsets, 2, 0, result, NULL) == GWP_E_PANIC);
    CHECK(items_of(result, &count) == NULL);

    gwp_stream *stream = NULL;
    CHECK(gwp_stream_new(guard, GWP_OUTPUT, &stream, NULL) == GWP_OK);
    CHECK(gwp_stream_push(stream, TEXT("<p>"), result, NULL) == GWP_OK); /* still held back */
    CHECK(gwp_stream_finish(stream, result, NULL) == GWP_E_PANIC);
    CHECK(gwp_stream_push(stream, TEXT("x"), result, NULL) == GWP_E_FINISHED);
    gwp_stream_free(stream);
    gwp_guard_free(guard);
}

static void after_fork(void) {
    gwp_guard *guard = open_probe("{}");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        gwp_guard *second = NULL;
        gwp_status first = gwp_guard_scan(guard, TEXT("<a>"), 0, result, NULL);
        gwp_status made = gwp_guard_new(TEXT("probe"), NULL, 0, &second, NULL);
        gwp_guard_free(second);
        gwp_guard_free(guard);
        gwp_result_free(result);
        _exit(first == GWP_OK && made == GWP_OK ? 0 : 1);
    }
    int status = 1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    gwp_guard_free(guard);
}

int main(void) {
    result = new_result();
    one_text();
    units();
    batch();
    streams();
    stream_life();
    panics();
    after_fork();
    gwp_result_free(result);
    puts("results: ok");
    return 0;
}
