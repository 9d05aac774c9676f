/* A part of gwplugins.hpp; include that. What calls find: Finding, Findings and Result. */

#ifndef GWPLUGINS_RESULT_HPP
#define GWPLUGINS_RESULT_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rule_names.hpp"
#include "status.hpp"

namespace gwplugins {

/// What the content deserves: the strongest action of its findings.
enum class Verdict : std::uint32_t {
    pass = GWP_VERDICT_PASS,
    audit = GWP_VERDICT_AUDIT,
    replace = GWP_VERDICT_REPLACE,
    block = GWP_VERDICT_BLOCK,
};

/// What one finding asks for.
enum class Action : std::uint32_t { audit = GWP_ACTION_AUDIT, replace = GWP_ACTION_REPLACE, block = GWP_ACTION_BLOCK };

/// Something found. Its views live as long as those of the Result.
struct Finding {
    std::size_t
        start;  ///< First unit of the span in the caller's text; of the item in a batch, of the whole text in a stream.
    std::size_t end;          ///< One past its last unit.
    std::size_t item;         ///< Index of the item in a batch, else 0.
    std::string_view rule;    ///< Name of the rule.
    std::size_t rule_index;   ///< Its index in "rules" of Guard::describe.
    Action action;            ///< What the finding asks for.
    bool guess;               ///< Another reading was possible.
    bool derived;             ///< Found in rewritten or decoded text.
    unsigned score;           ///< 0 to 1000.
    std::string_view detail;  ///< One JSON value; empty when there is none, or none was asked for.
};

namespace detail {

/// Where the parts of a finding are read from.
struct Source {
    const gwp_result *result;
    const Names *names;

    Finding read(const gwp_finding &raw) const noexcept {
        const std::uint8_t *json = nullptr;
        std::size_t len = 0;
        if (raw.detail != 0) gwp_result_detail(result, raw.detail, &json, &len, nullptr);
        return {static_cast<std::size_t>(raw.start),
                static_cast<std::size_t>(raw.end),
                raw.item,
                raw.rule < names->size() ? std::string_view((*names)[raw.rule]) : std::string_view(),
                raw.rule,
                static_cast<Action>(raw.flags & GWP_FINDING_ACTION),
                (raw.flags & GWP_FINDING_GUESS) != 0,
                (raw.flags & GWP_FINDING_DERIVED) != 0,
                raw.flags >> GWP_FINDING_SCORE_SHIFT,
                view(json, len)};
    }
};

}  // namespace detail

/// The findings of a call or of one item, in order: a range for a `for` loop. Valid until the next use of the Result.
class Findings {
public:
    /// Reads one finding after the other.
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Finding;
        using difference_type = std::ptrdiff_t;
        using pointer = const Finding *;
        using reference = Finding;

        iterator(detail::Source source, const gwp_finding *at) noexcept : source_(source), at_(at) {}
        Finding operator*() const noexcept { return source_.read(*at_); }
        iterator &operator++() noexcept { return ++at_, *this; }
        iterator operator++(int) noexcept { return {source_, at_++}; }
        bool operator==(const iterator &other) const noexcept { return at_ == other.at_; }
        bool operator!=(const iterator &other) const noexcept { return at_ != other.at_; }

    private:
        detail::Source source_;
        const gwp_finding *at_;
    };

    Findings(detail::Source source, const gwp_finding *first, const gwp_finding *last) noexcept
        : source_(source), first_(first), last_(last) {}
    iterator begin() const noexcept { return {source_, first_}; }
    iterator end() const noexcept { return {source_, last_}; }
    std::size_t size() const noexcept { return static_cast<std::size_t>(last_ - first_); }
    bool empty() const noexcept { return first_ == last_; }
    Finding operator[](std::size_t index) const noexcept { return source_.read(first_[index]); }

private:
    detail::Source source_;
    const gwp_finding *first_;
    const gwp_finding *last_;
};

