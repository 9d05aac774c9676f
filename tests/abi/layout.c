/* Prints the layout of what crosses the border; tests/abi/layout.txt is what it must print, for ever within ABI 1. */
#include <stddef.h>
#include <stdio.h>

#include "gwplugins.h"

#define FIELD(type, field) printf("%s.%s %zu %zu\n", #type, #field, offsetof(type, field), sizeof(((type *)0)->field))

int main(void) {
    printf("gwp_status %zu\n", sizeof(gwp_status));
    printf("gwp_finding %zu\n", sizeof(gwp_finding));
    FIELD(gwp_finding, start);
    FIELD(gwp_finding, end);
    FIELD(gwp_finding, item);
    FIELD(gwp_finding, rule);
    FIELD(gwp_finding, flags);
    FIELD(gwp_finding, detail);
    printf("gwp_item %zu\n", sizeof(gwp_item));
    FIELD(gwp_item, verdict);
    FIELD(gwp_item, score);
    FIELD(gwp_item, changed);
    FIELD(gwp_item, reserved);
    FIELD(gwp_item, output_start);
    FIELD(gwp_item, output_end);
    printf("gwp_decision %zu\n", sizeof(gwp_decision));
    FIELD(gwp_decision, allowed);
    FIELD(gwp_decision, flags);
    FIELD(gwp_decision, dimension);
    FIELD(gwp_decision, window);
    FIELD(gwp_decision, limit);
    FIELD(gwp_decision, remaining);
    FIELD(gwp_decision, reset_ns);
    FIELD(gwp_decision, retry_after_ns);
    FIELD(gwp_decision, now_ns);
    printf("gwp_limiter_request %zu\n", sizeof(gwp_limiter_request));
    FIELD(gwp_limiter_request, operation);
    FIELD(gwp_limiter_request, flags);
    FIELD(gwp_limiter_request, cost);
    FIELD(gwp_limiter_request, now_ns);
    FIELD(gwp_limiter_request, lease);
    FIELD(gwp_limiter_request, reserved_ns);
    FIELD(gwp_limiter_request, actual);
    return 0;
}
