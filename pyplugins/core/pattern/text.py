"""Bytes as the text that patterns match: what is one character when the bytes are not UTF-8.

A character is a valid UTF-8 sequence; or a surrogate encoded in three bytes as if it were one (what a `str` with a lone
surrogate is to the native library); or else one byte. Tests: tests/unit/test_patterns.py.
"""

from __future__ import annotations

import codecs

_HANDLER = "gwplugins.pattern"
# Stands for any surrogate encoded in three bytes; no pattern can tell surrogates apart. It is not one of those that
# stand for a single byte, so the length in bytes is still known.
_ENCODED_SURROGATE = "\ud800"


def decode(data: bytes) -> str:
    """The text a pattern sees: single invalid bytes as U+DC80..U+DCFF, an encoded surrogate as U+D800.

    >>> decode(b"a\\xff\\xed\\xb2\\x80") == "a\\udcff\\ud800"
    True
    """
    return data.decode("utf-8", _HANDLER)


def byte_length(char: str) -> int:
    """Bytes of one character of a decoded text."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return 1
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4


def _invalid(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    start = error.start
    data = error.object[start : start + 3]
    if len(data) == 3 and data[0] == 0xED and 0xA0 <= data[1] <= 0xBF and 0x80 <= data[2] <= 0xBF:
        return _ENCODED_SURROGATE, start + 3
    return chr(0xDC00 + data[0]), start + 1


codecs.register_error(_HANDLER, _invalid)
