// What the programs of this folder test with.
#ifndef REQUIRE_HPP
#define REQUIRE_HPP

#include <gwplugins.hpp>

#include <cstdio>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <type_traits>

inline void require(bool truth, int line, const char *what) {
    if (!truth) throw std::logic_error("line " + std::to_string(line) + ": " + what);
}
#define REQUIRE(condition) require((condition), __LINE__, #condition)

/// The error that a call throws; a Status with GWP_OK has no Error, so a call that does not throw fails the test.
template <typename Call>
gwplugins::Error thrown(Call call) {
    try {
        call();
    } catch (const gwplugins::Error &error) {
        return error;
    }
    throw std::logic_error("nothing was thrown");
}

template <typename Exception, typename Call>
bool throws(Call call) {
    try {
        call();
    } catch (const Exception &) {
        return true;
    }
    return false;
}

template <typename Handle>
constexpr bool move_only = std::is_nothrow_move_constructible_v<Handle> && std::is_nothrow_move_assignable_v<Handle> &&
                           !std::is_copy_constructible_v<Handle> && !std::is_copy_assignable_v<Handle>;

/// Runs the tests; what main returns.
inline int run_tests(std::initializer_list<void (*)()> tests) {
    try {
        for (const auto test : tests) test();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    std::puts("ok");
    return 0;
}

#endif
