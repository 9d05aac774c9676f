"""Replacement templates: the grammar of Python's `re.sub`, read once when the guard is made.

Twin of rustlib/engines/regex_filter/src/template.rs, step by step. It must never be found wrong while a text is
scanned. Tests: tests/unit/test_regex_filter_parts.py, tests/vectors/regex_filter.jsonl.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pyplugins.core.faults import fault

Span = tuple[int, int]

# Largest number of a group, as many digits as a template may use.
_MAX_GROUP = 9_999

_ESCAPES = {"a": 0x07, "b": 0x08, "t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D, "\\": 0x5C}
_TOKEN = re.compile(
    r"""(?s)[^\\]+ | \\g<(?P<named>[^>]*)> | \\0(?P<octal>[0-7]{0,2}) | \\(?P<code>[1-7][0-7][0-7])
    | \\(?P<number>[1-9][0-9]?) | \\(?P<other>[^g0-9])""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[0-9]+\Z")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Template:
    """What takes the place of a match. `parts` are texts and numbers of groups.

    >>> Template.parse(r"<\\g<year>>", [None, "year"]).expand("ab2020", (0, 6), lambda: [(0, 6), (2, 6)])
    '<2020>'
    """

    def __init__(self, parts: Sequence[str | int]) -> None:
        self.parts = tuple(parts)
        #: Whether it names a group other than the match itself.
        self.uses_groups = any(part for part in parts if isinstance(part, int))
        texts = [part for part in self.parts if isinstance(part, str)]
        #: The whole of it when it names no group.
        self.plain = "".join(texts) if len(texts) == len(self.parts) else None

    @property
    def source(self) -> str:
        """The same for ``re.sub``."""
        return "".join(part.replace("\\", r"\\") if isinstance(part, str) else rf"\g<{part}>" for part in self.parts)

    @staticmethod
    def parse(text: str, names: Sequence[str | None], path: str = "") -> Template:
        """Reads a template for a pattern with these groups; index 0 of `names` is the match itself.

        Raises:
            ConfigError: with the byte of the backslash.
        """
        parts: list[str | int] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            why = _add(found, names, parts) if found else _why_not(text, at)
            if found is None or why:
                raise fault(why, path, len(text[:at].encode()))
            at = found.end()
        return Template(parts)

    def expand(self, text: str, found: Span, groups: Callable[[], Sequence[Span | None]]) -> str:
        """What the template makes of a match; a group that took no part is empty."""
        if self.plain is not None:
            return self.plain
        spans = groups() if self.uses_groups else (found,)
        pieces = []
        for part in self.parts:
            if isinstance(part, str):
                pieces.append(part)
            elif (span := spans[part]) is not None:
                pieces.append(text[span[0] : span[1]])
        return "".join(pieces)


def _why_not(text: str, at: int) -> str:
    return "template_syntax" if text.startswith("\\g", at) else "template_escape"


def _add(found: re.Match[str], names: Sequence[str | None], parts: list[str | int]) -> str:
    """Adds what a token means; the id of a fault, or an empty text."""
    named, octal, code, number, other = found.group("named", "octal", "code", "number", "other")
    if named is not None:
        return _group(_index(named, names), names, parts)
    if number is not None:
        return _group(int(number), names, parts)
    if octal is not None:
        parts.append(chr(int(octal or "0", 8)))
    elif code is not None:
        if int(code, 8) > 0o377:
            return "template_escape"
        parts.append(chr(int(code, 8)))
    elif other is None:
        parts.append(found[0])
    elif other in _ESCAPES:
        parts.append(chr(_ESCAPES[other]))
    elif other.isascii() and other.isalpha():
        return "template_escape"
    else:
        parts.append(found[0])
    return ""


def _index(name: str, names: Sequence[str | None]) -> int | None:
    """The number of a group; a number over all for an unknown name, None for what is neither name nor number."""
    if _NUMBER.match(name):
        return min(int(name[-20:]) if not name[:-20].strip("0") else _MAX_GROUP, _MAX_GROUP + 1)
    if not _NAME.match(name):
        return None
    return names.index(name) if name in names[1:] else len(names)


def _group(index: int | None, names: Sequence[str | None], parts: list[str | int]) -> str:
    if index is None:
        return "template_syntax"
    if index >= len(names):
        return "template_group"
    parts.append(index)
    return ""
