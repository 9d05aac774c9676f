// The traces of limiters with the counts in Redis; questions and answers as in families.cpp. What is to be sent is
// written as a line `redis xWORD xWORD...`, and the numbers of the reply are read as the next line.
#include <gwplugins.hpp>

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "trace.hpp"

namespace {

using namespace gwplugins;

std::vector<std::int64_t> ask(const std::vector<std::string> &words) {
    std::cout << "redis";
    for (const std::string &word : words) std::cout << ' ' << hex(word);
    std::cout << std::endl;
    std::string line;
    std::getline(std::cin, line);
    std::istringstream parts(line);
    std::vector<std::int64_t> numbers;
    for (std::int64_t number = 0; parts >> number;) numbers.push_back(number);
    return numbers;
}

std::uint32_t operation(const std::string &op) {
    if (op == "settle") return GWP_REQUEST_SETTLE;
    if (op == "release") return GWP_REQUEST_RELEASE;
    return op == "reset" ? GWP_REQUEST_RESET : GWP_REQUEST_CHECK;
}

/// Ids of leases are the caller's: 1 and on, the next one after each that was granted.
std::string answered(const Limiter &limiter, const Step &step, std::uint64_t &next_lease) {
    Request request{};
    request.operation = operation(step.op);
    request.flags = step.op == "peek" ? GWP_LIMITER_PEEK : 0;
    request.cost = step.cost;
    request.now_ns = step.now;
    request.lease = step.op == "acquire" ? next_lease : step.lease;
    request.reserved_ns = step.at;
    request.actual = step.actual;
    const std::vector<std::string> words = limiter.command(step.key(), request);
    std::vector<std::int64_t> reply;
    if (!words.empty()) {
        std::vector<std::string> evaluate{"EVALSHA"};
        evaluate.insert(evaluate.end(), words.begin(), words.end());
        reply = ask(evaluate);
    }
    if (step.op == "release") return reply.empty() || reply[0] == 0 ? "=0" : "=1";
    if (step.op == "reset") return "=" + std::to_string(reply.empty() ? 0 : reply[0]);
    const Decision decision = limiter.read_reply(step.key(), request, reply);
    const bool granted = step.op == "acquire" && decision.allowed;
    return told(decision, granted ? next_lease++ : 0);
}

std::string answer(const std::string &config, const std::vector<Step> &steps) {
    try {
        const Limiter limiter(config);
        ask({"FLUSHALL"});
        for (const std::uint32_t one :
             {GWP_REQUEST_CHECK, GWP_REQUEST_SETTLE, GWP_REQUEST_RELEASE, GWP_REQUEST_RESET}) {
            ask({"SCRIPT", "LOAD", std::string(limiter.script(one))});
        }
        std::string answer = "ok " + hex(limiter.describe());
        std::uint64_t next_lease = 1;
        for (const Step &step : steps) {
            try {
                answer += " " + answered(limiter, step, next_lease);
            } catch (const Error &error) {
                answer += " !" + std::to_string(error.code());
            }
        }
        return answer;
    } catch (const Error &error) {
        return "error " + std::to_string(error.code()) + ' ' + hex(error.path());
    }
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string family, config, word;
        std::vector<Step> steps;
        words >> family >> config;
        while (words >> word) steps.emplace_back(word);
        const std::string said = answer(unhex(config), steps);
        std::cout << said << std::endl;
    }
}
