// Answers the rows of tests/vectors through gwplugins.hpp; the lines are those of tests/support/gw_lines.py. Every row
// is scanned, rewritten, batched and streamed, and the answers must be one.
#include <gwplugins.hpp>

#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "lines.hpp"

namespace {

using namespace gwplugins;

std::string told(const Findings &findings) {
    std::ostringstream out;
    for (const Finding found : findings) {
        out << ' ' << hex(found.rule) << ',' << found.start << ',' << found.end << ',' << static_cast<int>(found.action)
            << ',' << found.score << ',' << found.guess << ',' << found.derived << ',' << hex(found.detail);
    }
    return out.str();
}

std::optional<std::string> batched(const Guard &guard, std::string_view text, const Result &whole, Options options) {
    const Batch batch{text, text};
    const Result result = guard.rewrite_batch(batch, options);
    const Result found = guard.scan_batch(batch, options);
    if (result.size() != 2 || found.size() != 2) return "batch: size";
    if (result.output(1) != whole.output() || result.changed(1) != whole.changed()) return "batch: output";
    if (result.verdict(1) != whole.verdict() || result.score(1) != whole.score()) return "batch: verdict";
    for (const Finding one : result.findings(1)) {
        if (one.item != 1) return "batch: item";
    }
    if (told(result.findings(0)) != told(whole.findings()) || told(result.findings(1)) != told(whole.findings()) ||
        told(found.findings()) != told(result.findings()))
        return "batch: findings";
    return {};
}

std::optional<std::string> streamed(const Guard &guard, std::string_view text, const Result &whole, Options options,
                                    std::size_t size) {
    Stream stream;
    if (Status status = guard.try_stream(stream, options); !status) {
        if (status.code() == GWP_E_UNSUPPORTED) return {};
        check(std::move(status));
    }
    std::string output, findings;
    Result part;
    const auto take = [&] {
        output += part.output();
        findings += told(part.findings());
    };
    for (std::size_t at = 0; at < text.size(); at += size) {
        stream.push(text.substr(at, size), part);
        take();
    }
    stream.finish(part);
    take();
    if (output != whole.output()) return "stream: output";
    if (findings != told(whole.findings())) return "stream: findings";
    return {};
}

std::optional<std::string> difference(const Guard &guard, std::string_view text, const Result &whole, Options options) {
    const Result found = guard.scan(text, options);
    if (told(found.findings()) != told(whole.findings()) || found.verdict() != whole.verdict() || found.changed())
        return "scan";
    if (whole.changed() == (whole.output() == text)) return "changed";
    if (!whole.changed() && whole.output().data() != text.data()) return "unchanged text is not the caller's own";
    if (auto what = batched(guard, text, whole, options)) return what;
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, text.size() + 1}) {
        if (auto what = streamed(guard, text, whole, options, size)) return what;
    }
    return {};
}

std::string answer(std::istringstream line) {
    std::string kind, config, text;
    std::uint32_t unit = 0;
    line >> kind >> unit >> config >> text;
    text = unhex(text);
    const Options options{true, static_cast<Unit>(unit)};
    try {
        const Guard guard(kind, unhex(config));
        const Result whole = guard.rewrite(text, options);
        if (const auto what = difference(guard, text, whole, options)) return "differs: " + *what;
        return "ok " + std::to_string(whole.score()) + ' ' + hex(whole.output()) + " x" + told(whole.findings());
    } catch (const Error &error) {
        return "error " + std::to_string(error.code()) + ' ' + hex(error.path());
    }
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) std::cout << answer(std::istringstream(line)) << '\n';
}
