/* The plain C caller of the table of hosts: one JSON line, 20 samples of nanoseconds for a call with SMALL_FILE and of
 * megabytes (10^6 bytes) a second with BIG_FILE. A call only finds; its result is used again.
 *
 *   cc -O2 bench.c $(pkg-config --cflags --libs gwplugins) -o bench && ./bench KIND CONFIG_JSON SMALL_FILE BIG_FILE */
#define _POSIX_C_SOURCE 200809L
#include <gwplugins.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SAMPLES = 20 };
static const double SAMPLE_NS = 20e6, WARM_UP_NS = 200e6;

typedef struct {
    uint8_t *data;
    size_t len;
} text;

static _Noreturn void die(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void check(gwp_status status) {
    if (status != GWP_OK) die(gwp_status_name(status));
}

static text read_file(const char *name) {
    FILE *file = fopen(name, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) die(name);
    const long len = ftell(file);
    text read = {malloc(len > 0 ? (size_t)len : 1), (size_t)len};
    rewind(file);
    if (len < 0 || read.data == NULL || fread(read.data, 1, read.len, file) != read.len) die(name);
    fclose(file);
    return read;
}

/* What is timed must be right: finding alone finds what rewriting finds, and "changed" says whether the output is
 * another text. */
static void verify(const gwp_guard *guard, text one, gwp_result *result) {
    const gwp_finding *findings;
    const gwp_item *items;
    const uint8_t *output;
    size_t found, found_too, count, len;
    check(gwp_guard_scan(guard, one.data, one.len, 0, result, NULL));
    check(gwp_result_findings(result, &findings, &found, NULL));
    check(gwp_guard_scan(guard, one.data, one.len, GWP_OUTPUT, result, NULL));
    check(gwp_result_findings(result, &findings, &found_too, NULL));
    check(gwp_result_items(result, &items, &count, NULL));
    check(gwp_result_output(result, &output, &len, NULL));
    if (found != found_too) die("the findings differ");
    if (items->changed ? len == one.len && memcmp(output, one.data, len) == 0 : len != 0) die("changed is wrong");
}

static double run(const gwp_guard *guard, text one, gwp_result *result, size_t calls) {
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (size_t i = 0; i < calls; i++) check(gwp_guard_scan(guard, one.data, one.len, 0, result, NULL));
    clock_gettime(CLOCK_MONOTONIC, &ended);
    return (double)(ended.tv_sec - begun.tv_sec) * 1e9 + (double)(ended.tv_nsec - begun.tv_nsec);
}

/* Nanoseconds for a call. */
static void sample(const gwp_guard *guard, text one, gwp_result *result, double samples[SAMPLES]) {
    size_t calls = 1;
    for (double warm = 0; warm < WARM_UP_NS;) {
        const double took = run(guard, one, result, calls);
        if (took < SAMPLE_NS * 1.25) calls *= 2;
        warm += took;
    }
    for (int i = 0; i < SAMPLES; i++) samples[i] = run(guard, one, result, calls) / (double)calls;
}

static void print(const char *name, const double samples[SAMPLES]) {
    printf("\"%s\": [", name);
    for (int i = 0; i < SAMPLES; i++) printf("%s%.1f", i == 0 ? "" : ", ", samples[i]);
    printf("]");
}

int main(int argc, char **argv) {
    gwp_guard *guard;
    gwp_result *result;
    double ns[SAMPLES], speed[SAMPLES];
    if (argc != 5) die("arguments: KIND CONFIG_JSON SMALL_FILE BIG_FILE");
    check(gwp_guard_new((const uint8_t *)argv[1], strlen(argv[1]), (const uint8_t *)argv[2], strlen(argv[2]), &guard,
                        NULL));
    check(gwp_result_new(&result, NULL));
    const text small = read_file(argv[3]), big = read_file(argv[4]);
    verify(guard, small, result);
    verify(guard, big, result);
    sample(guard, small, result, ns);
    sample(guard, big, result, speed);
    for (int i = 0; i < SAMPLES; i++) speed[i] = (double)big.len * 1e3 / speed[i];
    printf("{\"host\": \"c\", \"path\": \"c\", ");
    print("ns_per_call", ns);
    printf(", ");
    print("mb_per_s", speed);
    printf("}\n");
    gwp_result_free(result);
    gwp_guard_free(guard);
    free(small.data);
    free(big.data);
    return 0;
}
