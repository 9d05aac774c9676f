// Compresses standard input to standard output, or decompresses it, in bounded memory: `./pack [-d] CODEC [CONFIG]`.
// Output of a decompression that fails must not be used: the program ends with 2.
// Built by the CMakeLists.txt beside it. Tests: tests/hosts/test_cpp.py.
#include <gwplugins.hpp>
#include <iostream>
#include <string_view>

int main(int argc, char **argv) try {
    const bool decompress = argc > 1 && std::string_view(argv[1]) == "-d";
    const int first = decompress ? 2 : 1;
    const gwplugins::Codec codec(argc > first ? argv[first] : "zstd", argc > first + 1 ? argv[first + 1] : "{}");
    gwplugins::CodecStream stream = decompress ? codec.decompressor() : codec.compressor();
    gwplugins::Bytes output;
    char chunk[16384];
    while (std::cin.read(chunk, sizeof chunk), std::cin.gcount() > 0) {
        stream.push({chunk, static_cast<std::size_t>(std::cin.gcount())}, output);
        std::cout << output.view();
    }
    stream.finish(output);
    std::cout << output.view();
} catch (const gwplugins::Error &error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return 2;
}
