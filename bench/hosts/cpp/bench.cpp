// C++ in the table of hosts: a JSON line for a Result that is used again and one for a new Result in each call; 20
// samples of nanoseconds for a call with SMALL_FILE and of megabytes (10^6 bytes) a second with BIG_FILE. A call only
// finds.
//
//   c++ -std=c++17 -O2 bench.cpp $(pkg-config --cflags --libs gwplugins) -o bench && ./bench KIND CONFIG_JSON
//   SMALL_FILE BIG_FILE
#include <gwplugins.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr double sample_ns = 20e6, warm_up_ns = 200e6;
constexpr int sample_count = 20;

std::string read_file(const char *name) {
    std::ifstream file(name, std::ios::binary);
    if (!file) throw std::runtime_error(std::string("cannot read ") + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// What is timed must be right: finding alone finds what rewriting finds, and "changed" says whether the output is
/// another text.
void verify(const gwplugins::Guard &guard, const std::string &text) {
    const gwplugins::Result found = guard.scan(text), rewritten = guard.rewrite(text);
    if (found.findings().size() != rewritten.findings().size()) throw std::runtime_error("the findings differ");
    if (rewritten.changed() == (rewritten.output() == text)) throw std::runtime_error("changed is wrong");
}

template <typename Call>
double run(Call call, std::size_t calls) {
    const auto begun = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < calls; i++) call();
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begun).count();
}

/// Nanoseconds for a call.
template <typename Call>
std::vector<double> sample(Call call) {
    std::size_t calls = 1;
    for (double warm = 0; warm < warm_up_ns;) {
        const double took = run(call, calls);
        if (took < sample_ns * 1.25) calls *= 2;
        warm += took;
    }
    std::vector<double> samples;
    for (int i = 0; i < sample_count; i++) samples.push_back(run(call, calls) / static_cast<double>(calls));
    return samples;
}

void print(const char *name, const std::vector<double> &samples) {
    std::printf("\"%s\": [", name);
    for (std::size_t i = 0; i < samples.size(); i++) std::printf("%s%.1f", i == 0 ? "" : ", ", samples[i]);
    std::printf("]");
}

/// `scan(text)` is one way to call.
template <typename Scan>
void report(const char *path, const std::string &small, const std::string &big, Scan scan) {
    const std::vector<double> ns = sample([&] { scan(small); });
    std::vector<double> speed = sample([&] { scan(big); });
    for (double &one : speed) one = static_cast<double>(big.size()) * 1e3 / one;
    std::printf("{\"host\": \"cpp\", \"path\": \"%s\", ", path);
    print("ns_per_call", ns);
    std::printf(", ");
    print("mb_per_s", speed);
    std::printf("}\n");
}

}  // namespace

int main(int argc, char **argv) try {
    if (argc != 5) throw std::runtime_error("arguments: KIND CONFIG_JSON SMALL_FILE BIG_FILE");
    const gwplugins::Guard guard(argv[1], argv[2]);
    const std::string small = read_file(argv[3]), big = read_file(argv[4]);
    verify(guard, small);
    verify(guard, big);
    gwplugins::Result result;
    report("result reused", small, big, [&](const std::string &text) { guard.scan(text, result); });
    report("new result", small, big, [&](const std::string &text) { return guard.scan(text); });
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
