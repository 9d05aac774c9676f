// Answers the rows of codecs and limiters in tests/vectors through gwplugins.hpp; the lines are those of
// tests/support/gw_family_lines.py. Data is decompressed whole and in chunks of random size; every check is told by a
// peek before, and each trace is done with check and with check_many: the answers must be one.
#include <gwplugins.hpp>

#include <iostream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "trace.hpp"

namespace {

using namespace gwplugins;

std::mt19937 chance(20240611);

/// Passes `data` through a stream in chunks of random size up to `most`.
Status streamed(CodecStream stream, std::string_view data, std::size_t most, std::string &output) {
    Bytes part;
    for (std::size_t at = 0; at < data.size();) {
        const std::size_t size = std::uniform_int_distribution<std::size_t>(1, most)(chance);
        if (Status status = stream.try_push(data.substr(at, size), part); !status) return status;
        output += part.view();
        at += size;
    }
    Status status = stream.try_finish(part);
    output += part.view();
    return status;
}

/// Compressing and decompressing, with the default configuration: a row's limits may be too narrow.
std::string round_trip(const std::string &name, std::string_view text) {
    if (name == "auto") return {};
    const Codec codec(name);
    std::string packed, back;
    check(streamed(codec.compressor(), text, 50, packed));
    check(streamed(codec.decompressor(), packed, 50, back));
    return codec.decompress(codec.compress(text)) == text && back == text ? "" : "differs: round trip";
}

std::string codec_answer(std::istringstream &line) {
    std::string name, config, data;
    line >> name >> config >> data;
    data = unhex(data);
    const Codec codec(name, unhex(config));
    Bytes output;
    const Status status = codec.try_decompress(data, output);
    for (const std::size_t most : {std::size_t{1}, std::size_t{9}, std::size_t{400}}) {
        std::string other;
        const Status otherwise = streamed(codec.decompressor(), data, most, other);
        if (otherwise.code() != status.code() || (status && other != output.view())) return "differs: stream";
    }
    if (!status) return "error " + std::to_string(status.code()) + " " + hex(status.path());
    if (const std::string what = round_trip(name, output.view()); !what.empty()) return what;
    return "ok " + hex(output.view());
}

Decision checked(const Limiter &limiter, const Step &step, bool many) {
    const Key key = step.key();
    Decision before;
    std::vector<Decision> windows;
    check(limiter.try_check(key, before, windows, {step.cost, step.now, true, false}));
    const Decision decision =
        many ? limiter.check_many({key}, {step.cost}, step.now).at(0) : limiter.check(key, {step.cost, step.now});
    if (before.retry_after != decision.retry_after) throw std::logic_error("peek");
    bool fits = !decision.blocked;
    for (const Decision &window : windows) fits = fits && window.allowed;
    if (!decision.would_refuse && fits != decision.allowed) throw std::logic_error("windows");
    return decision;
}

std::string answered(const Limiter &limiter, const Step &step, bool many) {
    const Key key = step.key();
    if (step.op == "check") return told(checked(limiter, step, many));
    if (step.op == "peek") return told(limiter.peek(key, step.cost, step.now));
    if (step.op == "settle") return told(limiter.settle(key, {step.cost, step.at}, step.actual, step.now));
    if (step.op == "release") return "=" + std::to_string(limiter.release(key, step.lease, step.now));
    if (step.op == "reset") return "=" + std::to_string(limiter.reset(key, step.now));
    if (step.op != "acquire") throw std::logic_error("an unknown step");
    const Acquired acquired = limiter.acquire(key, {step.cost, step.now});
    return told(acquired.decision, acquired.lease);
}

std::string trace(const std::string &config, const std::vector<Step> &steps, bool many) {
    const Limiter limiter(config);
    std::string answer = "ok " + hex(limiter.describe());
    for (const Step &step : steps) {
        try {
            answer += " " + answered(limiter, step, many);
        } catch (const Error &error) {
            answer += " !" + std::to_string(error.code());
        }
    }
    return answer;
}

std::string limiter_answer(std::istringstream &line) {
    std::string config, word;
    std::vector<Step> steps;
    line >> config;
    while (line >> word) steps.emplace_back(word);
    const std::string answer = trace(unhex(config), steps, false);
    return trace(unhex(config), steps, true) == answer ? answer : "differs: check_many";
}

std::string answer(std::istringstream line) {
    std::string family;
    line >> family;
    try {
        return family == "codec" ? codec_answer(line) : limiter_answer(line);
    } catch (const Error &error) {
        return "error " + std::to_string(error.code()) + ' ' + hex(error.path());
    } catch (const std::logic_error &error) {
        return std::string("differs: ") + error.what();
    }
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) std::cout << answer(std::istringstream(line)) << '\n';
}
