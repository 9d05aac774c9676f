/* Answers the rows of tests/vectors through gwplugins.h; the lines are those of tests/support/gw_lines.py. Each row is
 * scanned with and without output and, where the guard can, streamed byte by byte, and the answers must be one. */
#define _POSIX_C_SOURCE 200809L
#include "lines.h"

/* Adds what a call has put into `result`: its findings as words, its output as bytes; an unchanged text is its own
 * output. */
static void take(const gwp_result *result, const buffer *text, buffer *findings, buffer *output) {
    const gwp_finding *found;
    const gwp_item *item;
    const uint8_t *data;
    size_t count, items, len;
    if (gwp_result_findings(result, &found, &count, NULL) != GWP_OK ||
        gwp_result_items(result, &item, &items, NULL) != GWP_OK ||
        gwp_result_output(result, &data, &len, NULL) != GWP_OK || items != 1) {
        die("the result cannot be read");
    }
    for (size_t i = 0; i < count; i++, found++) {
        print(findings, " #%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%d,%d,", found->rule,
              found->start, found->end, found->flags & GWP_FINDING_ACTION, found->flags >> GWP_FINDING_SCORE_SHIFT,
              (found->flags & GWP_FINDING_GUESS) != 0, (found->flags & GWP_FINDING_DERIVED) != 0);
        const uint8_t *json = NULL;
        size_t json_len = 0;
        if (found->detail != 0 && gwp_result_detail(result, found->detail, &json, &json_len, NULL) != GWP_OK)
            die("no detail");
        print_hex(findings, json, json_len);
    }
    if (text != NULL && item->changed == 0) {
        add(output, text->data, text->len);
    } else {
        add(output, data, len);
    }
}

static int streams_alike(const gwp_guard *guard, uint32_t flags, const buffer *text, gwp_result *result,
                         const buffer *findings, const buffer *output) {
    buffer other_findings = {0}, other_output = {0};
    gwp_stream *stream = NULL;
    if (gwp_stream_new(guard, flags, &stream, NULL) == GWP_E_UNSUPPORTED) return 1;
    for (size_t i = 0; i < text->len; i++) {
        if (gwp_stream_push(stream, text->data + i, 1, result, NULL) != GWP_OK) die("push");
        take(result, NULL, &other_findings, &other_output);
    }
    if (gwp_stream_finish(stream, result, NULL) != GWP_OK) die("finish");
    take(result, NULL, &other_findings, &other_output);
    int alike = same(findings, &other_findings) && same(output, &other_output);
    gwp_stream_free(stream);
    free(other_findings.data);
    free(other_output.data);
    return alike;
}

static int finds_alike(const gwp_guard *guard, uint32_t flags, const buffer *text, gwp_result *result,
                       const buffer *findings) {
    buffer other_findings = {0}, unused = {0};
    if (gwp_guard_scan(guard, text->data, text->len, flags & ~(uint32_t)GWP_OUTPUT, result, NULL) != GWP_OK)
        die("scan");
    take(result, text, &other_findings, &unused);
    int alike = same(findings, &other_findings) && same(text, &unused);
    free(other_findings.data);
    free(unused.data);
    return alike;
}

static void tell(const gwp_guard *guard, uint32_t flags, const buffer *text, gwp_result *result, buffer *answer) {
    buffer findings = {0}, output = {0};
    const gwp_item *item;
    const uint8_t *description;
    size_t count, len;
    gwp_result_items(result, &item, &count, NULL);
    const uint32_t score = item->score;
    take(result, text, &findings, &output);
    if (gwp_guard_describe(guard, &description, &len, NULL) != GWP_OK) die("describe");
    if (!finds_alike(guard, flags, text, result, &findings)) {
        print(answer, "differs: scan");
    } else if (!streams_alike(guard, flags, text, result, &findings, &output)) {
        print(answer, "differs: stream");
    } else {
        print(answer, "ok %" PRIu32 " ", score);
        print_hex(answer, output.data, output.len);
        print(answer, " ");
        print_hex(answer, description, findings.len != 0 ? len : 0);
        add(answer, findings.data, findings.len);
    }
    free(findings.data);
    free(output.data);
}

static void answer_one(char *line, gwp_result *result) {
    const char *kind = strtok(line, " "), *unit = strtok(NULL, " ");
    buffer config = unhex(strtok(NULL, " ")), text = unhex(strtok(NULL, " ")), answer = {0};
    const uint32_t flags = (uint32_t)strtoul(unit, NULL, 10) | GWP_OUTPUT | GWP_DETAILS;
    gwp_guard *guard = NULL;
    gwp_error *error = NULL;
    gwp_status status = gwp_guard_new((const uint8_t *)kind, strlen(kind), config.data, config.len, &guard, &error);
    if (status == GWP_OK) status = gwp_guard_scan(guard, text.data, text.len, flags, result, &error);
    if (status == GWP_OK) {
        tell(guard, flags, &text, result, &answer);
    } else {
        const uint8_t *path;
        size_t len;
        if (gwp_error_code(error) != status || gwp_error_path(error, &path, &len) != GWP_OK)
            die("the error cannot be read");
        print(&answer, "error %" PRId32 " ", status);
        print_hex(&answer, path, len);
    }
    puts((const char *)answer.data);
    gwp_error_free(error);
    gwp_guard_free(guard);
    free(config.data);
    free(text.data);
    free(answer.data);
}

int main(void) {
    answer_lines(answer_one);
    return 0;
}
