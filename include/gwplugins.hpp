/* gwplugins for C++17: looks at every message that passes a gateway, an MCP server or an LLM application.
 *
 * A header over gwplugins.h and nothing else. The rules behind it are in docs/abi.md, a program in docs/embedding.md;
 * in short:
 *
 *  - Handles are move-only and free themselves. A closed or moved-from one gives GWP_E_NULL_ARG, never a crash.
 *  - Text comes in as std::string_view, any bytes; offsets count bytes unless Options say otherwise.
 *  - A function throws Error, or, as its twin `try_...`, returns a Status. Memory that cannot be had throws
 *    std::bad_alloc. Compiled without exceptions, the throwing functions end the process where they would throw.
 *  - A call that failed has not checked the text. No error holds scanned text.
 *  - Guard is served by a library of ABI 1.0, Limiter by 1.1, Codec by 1.2; an older one gives GWP_E_UNSUPPORTED. (A
 *    program that names Limiter or Codec starts with an older library when it is linked with -Wl,-z,lazy.)
 *  - Threads: any number may use one Guard, each with its own Result or Stream. Closing, moving or destroying an object
 *    while another thread uses that very object is a data race, as everywhere in C++; share a Guard through
 *    std::shared_ptr<const Guard> where that can happen. A Stream and a Result outlive the Guard they came from.
 */

#ifndef GWPLUGINS_HPP
#define GWPLUGINS_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "gwplugins/batch.hpp"
#include "gwplugins/codec.hpp"
#include "gwplugins/limiter.hpp"
#include "gwplugins/result.hpp"

namespace gwplugins {

/// What offsets of findings count.
enum class Unit : std::uint32_t { bytes = GWP_UNIT_BYTES, code_points = GWP_UNIT_CODE_POINTS, utf16 = GWP_UNIT_UTF16 };

/// How to scan.
struct Options {
    bool details = false;     ///< Build the details of findings, where the kind has any.
    Unit unit = Unit::bytes;  ///< What offsets count.
};

/// One entry of the catalogue. Its views live as long as the process.
struct Kind {
    std::string_view name;       ///< What Guard takes.
    std::string_view schema;     ///< JSON Schema of the configuration.
    std::uint32_t capabilities;  ///< GWP_CAP_... bits.

    bool output() const noexcept { return (capabilities & GWP_CAP_OUTPUT) != 0; }    ///< It rewrites text.
    bool stream() const noexcept { return (capabilities & GWP_CAP_STREAM) != 0; }    ///< It can stream.
    bool details() const noexcept { return (capabilities & GWP_CAP_DETAILS) != 0; }  ///< It writes details.
};

/// The ABI version of the loaded library: major << 16 | minor.
inline std::uint32_t abi_version() noexcept { return gwp_abi_version(); }

/// The version of the loaded library, such as "0.1.0".
inline std::string_view version() noexcept { return gwp_version(); }

/// The kinds of guards in the loaded library.
inline std::vector<Kind> kinds() {
    std::vector<Kind> all;
    for (std::size_t index = 0; index < gwp_kind_count(); index++) {
        gwp_error *error = nullptr;
        const std::uint8_t *name = nullptr, *schema = nullptr;
        std::size_t name_len = 0, schema_len = 0;
        std::uint32_t caps = 0;
        check({gwp_kind_name(index, &name, &name_len, &error), error});
        check({gwp_kind_schema(index, &schema, &schema_len, &error), error});
        check({gwp_kind_caps(index, &caps, &error), error});
        all.push_back({detail::view(name, name_len), detail::view(schema, schema_len), caps});
    }
    return all;
}

/// One text that arrives in chunks of any size, cut anywhere. Findings and output of all parts, put one after the
/// other, are those of the whole text. One thread at a time. After a failure it gives GWP_E_FINISHED only, and what it
/// held back has not been checked.
class Stream {
public:
    /// A closed stream: GWP_E_NULL_ARG.
    Stream() noexcept = default;

