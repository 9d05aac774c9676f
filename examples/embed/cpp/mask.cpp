// Masks standard input to standard output: `./mask [KIND [CONFIG]]`. Content that must not pass is not written.
// Built by the CMakeLists.txt beside it. Tests: tests/hosts/test_cpp.py.
#include <gwplugins.hpp>
#include <iostream>
#include <iterator>
#include <string>

int main(int argc, char **argv) try {
    const gwplugins::Guard guard(argc > 1 ? argv[1] : "pii_filter", argc > 2 ? argv[2] : "{}");
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    const gwplugins::Result result = guard.rewrite(text);
    if (result.verdict() == gwplugins::Verdict::block) return 1;
    std::cout << result.output();
} catch (const gwplugins::Error &error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return 2;
}
