/* One guard for all threads, one result for each; a result in two threads is GWP_E_BUSY. */
#include <pthread.h>
#include <stdatomic.h>

#include "check.h"

enum { THREADS = 4, ROUNDS = 500, LONG_TEXT = 1 << 20, TRIES = 200000000 };

static gwp_guard *guard;
static gwp_result *shared;
static gwp_stream *stream;
static uint8_t *long_text;
static atomic_int seen_busy;

static void *own_result(void *unused) {
    gwp_result *mine = new_result();
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = 0;
        CHECK(gwp_guard_scan(guard, TEXT("x<r>y<a>"), GWP_OUTPUT, mine, NULL) == GWP_OK);
        CHECK(findings_of(mine, &count) != NULL && count == 2);
    }
    gwp_result_free(mine);
    return NULL;
}

static void share_guard(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, own_result, NULL) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
}

/* Keeps `shared` busy until the other thread has met it so. */
static void *hold_result(void *unused) {
    (void)unused;
    for (int round = 0; round < TRIES && !atomic_load(&seen_busy); round++) {
        gwp_status status = gwp_guard_scan(guard, long_text, LONG_TEXT, 0, shared, NULL);
        CHECK(status == GWP_OK || status == GWP_E_BUSY);
    }
    return NULL;
}

static void meet_busy_result(void) {
    pthread_t holder;
    gwp_status met[4] = {GWP_OK, GWP_OK, GWP_OK, GWP_OK};
    const gwp_finding *findings;
    const gwp_item *items;
    const uint8_t *bytes;
    size_t count;
    CHECK(pthread_create(&holder, NULL, hold_result, NULL) == 0);
    for (int round = 0; round < TRIES && (met[0] == GWP_OK || met[1] == GWP_OK || met[2] == GWP_OK || met[3] == GWP_OK); round++) {
        gwp_status now[4] = {
            gwp_guard_scan(guard, TEXT("x"), 0, shared, NULL), gwp_result_findings(shared, &findings, &count, NULL),
            gwp_result_items(shared, &items, &count, NULL), gwp_result_output(shared, &bytes, &count, NULL)};
        for (int i = 0; i < 4; i++) {
            CHECK(now[i] == GWP_OK || now[i] == GWP_E_BUSY);
            met[i] = now[i] == GWP_OK ? met[i] : now[i];
        }
    }
    atomic_store(&seen_busy, 1);
    CHECK(pthread_join(holder, NULL) == 0);
    for (int i = 0; i < 4; i++) {
        CHECK(met[i] == GWP_E_BUSY);
    }
    CHECK(gwp_guard_scan(guard, TEXT("x"), 0, shared, NULL) == GWP_OK); /* free again */
}

static void *push_stream(void *unused) {
    gwp_result *mine = new_result();
    gwp_status status = GWP_OK;
    (void)unused;
    for (int round = 0; round < TRIES && status == GWP_OK && !atomic_load(&seen_busy); round++) {
        status = gwp_stream_push(stream, long_text, LONG_TEXT, mine, NULL);
    }
    CHECK(status == GWP_OK || status == GWP_E_BUSY);
    if (status == GWP_E_BUSY) {
        atomic_store(&seen_busy, 1);
    }
    gwp_result_free(mine);
    return NULL;
}

static void meet_busy_stream(void) {
    pthread_t threads[2];
    atomic_store(&seen_busy, 0);
    CHECK(gwp_stream_new(guard, 0, &stream, NULL) == GWP_OK);
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_create(&threads[i], NULL, push_stream, NULL) == 0);
    }
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK(atomic_load(&seen_busy) == 1);
    gwp_result *last = new_result();
    CHECK(gwp_stream_finish(stream, last, NULL) == GWP_OK); /* GWP_E_BUSY has not harmed it */
    gwp_result_free(last);
    gwp_stream_free(stream);
}

static void *scan_once(void *unused) {
    (void)unused;
    gwp_guard_scan(guard, long_text, LONG_TEXT, 0, shared, NULL);
    return NULL;
}

/* Freed while a call is at work: given up, so that the call ends safely. It leaks if it was busy: not for a leak checker. */
static void free_at_work(void) {
    pthread_t worker;
    CHECK(pthread_create(&worker, NULL, scan_once, NULL) == 0);
    for (int round = 0; round < TRIES && gwp_guard_scan(guard, NULL, 0, 0, shared, NULL) != GWP_E_BUSY; round++) {
    }
    gwp_result_free(shared);
    CHECK(pthread_join(worker, NULL) == 0);
}

int main(void) {
    guard = open_probe("{\"max_text_bytes\": 1099511627776}");
    shared = new_result();
    long_text = malloc(LONG_TEXT);
    CHECK(long_text != NULL);
    memset(long_text, '<', LONG_TEXT);
    share_guard();
    meet_busy_result();
    meet_busy_stream();
    if (under_memory_checker()) {
        gwp_result_free(shared);
    } else {
        free_at_work();
    }
    free(long_text);
    gwp_guard_free(guard);
    puts("threads: ok");
    return 0;
}
