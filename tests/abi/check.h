/* Shared by the suites: checks that name file and line, and short forms of calls that must succeed. */
#ifndef GWP_TESTS_CHECK_H
#define GWP_TESTS_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gwplugins.h"

#define CHECK(condition)                                                                  \
    do {                                                                                  \
        if (!(condition)) {                                                               \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);     \
            exit(1);                                                                      \
        }                                                                                 \
    } while (0)

/* The call fails with `wanted`, gives an error of that code with a message, and without `err` just the code. */
#define FAILS(wanted, call_with_err, call_without)                   \
    do {                                                             \
        gwp_error *err = (gwp_error *)0;                             \
        CHECK((call_with_err) == (wanted));                          \
        CHECK(gwp_error_code(err) == (wanted));                      \
        check_message(err);                                          \
        gwp_error_free(err);                                         \
        CHECK((call_without) == (wanted));                           \
    } while (0)

/* The call succeeds and sets a stale error pointer to NULL. */
#define SUCCEEDS(call_with_err)                                      \
    do {                                                             \
        gwp_error *err = (gwp_error *)&check_stale;                  \
        CHECK((call_with_err) == GWP_OK);                            \
        CHECK(err == NULL);                                          \
    } while (0)

#define BYTES(literal) ((const uint8_t *)(literal))
#define TEXT(literal) BYTES(literal), (sizeof(literal) - 1)

static char check_stale;

static inline void check_message(const gwp_error *error) {
    const uint8_t *text = NULL;
    size_t len = 0;
    CHECK(gwp_error_message(error, &text, &len) == GWP_OK);
    CHECK(text != NULL && len > 0 && memchr(text, '{', len) == NULL);
}

static inline gwp_guard *open_probe(const char *config) {
    gwp_guard *guard = NULL;
    (void)check_stale;
    CHECK(gwp_guard_new(TEXT("probe"), BYTES(config), strlen(config), &guard, NULL) == GWP_OK);
    return guard;
}

static inline gwp_result *new_result(void) {
    gwp_result *result = NULL;
    CHECK(gwp_result_new(&result, NULL) == GWP_OK);
    return result;
}

static inline const gwp_finding *findings_of(const gwp_result *result, size_t *count) {
    const gwp_finding *findings = NULL;
    CHECK(gwp_result_findings(result, &findings, count, NULL) == GWP_OK);
    CHECK((findings == NULL) == (*count == 0));
    return findings;
}

static inline const gwp_item *items_of(const gwp_result *result, size_t *count) {
    const gwp_item *items = NULL;
    CHECK(gwp_result_items(result, &items, count, NULL) == GWP_OK);
    return items;
}

static inline const uint8_t *output_of(const gwp_result *result, size_t *len) {
    const uint8_t *output = NULL;
    CHECK(gwp_result_output(result, &output, len, NULL) == GWP_OK);
    return output;
}

static inline int is_text(const uint8_t *data, size_t len, const char *wanted) {
    return len == strlen(wanted) && (len == 0 || memcmp(data, wanted, len) == 0);
}

/* Some misuse can only be caught by looking at memory that is no longer ours: not for a memory checker's eyes. */
static inline int under_memory_checker(void) {
    return getenv("GWP_TEST_MEMCHECK") != NULL;
}

#endif
