// The header without exceptions: what returns a Status works, and what would throw ends the process (argument `throw`).
#include <gwplugins.hpp>

#include <cstdio>

int main(int argc, char **) {
    gwplugins::Guard guard;
    gwplugins::Result result;
    if (gwplugins::Guard::try_open(guard, "no_such_kind").code() != GWP_E_UNKNOWN_KIND) return 1;
    if (!gwplugins::Guard::try_open(guard, "pii_filter")) return 1;
    if (!guard.try_rewrite("SSN 123-45-6789", result)) return 1;
    if (argc > 1) gwplugins::Guard("no_such_kind");
    std::printf("%.*s\n", static_cast<int>(result.output().size()), result.output().data());
}
