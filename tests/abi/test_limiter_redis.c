/* Limiters with counts in Redis: what is sent, what a reply says, and every bad argument. No server is needed. */
#include "check.h"

static gwp_limiter *limiter;
static gwp_result *result;
static const uint64_t one[] = {0, 5};

static gwp_limiter *open_limiter(const char *config) {
    gwp_limiter *made = NULL;
    CHECK(gwp_limiter_new(BYTES(config), strlen(config), &made, NULL) == GWP_OK);
    return made;
}

static int part_is(size_t index, uint32_t kind, const char *wanted) {
    size_t count = 0, len = 0;
    const gwp_finding *parts = findings_of(result, &count);
    const uint8_t *text = output_of(result, &len);
    CHECK(index < count && parts[index].rule == kind && parts[index].end <= len);
    return is_text(text + parts[index].start, (size_t)(parts[index].end - parts[index].start), wanted);
}

static void commands(void) {
    gwp_limiter_request request = {.operation = GWP_REQUEST_CHECK, .cost = 2, .now_ns = UINT64_C(5000000000)};
    const uint8_t *script = NULL;
    size_t count = 0, len = 0;
    SUCCEEDS(gwp_limiter_command(limiter, TEXT("alice"), one, 1, &request, result, &err));
    CHECK(findings_of(result, &count) != NULL && count == 8);
    CHECK(part_is(1, GWP_PART_KEY_COUNT, "1"));
    CHECK(part_is(3, GWP_PART_ARGUMENT, "5000000") && part_is(4, GWP_PART_ARGUMENT, "2"));
    CHECK(part_is(5, GWP_PART_ARGUMENT, "") && part_is(6, GWP_PART_ARGUMENT, ""));
    CHECK(part_is(7, GWP_PART_ARGUMENT, "[6000000,0,\"b\",1,1000000,3,0]"));
    SUCCEEDS(gwp_limiter_script(limiter, GWP_REQUEST_CHECK, &script, &len, &err));
    CHECK(len > 100 && memchr(script, 0, len) == NULL);
    request.now_ns = 0, request.flags = GWP_LIMITER_PEEK, request.lease = 7;
    SUCCEEDS(gwp_limiter_command(limiter, TEXT("alice"), one, 1, &request, result, &err));
    CHECK(part_is(3, GWP_PART_ARGUMENT, "0") && part_is(5, GWP_PART_ARGUMENT, "peek") && part_is(6, GWP_PART_ARGUMENT, "7"));
    uint64_t none[] = {0, 0};
    SUCCEEDS(gwp_limiter_command(limiter, NULL, 0, none, 1, &request, result, &err));
    CHECK(findings_of(result, &count) == NULL);
}

static void replies(void) {
    gwp_limiter_request request = {.operation = GWP_REQUEST_CHECK, .cost = 2, .now_ns = UINT64_C(5000000000)};
    int64_t granted[] = {1, 5000000, 1, 1, 2000000, 0}, refused[] = {0, 5000000, 0, 1, 2000000, 1000000};
    int64_t never[] = {0, 5000000, 0, 3, 0, -1};
    gwp_decision decision, details[1];
    SUCCEEDS(gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &request, granted, 6, &decision, details, 1, &err));
    CHECK(decision.allowed == 1 && decision.dimension == 0 && decision.window == 0 && decision.limit == 3);
    CHECK(decision.remaining == 1 && decision.reset_ns == UINT64_C(2000000000) && decision.retry_after_ns == 0);
    CHECK(decision.now_ns == UINT64_C(5000000000) && details[0].allowed == 1 && details[0].remaining == 1);
    SUCCEEDS(gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &request, refused, 6, &decision, NULL, 0, &err));
    CHECK(decision.allowed == 0 && decision.retry_after_ns == UINT64_C(1000000000));
    SUCCEEDS(gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &request, never, 6, &decision, NULL, 0, &err));
    CHECK(decision.allowed == 0 && decision.retry_after_ns == GWP_NEVER);
    request.flags = GWP_LIMITER_DRY_RUN;
    SUCCEEDS(gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &request, refused, 6, &decision, NULL, 0, &err));
    CHECK(decision.allowed == 1 && decision.flags == GWP_DECISION_WOULD_REFUSE);
    uint64_t none[] = {0, 0};
    SUCCEEDS(gwp_limiter_read_reply(limiter, NULL, 0, none, 1, &request, NULL, 0, &decision, NULL, 0, &err));
    CHECK(decision.allowed == 1 && decision.limit == GWP_UNLIMITED);
}

