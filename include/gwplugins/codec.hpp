/* A part of gwplugins.hpp; include that. Compressing and decompressing within limits: Codec and CodecStream. */

#ifndef GWPLUGINS_CODEC_HPP
#define GWPLUGINS_CODEC_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batch.hpp"
#include "bytes.hpp"

namespace gwplugins {

namespace detail {

/// Codecs came with ABI 1.2.
inline Status has_codecs() noexcept {
    return serves(2, "the loaded libgwplugins is older than ABI 1.2: it has no codecs");
}

}  // namespace detail

/// The codecs of the loaded library, in the order of preference; none when it is older than ABI 1.2. Codec takes
/// "auto", too. The views live as long as the process.
inline std::vector<std::string_view> codecs() {
    std::vector<std::string_view> all;
    for (std::size_t index = 0; detail::has_codecs() && index < gwp_codec_count(); index++) {
        gwp_error *error = nullptr;
        const std::uint8_t *name = nullptr;
        std::size_t len = 0;
        const gwp_status code = gwp_codec_name(index, &name, &len, &error);
        check({code, error});
        all.push_back(detail::view(name, len));
    }
    return all;
}

/// JSON Schema of every codec's configuration; lives as long as the process. Throws Error.
inline std::string_view codec_schema() {
    check(detail::has_codecs());
    gwp_error *error = nullptr;
    const std::uint8_t *schema = nullptr;
    std::size_t len = 0;
    const gwp_status code = gwp_codec_schema(&schema, &len, &error);
    check({code, error});
    return detail::view(schema, len);
}

/// Data that arrives in chunks of any size, cut anywhere. The outputs, put one after the other, are that of the whole.
/// One thread at a time. After a failure it gives GWP_E_FINISHED only.
class CodecStream {
public:
    /// A closed stream: GWP_E_NULL_ARG.
    CodecStream() noexcept = default;

    /// Adds a chunk; `output` gets what it has led to, which may be nothing. Decompressing may give up to `max_ratio`
    /// times the chunk: pass small ones.
    Status try_push(std::string_view chunk, Bytes &output) {
        return output.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_codec_stream_push(handle_.get(), detail::bytes(chunk), chunk.size(), into, error);
        });
    }

    /// Ends the data; `output` gets the rest. When decompressing, only this call's success says that the data was
    /// complete and its checksum right.
    Status try_finish(Bytes &output) {
        return output.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_codec_stream_finish(handle_.get(), into, error);
        });
    }

    void push(std::string_view chunk, Bytes &output) { check(try_push(chunk, output)); }  ///< Throws Error.
    void finish(Bytes &output) { check(try_finish(output)); }                             ///< Throws Error.

    void close() noexcept { handle_.reset(); }  ///< Frees the stream, finished or not; may be called again.
    explicit operator bool() const noexcept { return handle_ != nullptr; }  ///< Whether it is open.

private:
    friend class Codec;

    std::unique_ptr<gwp_codec_stream, detail::Freed<gwp_codec_stream_free>> handle_;
};

/// A configured codec, immutable. What decompression may give is bounded by the configuration: `max_output_bytes`,
/// `max_ratio`, `max_window_log`.
class Codec {
public:
    /// A closed codec: GWP_E_NULL_ARG.
    Codec() noexcept = default;

    /// Makes a codec by its name (`codecs()`), or "auto", which only decompresses, by the first bytes of the data;
    /// `config` is one JSON object by `codec_schema()`, empty means all defaults. Throws Error.
    explicit Codec(std::string_view name, std::string_view config = {}) { check(try_open(*this, name, config)); }

    /// The same into `codec`, which stays as it is on failure. GWP_E_UNKNOWN_KIND for a codec that this library was
    /// built without, GWP_E_UNSUPPORTED when the library is older than ABI 1.2.
    static Status try_open(Codec &codec, std::string_view name, std::string_view config = {}) {
        if (Status status = detail::has_codecs(); !status) return status;
        gwp_error *error = nullptr;
        gwp_codec *made = nullptr;
        const gwp_status code =
            gwp_codec_new(detail::bytes(name), name.size(), detail::bytes(config), config.size(), &made, &error);
        if (code == GWP_OK) codec.handle_.reset(made);
        return {code, error};
    }

    /// JSON: name, version, level and limits. Valid until the codec is closed. Throws Error.
    std::string_view describe() const {
        gwp_error *error = nullptr;
        const std::uint8_t *json = nullptr;
        std::size_t len = 0;
        const gwp_status code = gwp_codec_describe(handle_.get(), &json, &len, &error);
        check({code, error});
        return detail::view(json, len);
    }

