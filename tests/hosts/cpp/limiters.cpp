// What Limiter in gwplugins.hpp promises beyond the vectors: errors, closed and moved-from handles, leases, state,
// commands for Redis, threads.
#include <gwplugins.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "require.hpp"

namespace {

using namespace gwplugins;

static_assert(move_only<Limiter> && move_only<Bytes>);

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::string_view two_dimensions = R"({"by_user": "2/s", "by_tenant": "3/s, 5/h"})";

void decisions() {
    const Limiter limiter(two_dimensions);
    REQUIRE((limiter.dimensions() == std::vector<std::string>{"user", "tenant"}));
    REQUIRE(limiter.describe().find("\"tenant\"") != std::string_view::npos && limiter_schema().front() == '{');
    const Decision first = limiter.check({"ann", "shop"}, {1, second});
    REQUIRE(first.allowed && first.dimension == "user" && first.window == 0 && first.limit == 2U);
    REQUIRE(first.remaining == 1U && first.retry_after->count() == 0 && first.now_ns == second && !first.blocked);
    Decision decision;
    std::vector<Decision> windows;
    REQUIRE(limiter.try_check({"ann", "shop"}, decision, windows, {1, second}) && windows.size() == 3);
    REQUIRE(windows[0].dimension == "user" && windows[2].dimension == "tenant" && windows[2].limit == 5U);
    const Decision refused = limiter.check({"ann", "shop"}, {1, second});
    REQUIRE(!refused.allowed && refused.dimension == "user" && refused.retry_after->count() == second / 2);
    REQUIRE(!limiter.peek({"ann", "shop"}, 1, second).allowed && limiter.peek({"ann", "shop"}, 1, 2 * second).allowed);
    REQUIRE(limiter.check({"ann", "shop"}, {1, second, false, true}).would_refuse);
    REQUIRE(!limiter.check({"bob", ""}, {3, second}).retry_after);  // never
    const Decision unlimited = limiter.check({"", ""}, {1, second});
    REQUIRE(unlimited.allowed && !unlimited.limit && !unlimited.remaining && unlimited.dimension.empty());
    REQUIRE(limiter.key_count() == 2 && limiter.reset({"ann", "shop"}, second) == 2 && limiter.key_count() == 0);
    const Limiter blocking(R"({"dimensions": [{"name": "user", "limits": "9/s", "blocked": ["evil*"]}]})");
    REQUIRE(blocking.check("evil one").blocked && !blocking.check("evil one").allowed && blocking.check("ann").allowed);
}

void errors() {
    const Error error = thrown([] { Limiter(R"({"by_user": "nonsense"})"); });
    REQUIRE(error.code() == GWP_E_CONFIG_VALUE && error.path() == "$.by_user");
    Limiter limiter(R"({"by_user": "1/s", "max_key_bytes": 8})");
    REQUIRE(Limiter::try_open(limiter, "[]").code() == GWP_E_CONFIG_TYPE && limiter);
    Decision decision = limiter.check("ann", {1, second});
    const std::string secret = "jane@example.com";
    const Status status = limiter.try_check(secret, decision, {1, second});
    REQUIRE(status.code() == GWP_E_TOO_LARGE && status.message().find("jane") == std::string_view::npos);
    REQUIRE(!decision.allowed);
    REQUIRE(thrown([&] { limiter.check({"a", "b"}); }).code() == GWP_E_OUT_OF_RANGE);
    REQUIRE(thrown([&] { limiter.check(Key(std::vector<std::string_view>())); }).code() == GWP_E_OUT_OF_RANGE);
    REQUIRE(thrown([&] { limiter.check("a", {(std::uint64_t{1} << 50) + 1}); }).code() == GWP_E_OUT_OF_RANGE);
    REQUIRE(thrown([&] { limiter.check("a", {1, UINT64_MAX}); }).code() == GWP_E_OUT_OF_RANGE);
    REQUIRE(thrown([&] { limiter.release(secret, 1); }).code() == GWP_E_TOO_LARGE);
}

void many() {
    const Limiter limiter(R"({"by_user": "2/s", "max_key_bytes": 8})");
    const std::vector<Decision> told = limiter.check_many({"ann", "ann", "ann", "bob"}, {}, second);
    REQUIRE(told.size() == 4 && told[0].allowed && told[1].allowed && !told[2].allowed && told[3].allowed);
    REQUIRE(limiter.check_many({"cid", "cid"}, {2, 1}, second)[0].remaining == 0U && limiter.check_many({}).empty());
    std::vector<Decision> decisions;
    REQUIRE(limiter.try_check_many({"dan", "much too long", "eve"}, decisions, {}, second).code() == GWP_E_TOO_LARGE);
    REQUIRE(decisions.size() == 1 && decisions[0].allowed && limiter.peek("dan", 1, second).remaining == 1U);
    REQUIRE(limiter.peek("eve", 1, second).remaining == 2U);
    REQUIRE(limiter.try_check_many({"fay"}, decisions, {1, 1}).code() == GWP_E_OUT_OF_RANGE && decisions.empty());
    // As many values as two requests have, but not two for each.
    const Limiter two(two_dimensions);
    REQUIRE(two.try_check_many({"gus", {"a", "b", "c"}}, decisions).code() == GWP_E_OUT_OF_RANGE);
    REQUIRE(decisions.empty() && two.key_count() == 0);
}

void reservations_and_leases() {
    const Limiter limiter(R"({"dimensions": [{"name": "user", "limits": "10/h", "concurrency": 1}]})");
    const Decision reserved = limiter.check("ann", {6, second});
    REQUIRE(reserved.remaining == 4U);
    REQUIRE(limiter.settle("ann", {6, reserved.now_ns}, 2, second).remaining == 8U);
    const Acquired held = limiter.acquire("ann", {1, second});
    REQUIRE(held.decision.allowed && held.lease != 0);
    const Acquired other = limiter.acquire("ann", {1, second});
    REQUIRE(!other.decision.allowed && other.lease == 0);
    REQUIRE(limiter.release("ann", held.lease, second) && !limiter.release("ann", held.lease, second));
    REQUIRE(limiter.acquire("ann", {1, second}).decision.allowed);
}

void state() {
    const Limiter one(two_dimensions);
    one.check({"ann", "shop"}, {2, second});
    const std::string exported = one.export_state(second);
    const Limiter other(two_dimensions);
    REQUIRE(other.import_state(exported, second) == 2 && other.key_count() == 2);
    REQUIRE(other.peek({"ann", "shop"}, 1, second).remaining == 0U && !other.check({"ann", ""}, {1, second}).allowed);
    const Limiter fresh(two_dimensions);
    const std::string cut = exported.substr(0, exported.size() - 1);
    REQUIRE(thrown([&] { fresh.import_state(cut, second); }).code() == GWP_E_BAD_STATE && fresh.key_count() == 0);
    const Limiter unlike(R"({"by_user": "9/s"})");
    REQUIRE(thrown([&] { unlike.import_state(exported, second); }).code() == GWP_E_BAD_STATE);
}

void redis_errors() {
    const Limiter limiter(R"({"by_user": "2/s"})");
    Request request{};
    request.cost = 1;
    REQUIRE(limiter.command("", request).empty() && limiter.read_reply("", request, {}).allowed);
    Decision decision = limiter.check("ann");
    REQUIRE(limiter.try_read_reply("ann", request, {1}, decision).code() == GWP_E_OUT_OF_RANGE && !decision.allowed);
    request.operation = GWP_REQUEST_RESET;
    REQUIRE(thrown([&] { limiter.read_reply("ann", request, {1}); }).code() == GWP_E_UNSUPPORTED);
    request.operation = 99;
    REQUIRE(thrown([&] { limiter.command("ann", request); }).code() == GWP_E_OUT_OF_RANGE);
    REQUIRE(thrown([&] { limiter.script(99); }).code() == GWP_E_OUT_OF_RANGE);
}

void closed_and_moved() {
    Limiter limiter(two_dimensions);
    const Decision decision = limiter.check({"ann", "shop"});
    Limiter other = std::move(limiter);
    // NOLINTNEXTLINE: what a moved-from limiter does is the question
    REQUIRE(!limiter && other && decision.dimension == "user");
    REQUIRE(thrown([&] { limiter.check("ann"); }).code() == GWP_E_NULL_ARG);
    other.close();
    other.close();
    Request request{};
    std::vector<Decision> decisions;
    REQUIRE(!other && thrown([&] { other.check({"ann", "shop"}); }).code() == GWP_E_NULL_ARG);
    REQUIRE(other.try_check_many({{"ann", "shop"}}, decisions).code() == GWP_E_NULL_ARG && decisions.empty());
    REQUIRE(thrown([&] { other.settle("a", {1, 1}, 2); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.acquire("a"); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.release("a", 1); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.reset("a"); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.export_state(); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.import_state("x"); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.command("a", request); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.script(GWP_REQUEST_CHECK); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.read_reply("a", request, {}); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.describe(); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.key_count(); }).code() == GWP_E_NULL_ARG);
}

/// One limiter for all threads: together they get the quota, not one more and not one less.
void threads() {
    for (const char *algorithm : {"gcra", "fixed_window", "sliding_window_log", "sliding_window_counter"}) {
        const Limiter limiter(R"({"by_user": "500/h", "algorithm": ")" + std::string(algorithm) + "\"}");
        std::atomic<unsigned> granted{0}, last{0};
        std::vector<std::thread> all;
        for (int i = 0; i < 4; i++) {
            all.emplace_back([&] {
                for (int round = 0; round < 400; round++) {
                    const Decision decision = limiter.check("ann", {1, 3600 * second});
                    granted += decision.allowed ? 1 : 0;
                    last += decision.allowed && decision.remaining == 0U ? 1 : 0;
                }
            });
        }
        for (std::thread &thread : all) thread.join();
        REQUIRE(granted == 500 && last == 1);
    }
}

}  // namespace

int main() {
    return run_tests(
        {decisions, errors, many, reservations_and_leases, state, redis_errors, closed_and_moved, threads});
}
