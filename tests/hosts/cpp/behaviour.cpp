// What gwplugins.hpp promises beyond the vectors: closed and moved-from handles, errors, views, batches, streams,
// threads.
#include <gwplugins.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "require.hpp"

namespace {

using namespace gwplugins;

static_assert(move_only<Guard> && move_only<Result> && move_only<Stream> && move_only<Status>);
static_assert(std::is_nothrow_copy_constructible_v<Error>);

template <typename Text, typename = void>
constexpr bool rewritable = false;
template <typename Text>
constexpr bool rewritable<Text, std::void_t<decltype(std::declval<const Guard &>().rewrite(std::declval<Text>()))>> =
    true;
static_assert(rewritable<const char *> && rewritable<std::string_view> && rewritable<std::string &> &&
              rewritable<const std::string &>);
static_assert(!rewritable<std::string>, "the output could be a view into a string that is gone");

constexpr std::string_view mail = "Mail jane@example.com today";

void library() {
    REQUIRE(abi_version() >> 16 == GWP_ABI_MAJOR && !version().empty());
    const std::vector<Kind> all = kinds();
    const auto pii = std::find_if(all.begin(), all.end(), [](const Kind &kind) { return kind.name == "pii_filter"; });
    REQUIRE(pii != all.end() && pii->output() && pii->stream() && !pii->details() && pii->schema.front() == '{');
    for (const Kind &kind : all) REQUIRE(Guard(kind.name).describe().find(kind.name) != std::string_view::npos);
}

void findings() {
    const Guard guard("pii_filter");
    const Result result = guard.rewrite(mail);
    REQUIRE(result.size() == 1 && result.verdict() == Verdict::replace && result.changed() &&
            result.score() == result.findings()[0].score);
    REQUIRE(result.output() == "Mail [REDACTED] today");
    REQUIRE(result.findings().size() == 1 && !result.findings().empty());
    const Finding found = *result.findings().begin();
    REQUIRE(mail.substr(found.start, found.end - found.start) == "jane@example.com");
    REQUIRE(found.rule == "email" && found.action == Action::replace && found.item == 0 && found.detail.empty());
    REQUIRE(result.findings()[0].rule_index == found.rule_index);
    const std::string text = "\xC3\xA9 \xF0\x9F\x98\x80 jane@example.com";
    REQUIRE((*guard.scan(text).findings().begin()).start == 8);
    REQUIRE((*guard.scan(text, {false, Unit::code_points}).findings().begin()).start == 4);
    REQUIRE((*guard.scan(text, {false, Unit::utf16}).findings().begin()).start == 5);
    REQUIRE((*Guard("json_repair").scan("{a:1}", {true, Unit::bytes}).findings().begin()).detail.front() == '{');
}

void unchanged() {
    const Guard guard("pii_filter");
    const std::string text = "nothing here";
    Result result = guard.rewrite(text);
    REQUIRE(result.verdict() == Verdict::pass && !result.changed() && result.output().data() == text.data());
    guard.scan(mail, result);
    REQUIRE(result.verdict() == Verdict::replace && !result.changed() &&
            throws<std::logic_error>([&] { result.output(); }));
    REQUIRE(guard.rewrite("").output().empty() && guard.rewrite(std::string_view()).verdict() == Verdict::pass);
}

void errors() {
    const Error error = thrown([] { Guard("pii_filter", R"({"detect_ssn": 1})"); });
    REQUIRE(error.code() == GWP_E_CONFIG_TYPE && error.name() == "GWP_E_CONFIG_TYPE" && error.path() == "$.detect_ssn");
    REQUIRE(std::string_view(error.what()) == "$.detect_ssn: wrong type");
    Guard guard("pii_filter", R"({"max_text_bytes": 30})");
    Result result = guard.rewrite(mail);
    const std::string large = std::string(31, 'x');
    const Status status = guard.try_rewrite(large, result);
    REQUIRE(!status && status.code() == GWP_E_TOO_LARGE && status.name() == "GWP_E_TOO_LARGE" && status.path().empty());
    REQUIRE(!status.message().empty() && status.message().find("xxx") == std::string_view::npos);
    REQUIRE(result.size() == 0 && result.findings().empty() && throws<std::out_of_range>([&] { result.verdict(); }));
    REQUIRE(throws<std::out_of_range>([&] { result.output(); }));
    REQUIRE(Guard::try_open(guard, "no_such_kind").code() == GWP_E_UNKNOWN_KIND && guard.rewrite(mail).changed());
    REQUIRE(Guard::try_open(guard, "regex_filter") && !guard.rewrite(mail).changed());
    REQUIRE(Status() && Status().message().empty() && Status().name() == "GWP_OK");
}

void closed_and_moved() {
    Guard guard("pii_filter");
    Stream stream = guard.stream();
    Result result = guard.rewrite(mail);
    Guard other = std::move(guard);
    REQUIRE(!guard && other && other.get() != nullptr);  // NOLINT: what a moved-from guard does is the question
    REQUIRE(guard.try_scan(mail, result).code() == GWP_E_NULL_ARG && result.size() == 0);
    REQUIRE(thrown([&] { guard.describe(); }).code() == GWP_E_NULL_ARG &&
            thrown([&] { guard.stream(); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { guard.scan_batch({mail}); }).code() == GWP_E_NULL_ARG);
    result = other.rewrite(mail);
    const Findings view = result.findings();
    Result taken = std::move(result);
    REQUIRE(view[0].rule == "email" && taken.output() == "Mail [REDACTED] today");
    REQUIRE(result.size() == 0 && result.findings().empty() && result.get() == nullptr);  // NOLINT
    other.rewrite(mail, result);
    REQUIRE(result.changed());
    other.close();
    other.close();
    REQUIRE(!other && taken.findings()[0].rule == "email" &&
            thrown([&] { other.scan(mail); }).code() == GWP_E_NULL_ARG);
    REQUIRE(stream.push(mail).output().size() + stream.finish().output().size() ==
            std::string_view("Mail [REDACTED] today").size());
    REQUIRE(thrown([&] { stream.push("x"); }).code() == GWP_E_FINISHED &&
            thrown([&] { stream.finish(); }).code() == GWP_E_FINISHED);
    stream.close();
    stream.close();
    REQUIRE(!stream && thrown([&] { stream.push("x"); }).code() == GWP_E_NULL_ARG &&
            thrown([&] { Stream().finish(); }).code() == GWP_E_NULL_ARG);
}

void batches() {
    const Guard guard("pii_filter");
    const std::string plain = "plain";
    const Result result = guard.rewrite_batch({plain, mail, "", "SSN 123-45-6789"});
    REQUIRE(result.size() == 4 && result.verdict(0) == Verdict::pass && result.verdict(1) == Verdict::replace);
    REQUIRE(result.output(0).data() == plain.data() && result.output(1) == "Mail [REDACTED] today");
    REQUIRE(result.output(2).empty() && result.output(3) == "SSN [REDACTED]" && result.findings().size() == 2);
    REQUIRE(result.findings(0).empty() && result.findings(3)[0].start == 4 && result.findings(3)[0].item == 3);
    REQUIRE(throws<std::out_of_range>([&] { result.findings(4); }) &&
            throws<std::out_of_range>([&] { result.output(4); }));
    const std::string column = "xplain123-45-6789";
    const std::uint64_t offsets[] = {1, 6, 17};
    const Result arrow = guard.rewrite_batch(Batch(column, offsets, 2));
    REQUIRE(arrow.output(0) == "plain" && arrow.output(0).data() == column.data() + 1 &&
            arrow.output(1) == "[REDACTED]");
    const std::uint64_t wrong[] = {1, 18};
    REQUIRE(thrown([&] { guard.rewrite_batch(Batch(column, wrong, 1)); }).code() == GWP_E_BAD_OFFSETS);
    REQUIRE(thrown([&] { guard.scan_batch(Batch(column, nullptr, 1)); }).code() == GWP_E_NULL_ARG);
    const Batch copy = Batch{mail};
    REQUIRE(guard.scan_batch(Batch(copy)).findings().size() == 1 &&
            guard.scan_batch(std::vector<std::string_view>()).size() == 0);
}

void streams() {
    const Guard guard("pii_filter");
    Stream stream = guard.stream();
    Result part;
    std::string output;
    std::size_t found = 0;
    for (const char letter : mail) {
        stream.push({&letter, 1}, part);
        output += part.output();
        found += part.findings().size();
    }
    stream.finish(part);
    output += part.output();
    REQUIRE(output == "Mail [REDACTED] today" && found + part.findings().size() == 1);
    Stream finder = guard.stream({}, false);
    finder.push(mail, part);
    REQUIRE(throws<std::logic_error>([&] { part.output(); }));
    Stream none;
    REQUIRE(Guard("json_repair").try_stream(none).code() == GWP_E_UNSUPPORTED && !none);
}

void rule_names() {
    const auto read = [](std::string_view json) { return detail::Description(json).names("rules"); };
    REQUIRE(read(R"({"name": "no", "rules": [], "limits": {"rules": [{"name": "no"}]}})").empty());
    const auto names =
        read(R"({"rules":[{"name":"a","attributes":{"name":"no","x":["name"]}},{"name":"b"},{}],"x":1})");
    REQUIRE((names == std::vector<std::string>{"a", "b", ""}));
    REQUIRE((read(R"({"rules" : [ {"name" : "\"\\\/\n\u0041\u00e9\u20AC\ud83d\ude00}]"} ] })") ==
             std::vector<std::string>{"\"\\/\nA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80}]"}));
}

/// One guard for all threads, each with its own result; the last one to go frees it.
void threads() {
    auto shared = std::make_shared<const Guard>("pii_filter");
    std::atomic<int> wrong{0};
    std::vector<std::thread> all;
    for (int i = 0; i < 4; i++) {
        all.emplace_back([guard = shared, &wrong] {
            Result result;
            for (int round = 0; round < 2000; round++) {
                guard->rewrite(mail, result);
                wrong += result.output() != "Mail [REDACTED] today" || (*result.findings().begin()).rule != "email";
            }
        });
    }
    shared.reset();
    for (std::thread &thread : all) thread.join();
    REQUIRE(wrong == 0);
}

}  // namespace

int main() {
    return run_tests({library, findings, unchanged, errors, closed_and_moved, batches, streams, rule_names, threads});
}
