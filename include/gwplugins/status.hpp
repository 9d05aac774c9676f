/* A part of gwplugins.hpp; include that. How calls end: Status and Error. */

#ifndef GWPLUGINS_STATUS_HPP
#define GWPLUGINS_STATUS_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "../gwplugins.h"

namespace gwplugins {

namespace detail {

template <auto Free>
struct Freed {
    template <typename Handle>
    void operator()(Handle *handle) const noexcept {
        Free(handle);
    }
};

inline const std::uint8_t *bytes(std::string_view text) noexcept {
    return reinterpret_cast<const std::uint8_t *>(text.data());
}

inline std::string_view view(const std::uint8_t *data, std::size_t len) noexcept {
    return {reinterpret_cast<const char *>(data), len};
}

template <typename Exception>
[[noreturn]] void raise(const Exception &exception) {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
    throw exception;
#else
    static_cast<void>(exception);
    std::abort();
#endif
}

}  // namespace detail

/// What a call ended with: GWP_OK, or a code with a message. Cheap when all is well.
class [[nodiscard]] Status {
public:
    /// Success.
    Status() noexcept = default;

    /// What a C function returned, and the error it made; takes `error`.
    Status(gwp_status code, gwp_error *error) noexcept : code_(code), error_(error) {}

    /// A failure of which no C function tells; `message` must live as long as the process.
    Status(gwp_status code, const char *message) noexcept : code_(code), message_(message) {}

    /// True on success.
    explicit operator bool() const noexcept { return code_ == GWP_OK; }

    /// GWP_OK or GWP_E_...; a number is never reused.
    gwp_status code() const noexcept { return code_; }

    /// Its name, such as "GWP_E_BUSY".
    std::string_view name() const noexcept { return gwp_status_name(code_); }

    /// One line; empty on success. A view into this Status.
    std::string_view message() const noexcept { return error_ ? text<gwp_error_message>() : message_; }

    /// JSON path of the configuration value at fault, such as "$.words[0].search"; else empty. A view into this Status.
    std::string_view path() const noexcept { return error_ ? text<gwp_error_path>() : ""; }

private:
    template <auto Read>
    std::string_view text() const noexcept {
        const std::uint8_t *data = nullptr;
        std::size_t len = 0;
        return Read(error_.get(), &data, &len) == GWP_OK ? detail::view(data, len) : std::string_view();
    }

    gwp_status code_ = GWP_OK;
    const char *message_ = "";
    std::unique_ptr<gwp_error, detail::Freed<gwp_error_free>> error_;
};

namespace detail {

/// Whether the loaded library serves ABI 1.`minor`; else GWP_E_UNSUPPORTED with `message`.
inline Status serves(std::uint32_t minor, const char *message) noexcept {
    return gwp_abi_supports(GWP_ABI_MAJOR, minor) != 0 ? Status() : Status(GWP_E_UNSUPPORTED, message);
}

}  // namespace detail

/// What is thrown when a call fails; `what()` is the message.
class Error : public std::runtime_error {
public:
    /// Takes what a call ended with.
    explicit Error(Status status)
        : std::runtime_error(std::string(status.message())),
          status_(std::make_shared<const Status>(std::move(status))) {}

    /// GWP_E_...
    gwp_status code() const noexcept { return status_->code(); }

    /// Its name, such as "GWP_E_BUSY".
    std::string_view name() const noexcept { return status_->name(); }

    /// JSON path of the configuration value at fault, else empty. A view into this Error and its copies.
    std::string_view path() const noexcept { return status_->path(); }

private:
    std::shared_ptr<const Status> status_;
};

/// Throws Error unless `status` is success.
inline void check(Status status) {
    if (!status) detail::raise(Error(std::move(status)));
}

}  // namespace gwplugins

#endif  // GWPLUGINS_STATUS_HPP
