/* Limiters: decisions, every bad argument, threads, and a state that comes back. */
#include "check.h"

#include <pthread.h>

#define SECOND UINT64_C(1000000000)
#define STALE(type) ((type)(void *)&check_stale)

static const uint64_t ONE[] = {0, 1};

static gwp_limiter *limiter_of(const char *config) {
    gwp_limiter *limiter = NULL;
    (void)open_probe;
    (void)findings_of;
    (void)items_of;
    CHECK(gwp_limiter_new(BYTES(config), strlen(config), &limiter, NULL) == GWP_OK);
    return limiter;
}

static gwp_decision check(const gwp_limiter *limiter, const char *value, uint64_t cost, uint64_t now_ns, uint32_t flags) {
    uint64_t offsets[] = {0, strlen(value)};
    gwp_decision decision;
    SUCCEEDS(gwp_limiter_check(limiter, BYTES(value), strlen(value), offsets, 1, cost, now_ns, flags, &decision, NULL, 0, &err));
    return decision;
}

static void decisions(void) {
    gwp_limiter *limiter = limiter_of("{\"by_user\": \"2/s\"}");
    gwp_decision one = check(limiter, "a", 1, SECOND, 0);
    CHECK(one.allowed == 1 && one.flags == 0 && one.dimension == 0 && one.window == 0 && one.limit == 2 && one.remaining == 1);
    CHECK(one.reset_ns == SECOND / 2 && one.retry_after_ns == 0 && one.now_ns == SECOND);
    CHECK(check(limiter, "a", 1, SECOND, GWP_LIMITER_PEEK).remaining == 1);
    CHECK(check(limiter, "a", 1, SECOND + 999, 0).remaining == 0);
    one = check(limiter, "a", 1, SECOND, 0);
    CHECK(one.allowed == 0 && one.retry_after_ns == SECOND / 2);
    one = check(limiter, "a", 3, SECOND, GWP_LIMITER_DRY_RUN);
    CHECK(one.allowed == 1 && one.flags == GWP_DECISION_WOULD_REFUSE && one.retry_after_ns == GWP_NEVER);
    CHECK(check(limiter, "", 1, SECOND, 0).limit == GWP_UNLIMITED && check(limiter, "", 1, SECOND, 0).dimension == GWP_NO_INDEX);
    CHECK(check(limiter, "b", 1, 0, 0).now_ns > 0);
    gwp_limiter_free(limiter);
    gwp_limiter_free(NULL);
}

