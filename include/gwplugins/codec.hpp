/* Codecs for C++17, over gwplugins.h: compression, and decompression within limits. gwplugins.hpp does not include it.
 *
 * Errors, threads and handles are as gwplugins.hpp says: functions throw Error or, as `try_...`, return a Status; any
 * number of threads may use one Codec, each with its own Packed or CodecStream. A call that failed gives no bytes.
 */

#ifndef GWPLUGINS_CODEC_HPP
#define GWPLUGINS_CODEC_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "status.hpp"

namespace gwplugins {

/// What a call gave. Made once for each thread and used again: its memory is kept.
class Packed {
public:
    /// The bytes of the last call; valid until the next one. Empty after a failure.
    std::string_view bytes() const noexcept {
        const std::uint8_t *data = nullptr;
        std::size_t len = 0;
        return handle_ && gwp_result_output(handle_.get(), &data, &len, nullptr) == GWP_OK ? detail::view(data, len)
                                                                                          : std::string_view();
    }

private:
    friend class Codec;
    friend class CodecStream;
    friend std::string train_dictionary(const std::vector<std::string_view> &samples, std::size_t max_bytes);

    template <typename Call>
    Status fill(Call call) {
        gwp_error *error = nullptr;
        if (!handle_) {
            gwp_result *made = nullptr;
            const gwp_status code = gwp_result_new(&made, &error);
            if (code != GWP_OK) return {code, error};
            handle_.reset(made);
        }
        const gwp_status code = call(handle_.get(), &error);
        return {code, error};
    }

    std::unique_ptr<gwp_result, detail::Freed<gwp_result_free>> handle_;
};

/// Data that arrives in chunks of any size. One thread at a time; after a failure it gives GWP_E_FINISHED only.
class CodecStream {
public:
    /// A closed stream: GWP_E_NULL_ARG.
    CodecStream() noexcept = default;

    /// Takes a chunk; `packed` gets what it has led to, which may be nothing.
    Status try_push(std::string_view chunk, Packed &packed) {
        return packed.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_codec_stream_push(handle_.get(), detail::bytes(chunk), chunk.size(), into, error);
        });
    }

    /// Ends the data; `packed` gets the rest. Only its success says that compressed data was complete.
    Status try_finish(Packed &packed) {
        return packed.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_codec_stream_finish(handle_.get(), into, error);
        });
    }

    void push(std::string_view chunk, Packed &packed) { check(try_push(chunk, packed)); }  ///< Throws Error.
    void finish(Packed &packed) { check(try_finish(packed)); }                             ///< Throws Error.
    void close() noexcept { handle_.reset(); }  ///< Frees the stream, finished or not; may be called again.
    explicit operator bool() const noexcept { return handle_ != nullptr; }  ///< Whether it is open.

private:
    friend class Codec;
    explicit CodecStream(gwp_codec_stream *handle) noexcept : handle_(handle) {}

    std::unique_ptr<gwp_codec_stream, detail::Freed<gwp_codec_stream_free>> handle_;
};

/// A configured codec, immutable.
class Codec {
public:
    /// A closed codec: GWP_E_NULL_ARG.
    Codec() noexcept = default;

    /// Makes a codec: "zstd", "gzip" and so on, or "auto", which decompresses what tells its format; `config` is one
    /// JSON object by gwp_codec_schema, empty means all defaults. Throws Error.
    explicit Codec(std::string_view name, std::string_view config = {}) { check(try_open(*this, name, config)); }

    /// The same into `codec`, which stays as it is on failure. GWP_E_UNSUPPORTED when the loaded library is older than
    /// this header.
    static Status try_open(Codec &codec, std::string_view name, std::string_view config = {}) {
        if (gwp_abi_supports(GWP_ABI_MAJOR, GWP_ABI_MINOR) == 0) {
            return {GWP_E_UNSUPPORTED, "the loaded libgwplugins is older than the header of this program"};
        }
        gwp_error *error = nullptr;
        gwp_codec *made = nullptr;
        const gwp_status code =
            gwp_codec_new(detail::bytes(name), name.size(), detail::bytes(config), config.size(), &made, &error);
        if (code == GWP_OK) codec.handle_.reset(made);
        return {code, error};
    }

    /// Compresses into `packed`.
    Status try_compress(std::string_view data, Packed &packed) const {
        return packed.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_codec_compress(handle_.get(), detail::bytes(data), data.size(), into, error);
        });
    }

    /// Decompresses into `packed`, within the codec's limits; all of the data must be good.
    Status try_decompress(std::string_view data, Packed &packed) const {
        return packed.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_codec_decompress(handle_.get(), detail::bytes(data), data.size(), into, error);
        });
    }

    /// The compressed data. Throws Error.
    std::string compress(std::string_view data) const {
        Packed packed;
        check(try_compress(data, packed));
        return std::string(packed.bytes());
    }

    /// What the data holds. Throws Error.
    std::string decompress(std::string_view data) const {
        Packed packed;
        check(try_decompress(data, packed));
        return std::string(packed.bytes());
    }

    CodecStream compressor() const { return begun(GWP_CODEC_COMPRESS); }      ///< A stream; throws Error.
    CodecStream decompressor() const { return begun(GWP_CODEC_DECOMPRESS); }  ///< A stream; throws Error.

    void close() noexcept { handle_.reset(); }  ///< Frees the codec; may be called again. Streams of it live on.
    explicit operator bool() const noexcept { return handle_ != nullptr; }  ///< Whether it is open.

private:
    CodecStream begun(std::uint32_t flags) const {
        gwp_error *error = nullptr;
        gwp_codec_stream *made = nullptr;
        const gwp_status code = gwp_codec_stream_new(handle_.get(), flags, &made, &error);
        check({code, error});
        return CodecStream(made);
    }

    std::unique_ptr<gwp_codec, detail::Freed<gwp_codec_free>> handle_;
};

/// The codec that suits data best; gwp_codec_choose says how. The view lives as long as the process. Throws Error.
inline std::string_view choose_codec(std::string_view data, std::string_view accept = "*",
                                     std::string_view media_type = {}) {
    gwp_error *error = nullptr;
    const std::uint8_t *name = nullptr;
    std::size_t len = 0;
    const gwp_status code = gwp_codec_choose(detail::bytes(data), data.size(), detail::bytes(media_type),
                                             media_type.size(), detail::bytes(accept), accept.size(), &name, &len, &error);
    check({code, error});
    return detail::view(name, len);
}

/// A zstd dictionary of at most `max_bytes`; in base64 it is the key "dictionary" of a configuration. Throws Error.
inline std::string train_dictionary(const std::vector<std::string_view> &samples, std::size_t max_bytes) {
    std::string joined;
    std::vector<std::uint64_t> offsets{0};
    for (const std::string_view sample : samples) {
        joined += sample;
        offsets.push_back(joined.size());
    }
    Packed packed;
    check(packed.fill([&](gwp_result *into, gwp_error **error) {
        return gwp_codec_train(detail::bytes(joined), joined.size(), offsets.data(), samples.size(), max_bytes, into,
                               error);
    }));
    return std::string(packed.bytes());
}

}  // namespace gwplugins

#endif  // GWPLUGINS_CODEC_HPP
