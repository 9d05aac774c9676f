/* Passes on the lines of standard input whose first word, a user, may still send one: `./limit '{"by_user": "3/s"}'`.
 *
 * Who must wait is told on standard error. A line without a user is refused. Built by the Makefile beside it.
 * Tests: tests/hosts/test_c.py. */

#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gwplugins.h"

static void check(gwp_status status, gwp_error *err) {
    if (status == GWP_OK) return;
    const uint8_t *message;
    size_t len;
    if (gwp_error_message(err, &message, &len) == GWP_OK) fprintf(stderr, "%.*s\n", (int)len, (const char *)message);
    gwp_error_free(err);
    exit(2); /* what was not decided is not allowed */
}

int main(int argc, char **argv) {
    const char *config = argc > 1 ? argv[1] : "{\"by_user\": \"3/s\"}";
    char *line = NULL;
    size_t room = 0;
    gwp_error *err = NULL;
    gwp_limiter *limiter;
    if (!gwp_abi_supports(1, 1)) {
        fprintf(stderr, "this libgwplugins has no limiters\n");
        return 2;
    }
    check(gwp_limiter_new((const uint8_t *)config, strlen(config), &limiter, &err), err);
    for (ssize_t len; (len = getline(&line, &room, stdin)) > 0;) {
        /* One value for the one dimension: the bytes from the first offset to the second. */
        const uint64_t offsets[] = {0, strcspn(line, " \n")};
        gwp_decision decision = {.retry_after_ns = GWP_NEVER};
        if (offsets[1] != 0) /* an empty value would mean: not counted */
            check(gwp_limiter_check(limiter, (const uint8_t *)line, (size_t)len, offsets, 1, 1, 0, 0, &decision, NULL,
                                    0, &err),
                  err);
        if (decision.allowed) {
            fwrite(line, 1, (size_t)len, stdout);
        } else if (decision.retry_after_ns == GWP_NEVER) {
            fprintf(stderr, "refused\n");
        } else {
            fprintf(stderr, "refused, again in %" PRIu64 " ms\n", decision.retry_after_ns / 1000000 + 1);
        }
    }
    gwp_limiter_free(limiter);
    free(line);
    return 0;
}
