/* Masks standard input to standard output: `./mask [KIND [CONFIG]]`. Content that must not pass is not written.
 *
 * Built by the Makefile beside it. Tests: tests/hosts/test_c.py. */
#include <gwplugins.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(gwp_status status, gwp_error *error) {
    const uint8_t *message = NULL;
    size_t len = 0;
    if (status == GWP_OK) return;
    gwp_error_message(error, &message, &len);
    fprintf(stderr, "%s: %.*s\n", gwp_status_name(status), (int)len, (const char *)message);
    exit(2); /* what was not checked is not passed on */
}

static uint8_t *read_all(FILE *file, size_t *len) {
    uint8_t *text = NULL;
    for (size_t room = 0; *len == room;) {
        text = realloc(text, room += 65536);
        if (text == NULL) exit(2);
        *len += fread(text + *len, 1, room - *len, file);
    }
    return text;
}

int main(int argc, char **argv) {
    const char *kind = argc > 1 ? argv[1] : "pii_filter", *config = argc > 2 ? argv[2] : "{}";
    size_t len = 0, count = 0;
    uint8_t *text = read_all(stdin, &len);
    const uint8_t *output = text;
    const gwp_item *item = NULL;
    gwp_error *error = NULL;
    gwp_guard *guard = NULL;
    gwp_result *result = NULL;

    if (!gwp_abi_supports(GWP_ABI_MAJOR, GWP_ABI_MINOR)) return 2; /* the library is older than the header */
    check(gwp_guard_new((const uint8_t *)kind, strlen(kind), (const uint8_t *)config, strlen(config), &guard, &error),
          error);
    check(gwp_result_new(&result, &error), error);
    check(gwp_guard_scan(guard, text, len, GWP_OUTPUT, result, &error), error);
    check(gwp_result_items(result, &item, &count, &error), error);
    int blocked = item->verdict == GWP_VERDICT_BLOCK;
    if (item->changed) check(gwp_result_output(result, &output, &len, &error), error);
    if (!blocked && len != 0) fwrite(output, 1, len, stdout);
    gwp_result_free(result);
    gwp_guard_free(guard);
    free(text);
    return blocked;
}
