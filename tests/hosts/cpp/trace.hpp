// The traces of limiters as the programs of this folder read and answer them; see tests/support/gw_family_lines.py.
#ifndef TRACE_HPP
#define TRACE_HPP

#include <gwplugins.hpp>

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "lines.hpp"

/// A step of a trace.
struct Step {
    std::string op;
    std::uint64_t now = 0, cost = 0, at = 0, actual = 0, lease = 0;
    std::vector<std::string> values;

    explicit Step(const std::string &word) {
        std::istringstream parts(word);
        const auto next = [&parts] {
            std::string part;
            std::getline(parts, part, ',');
            return part;
        };
        op = next();
        for (std::uint64_t *const number : {&now, &cost, &at, &actual, &lease}) *number = std::stoull(next());
        while (parts) {
            if (const std::string value = next(); !value.empty()) values.push_back(unhex(value));
        }
    }

    gwplugins::Key key() const {
        if (values.size() == 1) return values[0];
        return gwplugins::Key(std::vector<std::string_view>(values.begin(), values.end()));
    }
};

inline std::string number(const std::optional<std::uint64_t> &one) {
    return std::to_string(one.value_or(GWP_UNLIMITED));
}

inline std::string told(const gwplugins::Decision &one, std::uint64_t lease = 0) {
    std::ostringstream out;
    out << one.allowed << ',' << (one.would_refuse ? 1 : 0) + (one.blocked ? 2 : 0) << ',' << hex(one.dimension) << ','
        << one.window << ',' << number(one.limit) << ',' << number(one.remaining) << ',' << one.reset.count() << ','
        << (one.retry_after ? std::to_string(one.retry_after->count()) : std::to_string(GWP_NEVER)) << ',' << lease;
    return out.str();
}

#endif
