/* A part of gwplugins.hpp; include that. What a request to a limiter is counted by: Key. */

#ifndef GWPLUGINS_KEY_HPP
#define GWPLUGINS_KEY_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace gwplugins {

/// One value for each dimension of a Limiter, in its order; an empty one: the dimension does not apply. A single value
/// is a view and must live as long as the Key; several are copied into one buffer.
class Key {
public:
    /// The value of a limiter with one dimension; no allocation.
    Key(std::string_view value) noexcept : only_(value), single_{0, value.size()} {}
    Key(const char *value) : Key(std::string_view(value)) {}         ///< The same.
    Key(const std::string &value) : Key(std::string_view(value)) {}  ///< The same.

    /// Several: `{user, tenant}`.
    Key(std::initializer_list<std::string_view> values) : is_single_(false) { join(values); }

    /// The same.
    explicit Key(const std::vector<std::string_view> &values) : is_single_(false) { join(values); }

    /// Number of values.
    std::size_t size() const noexcept { return is_single_ ? 1 : offsets_.size() - 1; }

private:
    friend class Limiter;

    template <typename Values>
    void join(const Values &values) {
        offsets_.reserve(values.size() + 1);
        offsets_.push_back(0);
        for (const std::string_view value : values) {
            joined_.append(value);
            offsets_.push_back(joined_.size());
        }
    }

    std::string_view buffer() const noexcept { return is_single_ ? only_ : std::string_view(joined_); }
    const std::uint64_t *offsets() const noexcept { return is_single_ ? single_ : offsets_.data(); }

    bool is_single_ = true;
    std::string_view only_;
    std::uint64_t single_[2] = {0, 0};
    std::string joined_;
    std::vector<std::uint64_t> offsets_;
};

}  // namespace gwplugins

#endif  // GWPLUGINS_KEY_HPP