    /// Adds a chunk; `result` gets the findings that have become certain and the bytes that are safe to emit.
    Status try_push(std::string_view chunk, Result &result) {
        return result.fill(names_, rewrites_, [&](gwp_result *into, gwp_error **error) {
            return gwp_stream_push(handle_.get(), detail::bytes(chunk), chunk.size(), into, error);
        });
    }

    /// Ends the text; `result` gets the rest.
    Status try_finish(Result &result) {
        return result.fill(names_, rewrites_, [&](gwp_result *into, gwp_error **error) {
            return gwp_stream_finish(handle_.get(), into, error);
        });
    }

    void push(std::string_view chunk, Result &result) { check(try_push(chunk, result)); }  ///< Throws Error.
    void finish(Result &result) { check(try_finish(result)); }                             ///< Throws Error.

    /// The same into a new Result.
    Result push(std::string_view chunk) {
        Result result;
        push(chunk, result);
        return result;
    }

    /// The same into a new Result.
    Result finish() {
        Result result;
        finish(result);
        return result;
    }

    void close() noexcept { handle_.reset(); }  ///< Frees the stream, finished or not; may be called again.
    explicit operator bool() const noexcept { return handle_ != nullptr; }  ///< Whether it is open.

private:
    friend class Guard;
    Stream(gwp_stream *handle, std::shared_ptr<const detail::Names> names, bool rewrites) noexcept
        : handle_(handle), names_(std::move(names)), rewrites_(rewrites) {}

    std::unique_ptr<gwp_stream, detail::Freed<gwp_stream_free>> handle_;
    std::shared_ptr<const detail::Names> names_;
    bool rewrites_ = false;
};

/// A configured engine, immutable. `scan` finds; `rewrite` also gives the rewritten text. Each comes in three forms:
/// into a new Result, into one that is used again, and with a Status instead of an exception.
class Guard {
public:
    /// A closed guard: GWP_E_NULL_ARG.
    Guard() noexcept = default;

    /// Makes a guard of a kind (`kinds()`); `config` is one JSON object by the kind's schema, empty means all defaults.
    /// Throws Error.
    explicit Guard(std::string_view kind, std::string_view config = {}) { check(try_open(*this, kind, config)); }

    /// The same into `guard`, which stays as it is on failure. GWP_E_UNSUPPORTED when the loaded library is of another
    /// ABI; one of ABI 1.0 will do.
    static Status try_open(Guard &guard, std::string_view kind, std::string_view config = {}) {
        if (Status status = detail::serves(0, "the loaded libgwplugins has another ABI than this program"); !status) {
            return status;
        }
        gwp_error *error = nullptr;
        gwp_guard *made = nullptr;
        const gwp_status code =
            gwp_guard_new(detail::bytes(kind), kind.size(), detail::bytes(config), config.size(), &made, &error);
        if (code != GWP_OK) return {code, error};
        Guard opened;
        opened.handle_.reset(made);
        opened.names_ = std::make_shared<const detail::Names>(detail::Description(opened.describe()).names("rules"));
        guard = std::move(opened);
        return {};
    }

    /// JSON: kind, version, limits and "rules". Valid until the guard is closed. Throws Error.
    std::string_view describe() const {
        gwp_error *error = nullptr;
        const std::uint8_t *json = nullptr;
        std::size_t len = 0;
        const gwp_status code = gwp_guard_describe(handle_.get(), &json, &len, &error);
        check({code, error});
        return detail::view(json, len);
    }

    /// Finds in one text.
    Status try_scan(std::string_view text, Result &result, Options options = {}) const {
        return run(text, result, flags(options, false));
    }
    void scan(std::string_view text, Result &result, Options options = {}) const {
        check(try_scan(text, result, options));
    }
    Result scan(std::string_view text, Options options = {}) const {
        return made([&](Result &result) { return try_scan(text, result, options); });
    }

    /// Finds and rewrites. The text must live as long as the output is used: it is the output when nothing changed.
    Status try_rewrite(std::string_view text, Result &result, Options options = {}) const {
        Status status = run(text, result, flags(options, true));
        if (status) result.texts_.assign(1, text);
        return status;
    }
    void rewrite(std::string_view text, Result &result, Options options = {}) const {
        check(try_rewrite(text, result, options));
    }
    Result rewrite(std::string_view text, Options options = {}) const {
        return made([&](Result &result) { return try_rewrite(text, result, options); });
    }