    /// Compresses.
    Status try_compress(std::string_view data, Bytes &output) const {
        return output.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_codec_compress(handle_.get(), detail::bytes(data), data.size(), into, error);
        });
    }
    void compress(std::string_view data, Bytes &output) const { check(try_compress(data, output)); }
    std::string compress(std::string_view data) const {
        return detail::written([&](Bytes &output) { return try_compress(data, output); });
    }

    /// Decompresses; all of the data must be good, else there is no output: GWP_E_TOO_LARGE for a limit,
    /// GWP_E_BAD_DATA, GWP_E_TRUNCATED, GWP_E_TRAILING, GWP_E_CHECKSUM, GWP_E_DICTIONARY.
    Status try_decompress(std::string_view data, Bytes &output) const {
        return output.fill([&](gwp_result *into, gwp_error **error) {
            return gwp_codec_decompress(handle_.get(), detail::bytes(data), data.size(), into, error);
        });
    }
    void decompress(std::string_view data, Bytes &output) const { check(try_decompress(data, output)); }
    std::string decompress(std::string_view data) const {
        return detail::written([&](Bytes &output) { return try_decompress(data, output); });
    }

    /// Begins a stream that compresses.
    Status try_compressor(CodecStream &stream) const { return begin(stream, GWP_CODEC_COMPRESS); }
    CodecStream compressor() const { return begun(GWP_CODEC_COMPRESS); }

    /// Begins a stream that decompresses; the limits count over all chunks.
    Status try_decompressor(CodecStream &stream) const { return begin(stream, GWP_CODEC_DECOMPRESS); }
    CodecStream decompressor() const { return begun(GWP_CODEC_DECOMPRESS); }

    /// Frees the codec; may be called again. Streams of it live on.
    void close() noexcept { handle_.reset(); }

    /// Whether it is open.
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    /// The C handle, NULL when closed; owned by this object.
    const gwp_codec *get() const noexcept { return handle_.get(); }

private:
    Status begin(CodecStream &stream, std::uint32_t flags) const {
        gwp_error *error = nullptr;
        gwp_codec_stream *made = nullptr;
        const gwp_status code = gwp_codec_stream_new(handle_.get(), flags, &made, &error);
        if (code == GWP_OK) stream.handle_.reset(made);
        return {code, error};
    }

    CodecStream begun(std::uint32_t flags) const {
        CodecStream stream;
        check(begin(stream, flags));
        return stream;
    }

    std::unique_ptr<gwp_codec, detail::Freed<gwp_codec_free>> handle_;
};

/// Sets `name` to the codec that suits `data` best; "identity": leave it as it is. `accept` is the value of an
/// Accept-Encoding field, or "*" when there was none; `media_type` is the data's, or empty. GWP_E_NOT_ACCEPTABLE when
/// `accept` refuses everything. The view lives as long as the process.
inline Status try_choose_codec(std::string_view data, std::string_view accept, std::string_view media_type,
                               std::string_view &name) {
    if (Status status = detail::has_codecs(); !status) return status;
    gwp_error *error = nullptr;
    const std::uint8_t *chosen = nullptr;
    std::size_t len = 0;
    const gwp_status code =
        gwp_codec_choose(detail::bytes(data), data.size(), detail::bytes(media_type), media_type.size(),
                         detail::bytes(accept), accept.size(), &chosen, &len, &error);
    if (code == GWP_OK) name = detail::view(chosen, len);
    return {code, error};
}

/// The same as the return value. Throws Error.
inline std::string_view choose_codec(std::string_view data, std::string_view accept = "*",
                                     std::string_view media_type = {}) {
    std::string_view name;
    check(try_choose_codec(data, accept, media_type, name));
    return name;
}

/// Trains a zstd dictionary of at most `max_bytes` bytes; in base64 it is the key "dictionary" of a configuration.
/// GWP_E_OUT_OF_RANGE when the samples are too few or too small.
inline Status try_train_dictionary(const Batch &samples, std::size_t max_bytes, Bytes &output) {
    if (Status status = detail::has_codecs(); !status) return status;
    return output.fill([&](gwp_result *into, gwp_error **error) {
        const std::string_view all = samples.buffer();
        return gwp_codec_train(detail::bytes(all), all.size(), samples.offsets(), samples.size(), max_bytes, into,
                               error);
    });
}

/// The same as the return value. Throws Error.
inline std::string train_dictionary(const Batch &samples, std::size_t max_bytes) {
    return detail::written([&](Bytes &output) { return try_train_dictionary(samples, max_bytes, output); });
}

}  // namespace gwplugins

#endif  // GWPLUGINS_CODEC_HPP
