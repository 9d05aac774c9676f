/* The C edge's transcoder (pyplugins/native/edge/transcode.c), each way a processor may take by itself, beside RFC 3629 spelled out. */
#include "check.h"
#include "../../pyplugins/native/edge/transcode.c"

#define LAST_CODE_POINT 0x10FFFFu
#define MOST 200

static size_t encode_one(uint32_t code, uint8_t *to) {
    if (code < 0x80) {
        to[0] = (uint8_t)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = len - 1; i > 0; i--, code >>= 6) {
        to[i] = (uint8_t)(0x80 | (code & 0x3F));
    }
    to[0] = (uint8_t)(lead[len] | code);
    return len;
}

static void check_text(const uint32_t *codes, size_t count) {
    static uint8_t expected[4 * MOST], seen[TRANSCODE_ROOM(MOST)];
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += encode_one(codes[i], expected + len);
    }
    /* memory of just this size, so that a sanitizer sees what is read or written beside it */
    uint32_t *from = malloc(count * sizeof *from + 1);
    uint8_t *to = malloc(TRANSCODE_ROOM(count));
    CHECK(from != NULL && to != NULL);
    memcpy(from, codes, count * sizeof *from);
    CHECK(transcode(from, count, to) == len);
    memcpy(seen, to, len);
    free(from);
    free(to);
    CHECK(memcmp(seen, expected, len) == 0);
}

static uint32_t next_random(void) {
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* Texts of one length of characters mostly, of all lengths, and of their ends. */
static void check_random_texts(void) {
    static const uint32_t first[] = {0, 0x80, 0x800, 0x10000}, after[] = {0x80, 0x800, 0x10000, LAST_CODE_POINT + 1};
    uint32_t codes[MOST];
    for (int round = 0; round < 4000; round++) {
        uint32_t usual = next_random() % 4, rare = next_random() % 40 + 1;
        size_t count = next_random() % MOST;
        for (size_t i = 0; i < count; i++) {
            uint32_t kind = next_random() % rare == 0 ? next_random() % 4 : usual, width = after[kind] - first[kind];
            uint32_t edges[] = {first[kind], after[kind] - 1, first[kind] + next_random() % width};
            codes[i] = edges[next_random() % 3];
        }
        check_text(codes, count);
    }
}

static void check_every_code_point(void) {
    uint32_t codes[64];
    for (uint32_t first = 0; first <= LAST_CODE_POINT; first += 64) {
        for (uint32_t i = 0; i < 64; i++) {
            codes[i] = first + i;
        }
        check_text(codes, 64);
    }
}

int main(void) {
#if defined(__x86_64__)
    int has[] = {transcode_ready(), has_avx2, has_vbmi2};
    for (int way = 0; way < 3; way++) {
        has_avx2 = way >= 1;
        has_vbmi2 = way >= 2;
        if (has[way]) {
            check_every_code_point();
            check_random_texts();
        }
    }
#endif
    puts("transcode: ok");
    return 0;
}
