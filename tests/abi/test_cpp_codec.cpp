// Codecs from C++: round trips, limits, errors, streams, handles that move.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "gwplugins/codec.hpp"

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                             \
        }                                                                             \
    } while (0)

using namespace gwplugins;

template <typename Call>
static gwp_status code_of(Call call) {
    try {
        call();
    } catch (const Error &error) {
        return error.code();
    }
    return GWP_OK;
}

static void round_trips(const std::string &text) {
    for (const char *name : {"zstd", "gzip", "zlib", "deflate", "lz4", "brotli", "snappy"}) {
        const Codec codec(name);
        const std::string packed = codec.compress(text);
        CHECK(packed.size() < text.size() / 3 && codec.decompress(packed) == text);
        CodecStream stream = codec.decompressor();
        Packed part;
        std::string back;
        for (const char &byte : packed) {
            stream.push({&byte, 1}, part);
            back += part.bytes();
        }
        stream.finish(part);
        back += part.bytes();
        CHECK(back == text);
        CHECK(stream.try_finish(part).code() == GWP_E_FINISHED && part.bytes().empty());
    }
}

static void errors(const std::string &text) {
    CHECK(code_of([] { Codec("lzma"); }) == GWP_E_UNKNOWN_KIND);
    CHECK(code_of([] { Codec("gzip", R"({"level": 10})"); }) == GWP_E_CONFIG_VALUE);
    const Codec small("gzip", R"({"max_output_bytes": 10})"), codec("gzip");
    std::string packed = codec.compress(text);
    Packed into;
    CHECK(small.try_decompress(packed, into).code() == GWP_E_TOO_LARGE && into.bytes().empty());
    CHECK(codec.try_decompress(packed + "x", into).code() == GWP_E_TRAILING);
    CHECK(codec.try_decompress(std::string_view(packed).substr(1), into).code() == GWP_E_BAD_DATA);
    packed.pop_back();
    CHECK(code_of([&] { codec.decompress(packed); }) == GWP_E_TRUNCATED);
    CHECK(code_of([] { Codec().compress("a"); }) == GWP_E_NULL_ARG);
    CHECK(code_of([] { Codec("auto").compressor(); }) == GWP_E_UNSUPPORTED);
}

static void handles(const std::string &text) {
    Codec codec("zstd");
    CodecStream stream = codec.compressor();
    Codec moved = std::move(codec);
    CHECK(!codec && moved && stream);
    moved.close();
    moved.close();
    Packed part;
    stream.push(text, part);
    std::string packed(part.bytes());
    stream.finish(part);
    packed += part.bytes();
    CHECK(Codec("auto").decompress(packed) == text);
    CHECK(choose_codec(text, "br;q=0.5, gzip") == "gzip" && choose_codec("short") == "identity");
    CHECK(code_of([&] { choose_codec(text, "*;q=0"); }) == GWP_E_NOT_ACCEPTABLE);
}

static void dictionaries() {
    std::vector<std::string> owned;
    for (int n = 0; n < 300; n++) owned.push_back("{\"id\": " + std::to_string(n * 7919) + ", \"roles\": [\"reader\"], \"name\": \"user\"}");
    const std::vector<std::string_view> samples(owned.begin(), owned.end());
    const std::string dictionary = train_dictionary(samples, 2000);
    CHECK(dictionary.size() > 256 && dictionary.size() <= 2000);
    CHECK(code_of([] { train_dictionary({}, 2000); }) == GWP_E_OUT_OF_RANGE);
}

int main() {
    std::string text;
    for (int n = 0; n < 2000; n++) text += "{\"id\": " + std::to_string(n) + ", \"name\": \"Ada\"}\n";
    round_trips(text);
    errors(text);
    handles(text);
    dictionaries();
    std::puts("cpp_codec: ok");
    return 0;
}
