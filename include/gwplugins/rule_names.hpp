/* A part of gwplugins.hpp; include that. Reads descriptions of guards and limiters. */

#ifndef GWPLUGINS_RULE_NAMES_HPP
#define GWPLUGINS_RULE_NAMES_HPP

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gwplugins::detail {

/// Names of rules or dimensions; `gwp_finding.rule` or `gwp_decision.dimension` is the index.
using Names = std::vector<std::string>;

/// Reads what `gwp_guard_describe` and `gwp_limiter_describe` say: `{"rules": [{"name": "..."}, ...]}`, valid JSON.
class Description {
public:
    explicit Description(std::string_view json) : json_(json) {}

    /// The names in the list that the outermost object has under `list`.
    Names names(std::string_view list) {
        Names found;
        std::string key;
        bool in_list = false;
        for (std::size_t depth = 0; at_ < json_.size();) {
            const char letter = json_[at_++];
            if (letter == '{' || letter == '[') {
                depth++;
                in_list = in_list || (depth == 2 && key == list);
                if (in_list && depth == 3) found.emplace_back();
            } else if (letter == '}' || letter == ']') {
                depth--;
                in_list = in_list && depth > 1;
            } else if (letter == '"') {
                std::string read = string();
                if (follows_colon()) {
                    key = std::move(read);
                } else if (in_list && depth == 3 && key == "name") {
                    found.back() = std::move(read);
                }
            }
        }
        return found;
    }

    /// The number that follows a key which occurs once; 0 when there is none. A string cannot hold it: its quotes are
    /// escaped.
    std::size_t number(std::string_view key) const {
        const std::string quoted = '"' + std::string(key) + "\":";
        const std::size_t found = json_.find(quoted);
        std::size_t value = 0;
        if (found != std::string_view::npos) {
            const char *const first = json_.data() + found + quoted.size();
            std::from_chars(first, json_.data() + json_.size(), value);
        }
        return value;
    }

private:
    /// The string whose opening quote has just been read.
    std::string string() {
        std::string read;
        while (at_ < json_.size() && json_[at_] != '"') {
            const char letter = json_[at_++];
            if (letter == '\\') {
                escape(read);
            } else {
                read += letter;
            }
        }
        at_++;
        return read;
    }

    void escape(std::string &read) {
        constexpr std::string_view short_names = "bfnrt", meanings = "\b\f\n\r\t";
        const char letter = json_[at_++];
        const std::size_t known = short_names.find(letter);
        if (letter == 'u') {
            append(read, code_point());
        } else {
            read += known == std::string_view::npos ? letter : meanings[known];
        }
    }

    std::uint32_t code_point() {
        const std::uint32_t first = four_digits();
        const bool pair = (first & 0xFC00U) == 0xD800U && json_.substr(at_, 2) == "\\u";
        if (!pair) return first;
        at_ += 2;
        return 0x10000U + ((first & 0x3FFU) << 10U) + (four_digits() & 0x3FFU);
    }

    std::uint32_t four_digits() {
        const std::string digits(json_.substr(at_, 4));
        at_ += 4;
        return static_cast<std::uint32_t>(std::strtoul(digits.c_str(), nullptr, 16));
    }

    static void append(std::string &read, std::uint32_t point) {
        const auto put = [&read](std::uint32_t byte) { read += static_cast<char>(static_cast<unsigned char>(byte)); };
        const auto rest = [&](unsigned shift) { put(0x80U | ((point >> shift) & 0x3FU)); };
        if (point < 0x80U) return put(point);
        if (point < 0x800U) {
            put(0xC0U | (point >> 6U));
        } else if (point < 0x10000U) {
            put(0xE0U | (point >> 12U));
            rest(6);
        } else {
            put(0xF0U | (point >> 18U));
            rest(12);
            rest(6);
        }
        rest(0);
    }

    bool follows_colon() {
        at_ = std::min(json_.find_first_not_of(" \t\r\n", at_), json_.size());
        return at_ < json_.size() && json_[at_] == ':';
    }

    std::string_view json_;
    std::size_t at_ = 0;
};

}  // namespace gwplugins::detail

#endif  // GWPLUGINS_RULE_NAMES_HPP
