/* A part of gwplugins.hpp; include that. Texts that are scanned in one call: Batch. */

#ifndef GWPLUGINS_BATCH_HPP
#define GWPLUGINS_BATCH_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "status.hpp"

namespace gwplugins {

class Bytes;

/// Texts for one call; each is an item of the Result. It holds views: the texts must live as long as the Batch, and as
/// the output of a Result that was made from it.
class Batch {
public:
    /// Texts that lie anywhere; copied into one buffer.
    Batch(std::vector<std::string_view> texts) : texts_(std::move(texts)), own_offsets_{0} {
        own_offsets_.reserve(texts_.size() + 1);
        for (const std::string_view text : texts_) {
            joined_.append(text);
            own_offsets_.push_back(joined_.size());
        }
    }

    /// The same: `{first, second}`.
    Batch(std::initializer_list<std::string_view> texts) : Batch(std::vector<std::string_view>(texts)) {}

    /// Texts that lie in one buffer, as in a column of Apache Arrow (large_string), which passes without a copy: item i
    /// is `buffer[offsets[i] .. offsets[i + 1]]`, so there are `count` and one more offsets. They are views too.
    Batch(std::string_view buffer, const std::uint64_t *offsets, std::size_t count) noexcept
        : is_column_(true), buffer_(buffer), offsets_(offsets), count_(count) {}

    /// Number of texts.
    std::size_t size() const noexcept { return is_column_ ? count_ : texts_.size(); }

private:
    friend class Guard;
    friend Status try_train_dictionary(const Batch &, std::size_t, Bytes &);

    std::string_view buffer() const noexcept { return is_column_ ? buffer_ : std::string_view(joined_); }
    const std::uint64_t *offsets() const noexcept { return is_column_ ? offsets_ : own_offsets_.data(); }

    /// Only after the library has checked the offsets.
    std::string_view text(std::size_t item) const {
        if (!is_column_) return texts_[item];
        const auto first = static_cast<std::size_t>(offsets_[item]),
                   last = static_cast<std::size_t>(offsets_[item + 1]);
        return buffer_.substr(first, last - first);
    }

    bool is_column_ = false;
    std::vector<std::string_view> texts_;
    std::string joined_;
    std::vector<std::uint64_t> own_offsets_;
    std::string_view buffer_;
    const std::uint64_t *offsets_ = nullptr;
    std::size_t count_ = 0;
};

}  // namespace gwplugins

#endif  // GWPLUGINS_BATCH_HPP
