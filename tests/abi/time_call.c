/* Not a test: prints the time of one gwp_guard_scan of a clean text of 100 bytes. `make time` */
#include <time.h>

#include "check.h"

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(void) {
    enum { CALLS = 5000000 };
    gwp_guard *guard = open_probe("{}");
    gwp_result *result = new_result();
    gwp_error *error = NULL;
    uint8_t text[100];
    double best = 1;
    memset(text, 'x', sizeof text);
    for (int round = 0; round < 5; round++) {
        double begun = seconds();
        for (int call = 0; call < CALLS; call++) {
            CHECK(gwp_guard_scan(guard, text, sizeof text, GWP_OUTPUT | GWP_UNIT_CODE_POINTS, result, &error) == GWP_OK);
        }
        double each = (seconds() - begun) / CALLS;
        best = each < best ? each : best;
    }
    printf("%.1f ns\n", best * 1e9);
    gwp_result_free(result);
    gwp_guard_free(guard);
    return 0;
}
