"""Step `email`.

The part of the text that can hold the address is first reduced to a few kinds of characters: every letter of
`rules/email_letters.json` becomes one of two that stand for its class. Small patterns then read any language.
Tests: tests/unit/test_pii_fallback_parts.py, tests/vectors/pii_filter.jsonl.
"""

from __future__ import annotations

import re

from pyplugins.pii_filter import _tables as tables
from pyplugins.pii_filter._place import Hit

#: RFC 5321 4.5.3.1.1 and RFC 1035 2.3.4, in bytes.
_MOST_LOCAL, _MOST_LABEL, _MOST_DOMAIN = 64, 63, 253

_L, _I = tables.LETTER, tables.IDEOGRAPH


def _local_part(characters: str) -> re.Pattern[str]:
    """Over a text that was turned around: `'` between two letters, no dot beside a dot."""
    return re.compile(rf"(?:[{characters}]+|(?<!\.)\.|(?<=[A-Za-z])'(?=[A-Za-z]))+")


_LOCAL = _local_part(rf"A-Za-z0-9_%+\-{_L}")
_IDEOGRAPHIC_LOCAL = _local_part(rf"A-Za-z0-9_%+\-{_L}{_I}")
_LABEL = re.compile(f"{_I}[0-9{_I}]{{0,{_MOST_LABEL}}}|[A-Za-z0-9{_L}-]{{1,{_MOST_LABEL + 1}}}")
_TOP_LEVEL = re.compile(f"[A-Za-z{_L}{_I}]{{2,}}|[xX][nN]--.*")
# The domain ends after the letters: `alice@example.com123-45-6789`.
_BEGUN_TOP_LEVEL = re.compile("[A-Za-z]{2,}(?=[0-9-])")


def email(text: str, at: int) -> Hit | None:
    """The address around the `@` at index `at`."""
    end = _domain_end(text, at + 1)
    start = None if end is None else _local_start(text, at)
    return None if start is None or end is None else Hit(start, end)


def _local_start(text: str, at: int) -> int | None:
    # One more character may be a leading dot, which is cut off.
    backwards = tables.email_kinds(text[max(at - _MOST_LOCAL - 2, 0) : at])[::-1]
    found = (_IDEOGRAPHIC_LOCAL if backwards[:1] == _I else _LOCAL).match(backwards)
    if not found or backwards[0] == ".":
        return None
    start = at - len(found[0].rstrip("."))
    return start if _size(text[start:at]) <= _MOST_LOCAL else None


def _domain_end(text: str, start: int) -> int | None:
    written = text[start : start + _MOST_DOMAIN + 1]
    # Most `@` of machine text end here.
    if "." not in written[1 : _MOST_LABEL + 2]:
        return None
    domain = tables.email_kinds(written)
    top, end, place, size = 0, 0, 0, 0
    while label := _LABEL.match(domain, place):
        name = _first_bytes(label[0], text[start + place : start + label.end()])
        length = _size(text[start + place : start + place + len(name)])
        size += length
        if size > _MOST_DOMAIN:
            break
        valid = length <= _MOST_LABEL and name[0] != "-" and name[-1] != "-"
        ending = _top_level_length(name, valid) if place else 0
        if ending:
            top, end = place, place + ending
        place, size = place + len(name) + 1, size + 1
        if not valid or domain[place - 1 : place] != ".":
            break
    return start + end if end and domain[top:end].lower() not in tables.not_top_level() else None


def _top_level_length(name: str, valid: bool) -> int:
    """How much of the label `name` can end a domain, 0 for nothing."""
    if valid and _TOP_LEVEL.fullmatch(name):
        return len(name)
    begun = _BEGUN_TOP_LEVEL.match(name)
    return begun.end() if begun else 0


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _first_bytes(name: str, written: str) -> str:
    """The characters of a label that begin in its first 64 bytes; `written` is the label as the text has it."""
    size = 0
    if not written.isascii():
        for index, character in enumerate(written):
            if size > _MOST_LABEL:
                return name[:index]
            size += len(character.encode())
    return name