static void bad_commands(void) {
    gwp_limiter_request request = {.cost = 1}, strange = {.operation = 4}, flagged = {.operation = 1, .flags = 1};
    gwp_limiter_request late = {.cost = 1, .now_ns = UINT64_MAX}, dear = {.cost = UINT64_MAX}, unknown = {.flags = 4};
    uint64_t down[] = {5, 0};
    FAILS(GWP_E_NULL_ARG, gwp_limiter_command(NULL, TEXT("alice"), one, 1, &request, result, &err), gwp_limiter_command(NULL, TEXT("alice"), one, 1, &request, result, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_limiter_command(limiter, NULL, 5, one, 1, &request, result, &err), gwp_limiter_command(limiter, TEXT("alice"), NULL, 1, &request, result, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_limiter_command(limiter, TEXT("alice"), one, 1, NULL, result, &err), gwp_limiter_command(limiter, TEXT("alice"), one, 1, &request, NULL, NULL));
    FAILS(GWP_E_BAD_OFFSETS, gwp_limiter_command(limiter, TEXT("alice"), down, 1, &request, result, &err), gwp_limiter_command(limiter, TEXT("ali"), one, 1, &request, result, NULL));
    FAILS(GWP_E_OUT_OF_RANGE, gwp_limiter_command(limiter, NULL, 0, NULL, 0, &request, result, &err), gwp_limiter_command(limiter, TEXT("alice"), one, 1, &strange, result, NULL));
    FAILS(GWP_E_OUT_OF_RANGE, gwp_limiter_command(limiter, TEXT("alice"), one, 1, &late, result, &err), gwp_limiter_command(limiter, TEXT("alice"), one, 1, &dear, result, NULL));
    FAILS(GWP_E_BAD_FLAG, gwp_limiter_command(limiter, TEXT("alice"), one, 1, &flagged, result, &err), gwp_limiter_command(limiter, TEXT("alice"), one, 1, &unknown, result, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_limiter_command((gwp_limiter *)(void *)result, TEXT("alice"), one, 1, &request, result, &err),
          gwp_limiter_command(limiter, TEXT("alice"), one, 1, &request, (gwp_result *)(void *)limiter, NULL));
    const uint8_t *text = NULL;
    size_t len = 7;
    FAILS(GWP_E_OUT_OF_RANGE, gwp_limiter_script(limiter, 4, &text, &len, &err), gwp_limiter_script(limiter, UINT32_MAX, &text, &len, NULL));
    CHECK(text == NULL && len == 0);
    FAILS(GWP_E_NULL_ARG, gwp_limiter_script(NULL, 0, &text, &len, &err), gwp_limiter_script(limiter, 0, NULL, &len, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_limiter_script((gwp_limiter *)(void *)result, 0, &text, &len, &err), gwp_limiter_script((gwp_limiter *)(void *)result, 0, &text, &len, NULL));
}

static void bad_replies(void) {
    gwp_limiter_request request = {.cost = 1}, reset = {.operation = GWP_REQUEST_RESET};
    int64_t reply[] = {1, 5000000, 1, 1, 2000000, 0, 0};
    gwp_decision decision = {.allowed = 1};
    for (size_t count = 0; count < 8; count++) {
        gwp_status wanted = count == 6 ? GWP_OK : GWP_E_OUT_OF_RANGE;
        CHECK(gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &request, reply, count, &decision, NULL, 0, NULL) == wanted);
        CHECK(decision.allowed == (count == 6));
    }
    FAILS(GWP_E_UNSUPPORTED, gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &reset, reply, 2, &decision, NULL, 0, &err),
          gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &reset, reply, 2, &decision, NULL, 0, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_limiter_read_reply(NULL, TEXT("alice"), one, 1, &request, reply, 6, &decision, NULL, 0, &err),
          gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, NULL, reply, 6, &decision, NULL, 0, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &request, NULL, 6, &decision, NULL, 0, &err),
          gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &request, reply, 6, NULL, NULL, 0, NULL));
    FAILS(GWP_E_NULL_ARG, gwp_limiter_read_reply(limiter, TEXT("alice"), one, 1, &request, reply, 6, &decision, NULL, 1, &err),
          gwp_limiter_read_reply(limiter, TEXT("alice"), NULL, 1, &request, reply, 6, &decision, NULL, 0, NULL));
    FAILS(GWP_E_BAD_HANDLE, gwp_limiter_read_reply((gwp_limiter *)(void *)result, TEXT("alice"), one, 1, &request, reply, 6, &decision, NULL, 0, &err),
          gwp_limiter_read_reply((gwp_limiter *)(void *)result, TEXT("alice"), one, 1, &request, reply, 6, &decision, NULL, 0, NULL));
    CHECK(decision.allowed == 0);
}

int main(void) {
    limiter = open_limiter("{\"by_user\": \"3/3s\"}");
    result = new_result();
    commands();
    replies();
    bad_commands();
    bad_replies();
    gwp_result_free(result);
    gwp_limiter_free(limiter);
    puts("limiter_redis: ok");
    return 0;
}
