/* What the programs of this folder read and write lines with. The program defines _POSIX_C_SOURCE before. */
#ifndef LINES_H
#define LINES_H

#include <gwplugins.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *data;
    size_t len, room;
} buffer;

static inline _Noreturn void die(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static inline void add(buffer *to, const void *data, size_t len) {
    if (to->len + len + 1 > to->room) {
        to->room = 2 * (to->len + len + 1);
        to->data = realloc(to->data, to->room);
        if (to->data == NULL) die("no memory");
    }
    if (len != 0) memcpy(to->data + to->len, data, len);
    to->len += len;
    to->data[to->len] = 0;
}

static inline void print(buffer *to, const char *format, ...) {
    char text[256];
    va_list words;
    va_start(words, format);
    int len = vsnprintf(text, sizeof text, format, words);
    va_end(words);
    add(to, text, (size_t)len);
}

static inline void print_hex(buffer *to, const uint8_t *data, size_t len) {
    print(to, "x");
    for (size_t i = 0; i < len; i++) print(to, "%02x", data[i]);
}

static inline buffer unhex(const char *word) {
    buffer out = {0};
    add(&out, NULL, 0);
    for (const char *at = word + 1; at[0] != 0 && at[1] != 0; at += 2) {
        const char digits[3] = {at[0], at[1], 0};
        const uint8_t byte = (uint8_t)strtoul(digits, NULL, 16);
        add(&out, &byte, 1);
    }
    return out;
}

static inline int same(const buffer *one, const buffer *other) {
    return one->len == other->len && (one->len == 0 || memcmp(one->data, other->data, one->len) == 0);
}

/* Lets `answer` answer each line of standard input. */
static inline void answer_lines(void (*answer)(char *line, gwp_result *result)) {
    char *line = NULL;
    size_t room = 0;
    gwp_result *result = NULL;
    if (gwp_result_new(&result, NULL) != GWP_OK) die("no result");
    for (ssize_t len; (len = getline(&line, &room, stdin)) > 0;) {
        line[len - 1] = 0;
        answer(line, result);
    }
    gwp_result_free(result);
    free(line);
}

#endif
