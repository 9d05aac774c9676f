// What the programs of this folder read and write lines with.
#ifndef LINES_HPP
#define LINES_HPP

#include <cstddef>
#include <string>
#include <string_view>

inline std::string hex(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out = "x";
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

inline std::string unhex(std::string_view word) {
    std::string out;
    for (std::size_t at = 1; at + 1 < word.size(); at += 2) {
        out += static_cast<char>(std::stoi(std::string(word.substr(at, 2)), nullptr, 16));
    }
    return out;
}

#endif