/// What a call found. Use one again and again: it keeps its memory, so a scan that finds nothing allocates nothing. Its
/// views are valid until its next use. One thread at a time.
class Result {
public:
    /// Number of items: 1 after a scan or a part of a stream, 0 before the first call and after a failed one.
    std::size_t size() const noexcept { return items().second; }

    /// The strongest action of an item's findings. Throws std::out_of_range when there is no such item: what was not
    /// checked has no verdict.
    Verdict verdict(std::size_t item = 0) const { return static_cast<Verdict>(at(item).verdict); }

    /// The highest score of an item's findings, 0 to 1000. Throws as `verdict`.
    unsigned score(std::size_t item = 0) const { return at(item).score; }

    /// Whether the output of an item differs from its text; false when only finding was asked for. Throws as `verdict`.
    bool changed(std::size_t item = 0) const { return at(item).changed != 0; }

    /// The rewritten text of an item: the caller's own text, in the caller's memory, when it is unchanged; of a part of
    /// a stream the bytes that are safe to emit. Throws as `verdict`, and std::logic_error after a call that only
    /// finds.
    std::string_view output(std::size_t item = 0) const {
        const gwp_item &one = at(item);
        if (!rewrites_) detail::raise(std::logic_error("gwplugins: scan only finds, call rewrite for output"));
        if (one.changed == 0 && item < texts_.size()) return texts_[item];
        const std::uint8_t *data = nullptr;
        std::size_t len = 0;
        gwp_result_output(handle_.get(), &data, &len, nullptr);
        return detail::view(data, len).substr(static_cast<std::size_t>(one.output_start),
                                              static_cast<std::size_t>(one.output_end - one.output_start));
    }

    /// The findings of all items.
    Findings findings() const noexcept {
        const gwp_finding *first = nullptr;
        std::size_t count = 0;
        gwp_result_findings(handle_.get(), &first, &count, nullptr);
        return {{handle_.get(), names_.get()}, first, first + count};
    }

    /// The findings of one item. Throws as `verdict`.
    Findings findings(std::size_t item) const {
        static_cast<void>(at(item));
        const gwp_finding *first = nullptr;
        std::size_t count = 0;
        gwp_result_findings(handle_.get(), &first, &count, nullptr);
        const auto before = [](const gwp_finding &one, std::size_t wanted) { return one.item < wanted; };
        const gwp_finding *const begin = std::lower_bound(first, first + count, item, before);
        return {{handle_.get(), names_.get()}, begin, std::lower_bound(begin, first + count, item + 1, before)};
    }

    /// The C handle, NULL before the first call; owned by this object.
    gwp_result *get() const noexcept { return handle_.get(); }

private:
    friend class Guard;
    friend class Stream;

    std::pair<const gwp_item *, std::size_t> items() const noexcept {
        const gwp_item *first = nullptr;
        std::size_t count = 0;
        gwp_result_items(handle_.get(), &first, &count, nullptr);
        return {first, count};
    }

    const gwp_item &at(std::size_t item) const {
        const auto [first, count] = items();
        if (item >= count) detail::raise(std::out_of_range("gwplugins: the result has no such item"));
        return first[item];
    }

    /// Makes the handle if there is none, runs `call(handle, &error)` and keeps what the accessors need.
    template <typename Call>
    Status fill(const std::shared_ptr<const detail::Names> &names, bool rewrites, Call call) {
        gwp_error *error = nullptr;
        if (!handle_) {
            gwp_result *made = nullptr;
            if (const gwp_status code = gwp_result_new(&made, &error); code != GWP_OK) return {code, error};
            handle_.reset(made);
        }
        if (names_ != names) names_ = names;
        rewrites_ = rewrites;
        texts_.clear();
        const gwp_status code = call(handle_.get(), &error);
        return {code, error};
    }

    std::unique_ptr<gwp_result, detail::Freed<gwp_result_free>> handle_;
    std::shared_ptr<const detail::Names> names_;
    std::vector<std::string_view> texts_;
    bool rewrites_ = false;
};

}  // namespace gwplugins

#endif  // GWPLUGINS_RESULT_HPP
