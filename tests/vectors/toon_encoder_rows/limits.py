"""Sizes, depth, what is not JSON, and configurations that are refused."""

from __future__ import annotations

from typing import Any

from ._write import ALL, Row, converted, encoded, failed, left

#: 101 bytes.
USERS = '{"users": [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}, {"id": 3, "name": "Eve"}], "total": 3}'
TOON = "users[3]{id,name}:\n  1,Ada\n  2,Bob\n  3,Eve\ntotal: 3"
ANY_SIZE = {"min_size_bytes": 0}

NOT_JSON = {
    "nothing": "",
    "prose": "Dear all, nothing here is JSON.",
    "two values": "1 2",
    "a comma too many": "[1,]",
    "no value": '{"a":}',
    "no key": "{1:2}",
    "NaN": "[NaN]",
    "a word": "nul",
    "leading zero": "01",
    "a bare fraction": "1.",
    "a bare exponent": "1e",
    "minus alone": "-",
    "open": '[{"a":1}',
    "closed twice": "[1]]",
    "crossed": "[1}",
    "raw control": '"a\nb"',
    "bad escape": '"\\x"',
    "short escape": '"\\u12"',
    "no end": '"a',
    "byte order mark": "\ufeff[1]",
    "no-break space": "\u00a0[1]",
    "object without comma": '{"a":1 "b":2}',
    "single quotes": "['a']",
    "a lone surrogate that is not escaped": '["\ud800"]',
}
REFUSED: tuple[tuple[str, Any, str, int], ...] = (
    ("direction", "both", "$.direction", 24),
    ("delimiter", ";", "$.delimiter", 24),
    ("max_depth", 257, "$.max_depth", 24),
    ("min_size_bytes", -1, "$.min_size_bytes", 24),
    ("only_smaller", 1, "$.only_smaller", 23),
    ("include_tools", [1], "$.include_tools[0]", 23),
    ("indent", 4, "$.indent", 22),
)


def all_rows() -> list[Row]:
    """Every row, in the order of the file."""
    strict = {"strict": True}
    return [
        converted("sizes: the defaults", USERS, TOON, {}, "encoded"),
        left("sizes: below the least", USERS, {"min_size_bytes": 102}),
        left("sizes: over the most", USERS, {"max_size_bytes": 100}),
        converted("sizes: bytes count", '{"a":"éé"}', "a: éé", {"min_size_bytes": 12}, "encoded"),
        left("sizes: not smaller", '"a:b"', ANY_SIZE),
        left("sizes: not smaller, nested", "[[[[[1,[2]]]]]]", ANY_SIZE),
        left("sizes: over the output too", '"ab"', ANY_SIZE | {"max_output_bytes": 1}),
        failed("sizes: output over its limit", '"abc"', 40, ALL | {"max_output_bytes": 2}),
        failed("sizes: text over its limit", "[1]", 40, {"max_text_bytes": 2}),
        *(left(f"not JSON: {name}", text, ALL) for name, text in NOT_JSON.items()),
        _bytes("not JSON: bytes that are no UTF-8", "5b22ff225d", ALL),
        failed("strict: not JSON", "[1,]", 43, ANY_SIZE | strict),
        left("strict: too small all the same", "[1,]", strict),
        failed("strict: JSON that is too deep", "[[1]]", 43, ANY_SIZE | strict | {"max_depth": 1}),
        left("too deep", "[[1]]", ALL | {"max_depth": 1}),
        encoded("deep enough", "[[1]]", "[1]:\n  - [1]: 1", max_depth=2),
        encoded("deep enough in members", '{"a":{"b":1}}', "a:\n  b: 1", max_depth=2),
        left("too deep in members", '{"a":{"b":{}}}', ALL | {"max_depth": 2}),
        *(failed(f"config: {key}", "", code, {key: value}, path) for key, value, path, code in REFUSED),
    ]


def _bytes(name: str, text: str, config: Row) -> Row:
    return {"id": name, "config": config, "input_hex": text, "expect": {"findings": [], "output_hex": text}}
