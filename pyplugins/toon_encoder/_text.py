"""How strings and keys are spelt on both sides: what TOON must quote, what is escaped, what is a number.

Twin of rustlib/engines/toon_encoder/src/text.rs. Tests: tests/unit/test_vectors.py, tests/parity/.
"""

from __future__ import annotations

import re
from typing import Final

#: By the names of the configuration.
DELIMITERS: Final = {"comma": ",", "tab": "\t", "pipe": "|"}

#: White space of Unicode: some readers strip it.
_BLANKS: Final = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
#: What must be quoted wherever it stands in a string. A surrogate in a `str` is a lone one.
_ANYWHERE: Final = r':"\\\[\]{}\x00-\x1f\ud800-\udfff'
_NUMERIC: Final = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_NEEDS_QUOTES: Final = {
    delimiter: re.compile(
        rf"\A(?:[-#\ufeff{_BLANKS}]|\Z|(?:true|false|null|{_NUMERIC})\Z)|[{_ANYWHERE}{delimiter}]|[{_BLANKS}]\Z"
    )
    for delimiter in DELIMITERS.values()
}
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_ESCAPED: Final = re.compile(r'["\\\x00-\x1f\ud800-\udfff]')
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.?)", re.DOTALL)
_LONG: Final = {escape[1]: char for char, escape in _SHORT.items()}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class NotJson(Exception):
    """Not JSON, or nested deeper than allowed."""


class NotToon(Exception):
    """A line is not TOON.

    Attributes:
        line: its number, counted from 1.
    """

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class TooDeep(Exception):
    """TOON nested deeper than allowed."""


class Full(Exception):
    """The output passes the limit.

    Attributes:
        size: what was written till then; UTF-8 bytes at most.
    """

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def needs_quotes(text: str, delimiter: str) -> bool:
    """The string would not be read back as itself.

    >>> [needs_quotes(text, ",") for text in ("a b", "", "05", "a,b", "-", "x ")]
    [False, True, True, True, True, True]
    """
    return _NEEDS_QUOTES[delimiter].search(text) is not None


def is_plain_key(key: str) -> bool:
    """A key that needs no quotes: a letter or `_`, then letters, digits, `_` and `.`."""
    return _PLAIN_KEY.fullmatch(key) is not None


def is_number(text: str) -> bool:
    """An unquoted value that is a number of JSON."""
    return _NUMBER.fullmatch(text) is not None


def quote(text: str) -> str:
    r"""A string in quotes, escaped as both JSON and TOON understand it.

    >>> print(quote('say "\n\x01"'))
    "say \"\n\u0001\""
    """
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    return _SHORT.get(char) or f"\\u{ord(char):04x}"


def unescape(text: str) -> str | None:
    """The string that the text between two quotes stands for; `None` for an escape that TOON does not have."""
    try:
        content = _ESCAPE.sub(_unescape, text)
    except KeyError:
        return None
    if _SURROGATE.search(content):
        # Halves that stand side by side are one character.
        content = content.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return content


def _unescape(found: re.Match[str]) -> str:
    escape = found[1]
    return chr(int(escape[1:], 16)) if len(escape) > 1 else _LONG[escape]
