/* A part of gwplugins.hpp; include that. What codecs and limiters write: Bytes. */

#ifndef GWPLUGINS_BYTES_HPP
#define GWPLUGINS_BYTES_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "status.hpp"

namespace gwplugins {

class Batch;

/// Bytes that a call has written. Use one again and again: it keeps its memory. One thread at a time.
class Bytes {
public:
    /// What the last call has written; empty before the first and after a failed one. Valid until the next use.
    std::string_view view() const noexcept {
        const std::uint8_t *data = nullptr;
        std::size_t len = 0;
        gwp_result_output(handle_.get(), &data, &len, nullptr);
        return detail::view(data, len);
    }

    /// A copy.
    std::string str() const { return std::string(view()); }

    /// The C handle, NULL before the first call; owned by this object.
    gwp_result *get() const noexcept { return handle_.get(); }

private:
    friend class Codec;
    friend class CodecStream;
    friend class Limiter;
    friend Status try_train_dictionary(const Batch &, std::size_t, Bytes &);

    /// Makes the handle if there is none and runs `call(handle, &error)`.
    template <typename Call>
    Status fill(Call call) {
        gwp_error *error = nullptr;
        if (!handle_) {
            gwp_result *made = nullptr;
            if (const gwp_status code = gwp_result_new(&made, &error); code != GWP_OK) return {code, error};
            handle_.reset(made);
        }
        const gwp_status code = call(handle_.get(), &error);
        return {code, error};
    }

    std::unique_ptr<gwp_result, detail::Freed<gwp_result_free>> handle_;
};

namespace detail {

/// What `call(bytes)` has written, as a copy. Throws Error.
template <typename Call>
std::string written(Call call) {
    Bytes bytes;
    check(call(bytes));
    return bytes.str();
}

}  // namespace detail

}  // namespace gwplugins

#endif  // GWPLUGINS_BYTES_HPP
