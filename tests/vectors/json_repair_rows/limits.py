"""Options and limits."""

from __future__ import annotations

from ._write import Row, edited, refused

TOO_LARGE, TOO_DEEP, TOO_MANY = 40, 41, 43


def _kept(id: str, text: str, output: str, config: dict[str, object]) -> Row:
    return {"id": id, "config": config, "input": text, "expect": {"output": output}}


def all_rows() -> list[Row]:
    """Every row."""
    ascii_only = {"ensure_ascii": True}
    return [
        refused("strict: a trailing comma", "[1,]", {"strict": True}, TOO_MANY),
        refused("strict: a comment", "[1] // c", {"strict": True}, TOO_MANY),
        refused("strict: prose", "hello", {"strict": True}, TOO_MANY),
        _kept("strict: valid", '{"a": [1]}', '{"a": [1]}', {"strict": True}),
        _kept("strict and ensure_ascii", '["\u00e9"]', '["\\u00e9"]', {"strict": True, **ascii_only}),
        _kept("ensure_ascii: valid", '["caf\u00e9 \U0001f600"]', '["caf\\u00e9 \\ud83d\\ude00"]', ascii_only),
        _kept("ensure_ascii: broken", "{\u00e9: '\u65e5'", '{"\\u00e9": "\\u65e5"}', ascii_only),
        _kept("ensure_ascii: nothing to do", '["a"]', '["a"]', ascii_only),
        edited("ensure_ascii: a run is one edit", '["a"]', '["a"]', [], ascii_only),
        _kept("depth: at the limit", "[[[1", "[[[1]]]", {"max_depth": 3}),
        refused("depth: over the limit", "[[[[1", {"max_depth": 3}, TOO_DEEP),
        refused("depth: valid, over the limit", '[{"a": [[]]}]', {"max_depth": 3}, TOO_DEEP),
        _kept(
            "depth: brackets in strings do not count", '["[[[[[[", {"a": 1}]', '["[[[[[[", {"a": 1}]', {"max_depth": 2}
        ),
        _kept("depth: many siblings", "[" + "[]," * 40 + "[1]]", "[" + "[]," * 40 + "[1]]", {"max_depth": 2}),
        _kept("size: at the limit", "[1,]", "[1]", {"max_text_bytes": 4}),
        refused("size: over the limit", "[1,2]", {"max_text_bytes": 4}, TOO_LARGE),
        refused("size: counted in UTF-8", '"\u00e9\u00e9"', {"max_text_bytes": 5}, TOO_LARGE),
        _kept("output: at the limit", "[1", "[1]", {"max_output_bytes": 3}),
        refused("output: over the limit", "[1", {"max_output_bytes": 2}, TOO_LARGE),
        _kept("output: valid is not output", "[1, 2, 3]", "[1, 2, 3]", {"max_output_bytes": 2}),
        _kept("edits: at the limit", "{a: 1}", '{"a": 1}', {"max_findings": 2}),
        refused("edits: over the limit", "{a: 1, b: 2}", {"max_findings": 2}, TOO_MANY),
        {
            "id": "config: unknown dialect",
            "config": {"dialect": "perl"},
            "input": "",
            "expect": {"error": {"class": "ConfigError", "code": 24, "path": "$.dialect"}},
        },
        {
            "id": "config: depth of zero",
            "config": {"max_depth": 0},
            "input": "",
            "expect": {"error": {"class": "ConfigError", "code": 24, "path": "$.max_depth"}},
        },
    ]