    /// A temporary string would be gone before the output is read.
    template <typename Text, typename... More, std::enable_if_t<std::is_same_v<Text, std::string>, int> = 0>
    Result rewrite(Text &&, More &&...) const = delete;
    template <typename Text, typename... More, std::enable_if_t<std::is_same_v<Text, std::string>, int> = 0>
    Status try_rewrite(Text &&, More &&...) const = delete;

    /// Finds in each text of a batch. Nothing matches across items; one item over a limit fails the whole call.
    Status try_scan_batch(const Batch &texts, Result &result, Options options = {}) const {
        return run(texts, result, flags(options, false));
    }
    void scan_batch(const Batch &texts, Result &result, Options options = {}) const {
        check(try_scan_batch(texts, result, options));
    }
    Result scan_batch(const Batch &texts, Options options = {}) const {
        return made([&](Result &result) { return try_scan_batch(texts, result, options); });
    }

    /// Finds and rewrites in each text of a batch. The texts must live as long as the outputs are used.
    Status try_rewrite_batch(const Batch &texts, Result &result, Options options = {}) const {
        Status status = run(texts, result, flags(options, true));
        for (std::size_t item = 0; status && item < texts.size(); item++) result.texts_.push_back(texts.text(item));
        return status;
    }
    void rewrite_batch(const Batch &texts, Result &result, Options options = {}) const {
        check(try_rewrite_batch(texts, result, options));
    }
    Result rewrite_batch(const Batch &texts, Options options = {}) const {
        return made([&](Result &result) { return try_rewrite_batch(texts, result, options); });
    }

    /// Begins a text that arrives in chunks; without `output` it only finds. GWP_E_UNSUPPORTED when this guard must see
    /// the whole text.
    Status try_stream(Stream &stream, Options options = {}, bool output = true) const {
        gwp_error *error = nullptr;
        gwp_stream *begun = nullptr;
        const gwp_status code = gwp_stream_new(handle_.get(), flags(options, output), &begun, &error);
        if (code == GWP_OK) stream = Stream(begun, names_, output);
        return {code, error};
    }
    Stream stream(Options options = {}, bool output = true) const {
        Stream begun;
        check(try_stream(begun, options, output));
        return begun;
    }

    /// Frees the guard; may be called again. Streams and results of it live on.
    void close() noexcept { handle_.reset(); }

    /// Whether it is open.
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    /// The C handle, NULL when closed; owned by this object.
    const gwp_guard *get() const noexcept { return handle_.get(); }

private:
    static std::uint32_t flags(Options options, bool output) noexcept {
        return static_cast<std::uint32_t>(options.unit) | (output ? GWP_OUTPUT : 0U) |
               (options.details ? GWP_DETAILS : 0U);
    }

    template <typename Call>
    static Result made(Call call) {
        Result result;
        check(call(result));
        return result;
    }

    Status run(std::string_view text, Result &result, std::uint32_t flags) const {
        return result.fill(names_, (flags & GWP_OUTPUT) != 0, [&](gwp_result *into, gwp_error **error) {
            return gwp_guard_scan(handle_.get(), detail::bytes(text), text.size(), flags, into, error);
        });
    }

    Status run(const Batch &texts, Result &result, std::uint32_t flags) const {
        return result.fill(names_, (flags & GWP_OUTPUT) != 0, [&](gwp_result *into, gwp_error **error) {
            const std::string_view all = texts.buffer();
            return gwp_guard_scan_batch(handle_.get(), detail::bytes(all), all.size(), texts.offsets(), texts.size(),
                                        flags, into, error);
        });
    }

    std::unique_ptr<gwp_guard, detail::Freed<gwp_guard_free>> handle_;
    std::shared_ptr<const detail::Names> names_;
};

}  // namespace gwplugins

#endif  // GWPLUGINS_HPP
