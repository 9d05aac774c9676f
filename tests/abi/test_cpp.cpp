// The header in C++17, used as C++ does: handles in unique_ptr, views as string_view, a span loop over findings.
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include "gwplugins.h"

namespace {

static_assert(std::is_standard_layout_v<gwp_finding> && std::is_trivially_copyable_v<gwp_finding> && sizeof(gwp_finding) == 32);
static_assert(std::is_standard_layout_v<gwp_item> && std::is_trivially_copyable_v<gwp_item> && sizeof(gwp_item) == 32);
static_assert(std::is_same_v<gwp_status, std::int32_t>);

template <auto Free>
struct Freed {
    template <typename T>
    void operator()(T *handle) const noexcept { Free(handle); }
};
using Guard = std::unique_ptr<gwp_guard, Freed<gwp_guard_free>>;
using Result = std::unique_ptr<gwp_result, Freed<gwp_result_free>>;
using Stream = std::unique_ptr<gwp_stream, Freed<gwp_stream_free>>;
using Error = std::unique_ptr<gwp_error, Freed<gwp_error_free>>;

void require(bool truth, const char *what) {
    if (!truth) {
        throw std::logic_error(what);
    }
}
#define REQUIRE(condition) require((condition), #condition)

const std::uint8_t *bytes(std::string_view text) { return reinterpret_cast<const std::uint8_t *>(text.data()); }

std::string_view text_of(const std::uint8_t *data, std::size_t len) { return {reinterpret_cast<const char *>(data), len}; }

/// Throws what the library says.
template <typename Call>
void run(Call call) {
    gwp_error *raw = nullptr;
    const gwp_status status = call(&raw);
    const Error error(raw);
    if (status != GWP_OK) {
        const std::uint8_t *data = nullptr;
        std::size_t len = 0;
        gwp_error_message(raw, &data, &len);
        throw std::runtime_error(std::string(gwp_status_name(status)) + ": " + std::string(text_of(data, len)));
    }
}

Guard open(std::string_view config) {
    gwp_guard *guard = nullptr;
    run([&](gwp_error **err) { return gwp_guard_new(bytes("probe"), 5, bytes(config), config.size(), &guard, err); });
    return Guard(guard);
}

Result new_result() {
    gwp_result *result = nullptr;
    run([&](gwp_error **err) { return gwp_result_new(&result, err); });
    return Result(result);
}

std::vector<gwp_finding> findings(const Result &result) {
    const gwp_finding *first = nullptr;
    std::size_t count = 0;
    run([&](gwp_error **err) { return gwp_result_findings(result.get(), &first, &count, err); });
    return {first, first + count};
}

std::string output(const Result &result) {
    const std::uint8_t *data = nullptr;
    std::size_t len = 0;
    run([&](gwp_error **err) { return gwp_result_output(result.get(), &data, &len, err); });
    return std::string(text_of(data, len));
}

void scans() {
    const Guard guard = open("{}");
    const Result result = new_result();
    const std::string_view text = "x<r>y";
    run([&](gwp_error **err) { return gwp_guard_scan(guard.get(), bytes(text), text.size(), GWP_OUTPUT, result.get(), err); });
    REQUIRE(output(result) == "x[R]y");
    const auto found = findings(result);
    REQUIRE(found.size() == 1 && text.substr(found[0].start, found[0].end - found[0].start) == "<r>");
}

void streams() {
    Guard guard = open("{}");
    gwp_stream *raw = nullptr;
    run([&](gwp_error **err) { return gwp_stream_new(guard.get(), GWP_OUTPUT, &raw, err); });
    const Stream stream(raw);
    guard.reset();
    const Result result = new_result();
    std::string all;
    for (const char letter : std::string_view("x<r>y, and so on until the window is full <rr>")) {
        const std::string_view chunk(&letter, 1);
        run([&](gwp_error **err) { return gwp_stream_push(stream.get(), bytes(chunk), 1, result.get(), err); });
        all += output(result);
    }
    run([&](gwp_error **err) { return gwp_stream_finish(stream.get(), result.get(), err); });
    all += output(result);
    REQUIRE(all == "x[R]y, and so on until the window is full [R]");
}

void errors() {
    std::string said;
    try {
        open("{\"score\": true}");
    } catch (const std::runtime_error &error) {
        said = error.what();
    }
    REQUIRE(said == "GWP_E_CONFIG_TYPE: $.score: wrong type");
}

void threads() {
    const Guard guard = open("{}");
    std::vector<std::thread> all;
    for (int i = 0; i < 4; i++) {
        all.emplace_back([&guard] {
            const Result result = new_result();
            for (int round = 0; round < 200; round++) {
                gwp_guard_scan(guard.get(), bytes("<a>"), 3, GWP_UNIT_UTF16, result.get(), nullptr);
                REQUIRE(findings(result).size() == 1);
            }
        });
    }
    for (auto &thread : all) {
        thread.join();
    }
}

}  // namespace

int main() {
    try {
        REQUIRE(gwp_abi_supports(GWP_ABI_MAJOR, GWP_ABI_MINOR) == 1);
        scans();
        streams();
        errors();
        threads();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    std::puts("cpp: ok");
    return 0;
}
