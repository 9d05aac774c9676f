// What Codec in gwplugins.hpp promises beyond the vectors: limits, errors, closed and moved-from handles, streams,
// dictionaries, threads.
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

static_assert(move_only<Codec> && move_only<CodecStream>);

std::string repeated(std::string_view text, int count) {
    std::string all;
    for (int i = 0; i < count; i++) all += text;
    return all;
}

const std::string text = repeated("the quick brown fox jumps over the lazy dog, ", 400);

void library() {
    const std::vector<std::string_view> names = codecs();
    for (const std::string_view wanted : {"zstd", "gzip", "brotli", "identity"}) {
        REQUIRE(std::find(names.begin(), names.end(), wanted) != names.end());
    }
    REQUIRE(codec_schema().front() == '{');
    for (const std::string_view name : names) {
        const Codec codec(name);
        REQUIRE(codec.describe().find(name) != std::string_view::npos);
        const std::string packed = codec.compress(text);
        REQUIRE(codec.decompress(packed) == text);
        REQUIRE(name == "identity" ? packed == text : packed.size() < text.size() / 5);
        REQUIRE(codec.decompress(codec.compress("")).empty());
    }
    REQUIRE(Codec("auto").decompress(Codec("gzip").compress(text)) == text);
}

void errors() {
    REQUIRE(thrown([] { Codec("lzma"); }).code() == GWP_E_UNKNOWN_KIND);
    const Error error = thrown([] { Codec("gzip", R"({"level": "9"})"); });
    REQUIRE(error.code() == GWP_E_CONFIG_TYPE && error.path() == "$.level");
    REQUIRE(thrown([] { Codec("auto").compress("x"); }).code() == GWP_E_UNSUPPORTED);
    REQUIRE(thrown([] { Codec("auto").compressor(); }).code() == GWP_E_UNSUPPORTED);
    Codec codec("gzip");
    REQUIRE(Codec::try_open(codec, "lzma").code() == GWP_E_UNKNOWN_KIND && codec);
    const std::string packed = codec.compress(text);
    Bytes output;
    codec.decompress(packed, output);
    REQUIRE(output.view() == text);
    const Status status = codec.try_decompress("jane@example.com", output);
    REQUIRE(status.code() == GWP_E_BAD_DATA && status.message().find("jane") == std::string_view::npos);
    REQUIRE(output.view().empty() && output.str().empty());
    REQUIRE(thrown([&] { codec.decompress(packed.substr(0, packed.size() - 1)); }).code() == GWP_E_TRUNCATED);
    const Codec narrow("gzip", R"({"max_output_bytes": 1000})");
    REQUIRE(thrown([&] { narrow.decompress(packed); }).code() == GWP_E_TOO_LARGE);
}

void streams() {
    const Codec codec("zstd");
    CodecStream compressor = codec.compressor();
    Bytes part;
    std::string packed;
    for (std::size_t at = 0; at < text.size(); at += 1000) {
        compressor.push(std::string_view(text).substr(at, 1000), part);
        packed += part.view();
    }
    compressor.finish(part);
    packed += part.view();
    REQUIRE(codec.decompress(packed) == text);
    REQUIRE(thrown([&] { compressor.push("x", part); }).code() == GWP_E_FINISHED && part.view().empty());
    CodecStream cut = codec.decompressor();
    cut.push(std::string_view(packed).substr(0, packed.size() / 2), part);
    REQUIRE(thrown([&] { cut.finish(part); }).code() == GWP_E_TRUNCATED);
    CodecStream narrow = Codec("zstd", R"({"max_output_bytes": 1000})").decompressor();  // outlives its codec
    REQUIRE(thrown([&] { narrow.push(packed, part); }).code() == GWP_E_TOO_LARGE);
    REQUIRE(thrown([&] { narrow.finish(part); }).code() == GWP_E_FINISHED);
}

void closed_and_moved() {
    Codec codec("gzip");
    CodecStream stream = codec.compressor();
    Codec other = std::move(codec);
    Bytes output;
    REQUIRE(!codec && other);  // NOLINT: what a moved-from codec does is the question
    REQUIRE(thrown([&] { codec.compress("x"); }).code() == GWP_E_NULL_ARG);
    other.close();
    other.close();
    REQUIRE(!other && other.try_decompress("x", output).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.describe(); }).code() == GWP_E_NULL_ARG);
    REQUIRE(thrown([&] { other.decompressor(); }).code() == GWP_E_NULL_ARG);
    CodecStream taken = std::move(stream);
    taken.push("x", output);
    REQUIRE(stream.try_push("x", output).code() == GWP_E_NULL_ARG);  // NOLINT
    taken.close();
    taken.close();
    REQUIRE(!taken && taken.try_finish(output).code() == GWP_E_NULL_ARG);
}

void choosing() {
    REQUIRE(choose_codec(text, "gzip, br;q=0.1", "application/json") == "gzip");
    REQUIRE(choose_codec(text, "*", "image/png") == "identity" && choose_codec("short") == "identity");
    std::string_view name = "untouched";
    REQUIRE(try_choose_codec(text, "gzip;q=0, identity;q=0", "", name).code() == GWP_E_NOT_ACCEPTABLE);
    REQUIRE(name == "untouched");
}

std::string base64(std::string_view data) {
    constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < data.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; i++) {
            group = group << 8U | (at + i < data.size() ? static_cast<unsigned char>(data[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; i++) {
            out += at + i > data.size() ? '=' : letters[group >> (18 - 6 * i) & 63U];
        }
    }
    return out;
}

void dictionaries() {
    std::vector<std::string> records;
    for (int i = 0; i < 500; i++) {
        records.push_back(R"({"user": "u)" + std::to_string(i * 7919 % 1000) + R"(", "tool": "search", "ok": true})");
    }
    const std::vector<std::string_view> samples(records.begin(), records.end());
    const std::string dictionary = train_dictionary(samples, 2048);
    REQUIRE(!dictionary.empty() && dictionary.size() <= 2048);
    const Codec plain("zstd"), trained("zstd", "{\"dictionary\": \"" + base64(dictionary) + "\"}");
    const std::string packed = trained.compress(records[17]);
    REQUIRE(packed.size() < plain.compress(records[17]).size() && trained.decompress(packed) == records[17]);
    REQUIRE(thrown([&] { plain.decompress(packed); }).code() == GWP_E_DICTIONARY);
    REQUIRE(thrown([] { train_dictionary({"a"}, 2048); }).code() == GWP_E_OUT_OF_RANGE);
}

/// One codec for all threads, each with its own output.
void threads() {
    const Codec codec("zstd");
    std::atomic<int> wrong{0};
    std::vector<std::thread> all;
    for (int i = 0; i < 4; i++) {
        all.emplace_back([&] {
            Bytes packed, back;
            for (int round = 0; round < 100; round++) {
                codec.compress(text, packed);
                codec.decompress(packed.view(), back);
                wrong += back.view() != text;
            }
        });
    }
    for (std::thread &thread : all) thread.join();
    REQUIRE(wrong == 0);
}

}  // namespace

int main() { return run_tests({library, errors, streams, closed_and_moved, choosing, dictionaries, threads}); }