static void describe(void) {
    gwp_limiter *limiter = limiter_of("");
    const uint8_t *text = STALE(const uint8_t *);
    size_t len = 7, count = 7;
    SUCCEEDS(gwp_limiter_schema(&text, &len, &err));
    CHECK(len > 2 && text[0] == '{');
    FAILS(GWP_E_NULL_ARG, gwp_limiter_schema(NULL, &len, &err), gwp_limiter_schema(&text, NULL, NULL));
    SUCCEEDS(gwp_limiter_describe(limiter, &text, &len, &err));
    CHECK(len > 2 && text[0] == '{');
    FAILS(GWP_E_NULL_ARG, gwp_limiter_describe(NULL, &text, &len, &err), gwp_limiter_describe(limiter, NULL, &len, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_limiter_key_count(NULL, &count, &err), gwp_limiter_key_count(limiter, NULL, NULL));
    SUCCEEDS(gwp_limiter_key_count(limiter, &count, &err));
    CHECK(count == 0);
    gwp_limiter_free(limiter);
}

static void configuration(void) {
    gwp_limiter *made = STALE(gwp_limiter *);
    gwp_error *error = NULL;
    const uint8_t *path = NULL;
    size_t len = 0;
    FAILS(GWP_E_NULL_ARG, gwp_limiter_new(NULL, 0, NULL, &err), gwp_limiter_new(NULL, 2, &made, NULL));
    CHECK(made == NULL);
    FAILS(GWP_E_CONFIG_SYNTAX, gwp_limiter_new(TEXT("{"), &made, &err), gwp_limiter_new(TEXT("\xff"), &made, NULL));
    FAILS(GWP_E_CONFIG_KEY, gwp_limiter_new(TEXT("{\"x\": 1}"), &made, &err), gwp_limiter_new(TEXT("{\"x\": 1}"), &made, NULL));
    FAILS(GWP_E_TOO_LARGE, gwp_limiter_new(BYTES("x"), SIZE_MAX, &made, &err), gwp_limiter_new(BYTES("x"), SIZE_MAX, &made, NULL));
    CHECK(gwp_limiter_new(TEXT("{\"by_user\": \"1/x\"}"), &made, &error) == GWP_E_CONFIG_VALUE && made == NULL);
    CHECK(gwp_error_path(error, &path, &len) == GWP_OK && is_text(path, len, "$.by_user"));
    gwp_error_free(error);
}

static void bad_arguments(void) {
    gwp_limiter *limiter = limiter_of("{\"by_user\": \"2/s\", \"max_key_bytes\": 4}");
    gwp_result *result = new_result();
    gwp_decision decision = {.allowed = 7}, many[2];
    uint64_t back[] = {1, 0}, beyond[] = {0, 9}, two[] = {0, 1, 2}, lease = 7;
    uint32_t released = 7;
    size_t number = 7;
    const uint8_t *a = BYTES("abcdef");
#define ASK(limiter, values, len, offsets, count, cost, now, flags, out, details, room, error) \
    gwp_limiter_check(limiter, values, len, offsets, count, cost, now, flags, out, details, room, error)
#define BOTH(code, ...) FAILS(code, ASK(__VA_ARGS__, &err), ASK(__VA_ARGS__, NULL))
    BOTH(GWP_E_NULL_ARG, NULL, a, 1, ONE, 1, 1, SECOND, 0, &decision, NULL, 0);
    CHECK(decision.allowed == 0 && decision.limit == 0);
    BOTH(GWP_E_NULL_ARG, limiter, NULL, 1, ONE, 1, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_NULL_ARG, limiter, a, 1, NULL, 1, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_NULL_ARG, limiter, a, 1, ONE, 1, 1, SECOND, 0, NULL, NULL, 0);
    BOTH(GWP_E_NULL_ARG, limiter, a, 1, ONE, 1, 1, SECOND, 0, &decision, NULL, 1);
    BOTH(GWP_E_BAD_HANDLE, (gwp_limiter *)(void *)result, a, 1, ONE, 1, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_BAD_HANDLE, (gwp_limiter *)(void *)((char *)limiter + 1), a, 1, ONE, 1, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_BAD_OFFSETS, limiter, a, 1, back, 1, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_BAD_OFFSETS, limiter, a, 6, beyond, 1, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_OUT_OF_RANGE, limiter, a, 2, two, 2, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_OUT_OF_RANGE, limiter, a, 1, ONE, 0, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_OUT_OF_RANGE, limiter, a, 1, ONE, SIZE_MAX, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_OUT_OF_RANGE, limiter, a, 1, ONE, 1, (UINT64_C(1) << 50) + 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_OUT_OF_RANGE, limiter, a, 1, ONE, 1, 1, UINT64_MAX, 0, &decision, NULL, 0);
    BOTH(GWP_E_TOO_LARGE, limiter, a, 5, ((uint64_t[]){0, 5}), 1, 1, SECOND, 0, &decision, NULL, 0);
    BOTH(GWP_E_TOO_LARGE, limiter, a, SIZE_MAX, ONE, 1, 1, SECOND, 0, &decision, NULL, 0);
    for (uint32_t bit = 2; bit < 32; bit++) {
        BOTH(GWP_E_BAD_FLAG, limiter, a, 1, ONE, 1, 1, SECOND, UINT32_C(1) << bit, &decision, NULL, 0);
    }
    CHECK(decision.allowed == 0);
    FAILS(GWP_E_NULL_ARG, gwp_limiter_check_many(limiter, a, 1, ONE, 1, 1, NULL, SECOND, 0, NULL, &err),
          gwp_limiter_check_many(NULL, a, 1, ONE, 1, 1, NULL, SECOND, 0, many, NULL));
    FAILS(GWP_E_OUT_OF_RANGE, gwp_limiter_check_many(limiter, a, 1, ONE, 1, 2, NULL, SECOND, 0, many, &err),
          gwp_limiter_check_many(limiter, a, 2, two, 2, 1, NULL, SECOND, 0, many, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_limiter_settle(limiter, a, 1, ONE, 1, 1, 1, 1, SECOND, NULL, &err),
          gwp_limiter_settle(NULL, a, 1, ONE, 1, 1, 1, 1, SECOND, &decision, NULL));
    FAILS(GWP_E_OUT_OF_RANGE, gwp_limiter_settle(limiter, a, 1, ONE, 1, 1, 1, UINT64_MAX, SECOND, &decision, &err),
          gwp_limiter_settle(limiter, a, 1, ONE, 1, UINT64_MAX, 1, 1, SECOND, &decision, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_limiter_acquire(limiter, a, 1, ONE, 1, 1, SECOND, 0, NULL, &decision, &err),
          gwp_limiter_acquire(limiter, a, 1, ONE, 1, 1, SECOND, 0, &lease, NULL, NULL));
    CHECK(lease == 0);
    FAILS(GWP_E_NULL_ARG, gwp_limiter_release(limiter, a, 1, ONE, 1, 1, SECOND, NULL, &err),
          gwp_limiter_release(NULL, a, 1, ONE, 1, 1, SECOND, &released, NULL));
    CHECK(released == 0);
    FAILS(GWP_E_NULL_ARG, gwp_limiter_reset(limiter, a, 1, ONE, 1, SECOND, NULL, &err),
          gwp_limiter_reset(limiter, a, 1, NULL, 1, SECOND, &number, NULL));
    CHECK(number == 0);
    FAILS(GWP_E_NULL_ARG, gwp_limiter_export(limiter, SECOND, NULL, &err), gwp_limiter_export(NULL, SECOND, result, NULL));
    FAILS(GWP_E_BAD_STATE, gwp_limiter_import(limiter, TEXT("no state"), SECOND, &number, &err),
          gwp_limiter_import(limiter, NULL, 0, SECOND, &number, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_limiter_import(limiter, NULL, 1, SECOND, &number, &err),
          gwp_limiter_import(limiter, TEXT("x"), SECOND, NULL, NULL));
    gwp_result_free(result);
    gwp_limiter_free(limiter);
}

static void many_and_details(void) {
    gwp_limiter *limiter = limiter_of("{\"by_user\": \"2/s, 3/m\", \"by_tenant\": \"9/s\"}");
    gwp_decision many[3], details[4] = {0}, decision;
    uint64_t offsets[] = {0, 1, 2, 3, 4, 5, 6}, costs[] = {1, 2, 1};
    char unaligned[sizeof offsets + 1];
    memcpy(unaligned + 1, offsets, sizeof offsets);
    SUCCEEDS(gwp_limiter_check_many(limiter, BYTES("atatbt"), 6, (const uint64_t *)(void *)(unaligned + 1), 6, 3, costs, SECOND, 0, many, &err));
    CHECK(many[0].allowed == 1 && many[1].allowed == 0 && many[2].allowed == 1);
    SUCCEEDS(gwp_limiter_check_many(limiter, NULL, 0, NULL, 0, 0, NULL, SECOND, 0, NULL, &err));
    SUCCEEDS(gwp_limiter_check(limiter, BYTES("at"), 2, offsets, 2, 1, SECOND, GWP_LIMITER_PEEK, &decision, details, 4, &err));
    CHECK(details[0].limit == 2 && details[1].limit == 3 && details[2].dimension == 1 && details[2].remaining == 7 && details[3].limit == 0);
    details[1].limit = 77;
    SUCCEEDS(gwp_limiter_check(limiter, BYTES("at"), 2, offsets, 2, 1, SECOND, GWP_LIMITER_PEEK, &decision, details, 1, &err));
    CHECK(details[1].limit == 77);
    gwp_limiter_free(limiter);
}

static void leases_and_reservations(void) {
    gwp_limiter *limiter = limiter_of("{\"dimensions\": [{\"name\": \"m\", \"limits\": \"100/s\", \"concurrency\": 1}]}");
    gwp_decision decision;
    uint64_t lease = 7, second = 7;
    uint32_t released = 7;
    size_t removed = 7;
    SUCCEEDS(gwp_limiter_acquire(limiter, BYTES("a"), 1, ONE, 1, 50, SECOND, 0, &lease, &decision, &err));
    CHECK(lease == 1 && decision.allowed == 1 && decision.remaining == 0 && decision.window == 1);
    SUCCEEDS(gwp_limiter_acquire(limiter, BYTES("a"), 1, ONE, 1, 50, SECOND, 0, &second, &decision, &err));
    CHECK(second == 0 && decision.allowed == 0);
    SUCCEEDS(gwp_limiter_settle(limiter, BYTES("a"), 1, ONE, 1, 50, SECOND, 10, SECOND, &decision, &err));
    CHECK(decision.allowed == 1 && decision.remaining == 90);
    SUCCEEDS(gwp_limiter_release(limiter, BYTES("a"), 1, ONE, 1, lease, SECOND, &released, &err));
    CHECK(released == 1);
    SUCCEEDS(gwp_limiter_release(limiter, BYTES("a"), 1, ONE, 1, lease, SECOND, &released, &err));
    CHECK(released == 0);
    SUCCEEDS(gwp_limiter_reset(limiter, BYTES("a"), 1, ONE, 1, SECOND, &removed, &err));
    CHECK(removed == 1 && check(limiter, "a", 100, SECOND, 0).allowed == 1);
    gwp_limiter_free(limiter);
}

static void state(void) {
    gwp_limiter *old = limiter_of("{\"by_user\": \"2/s\"}"), *new = limiter_of("{\"by_user\": \"2/s\"}");
    gwp_limiter *other = limiter_of("{\"by_user\": \"3/s\"}");
    gwp_result *result = new_result();
    size_t len = 0, imported = 7;
    CHECK(check(old, "a", 2, SECOND, 0).allowed == 1);
    SUCCEEDS(gwp_limiter_export(old, SECOND, result, &err));
    const uint8_t *bytes = output_of(result, &len);
    SUCCEEDS(gwp_limiter_import(new, bytes, len, SECOND, &imported, &err));
    CHECK(imported == 1 && check(new, "a", 1, SECOND, 0).allowed == 0);
    CHECK(gwp_limiter_import(other, bytes, len, SECOND, &imported, NULL) == GWP_E_BAD_STATE && imported == 0);
    gwp_result_free(result);
    gwp_limiter_free(old);
    gwp_limiter_free(new);
    gwp_limiter_free(other);
}

static void *draw(void *limiter) {
    uintptr_t granted = 0;
    for (int i = 0; i < 500; i++) {
        granted += check(limiter, "a", 1, SECOND, 0).allowed;
    }
    return (void *)granted;
}

static void threads(void) {
    gwp_limiter *limiter = limiter_of("{\"by_user\": \"1000/d\"}");
    pthread_t running[8];
    uintptr_t granted = 0;
    for (int i = 0; i < 8; i++) {
        CHECK(pthread_create(&running[i], NULL, draw, limiter) == 0);
    }
    for (int i = 0; i < 8; i++) {
        void *part = NULL;
        CHECK(pthread_join(running[i], &part) == 0);
        granted += (uintptr_t)part;
    }
    CHECK(granted == 1000);
    gwp_limiter_free(limiter);
}

int main(void) {
    decisions();
    describe();
    configuration();
    bad_arguments();
    many_and_details();
    leases_and_reservations();
    state();
    threads();
    puts("limiter: ok");
    return 0;
}
