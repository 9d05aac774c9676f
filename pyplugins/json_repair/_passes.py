"""What happens to the text that no edit touches: bytes that are no UTF-8, and, when asked for, characters beyond ASCII.

Twin of `rustlib/engines/json_repair/src/passes.rs`, under the same names. A `str` that came as `str` may hold lone
surrogates; one that came as `bytes` holds an escape for each byte that is no UTF-8.
Tests: tests/unit/test_json_repair_fallback.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pyplugins.core import units
from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._edit import Edit

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: A surrogate written in three bytes, and other bytes that are no UTF-8.
_BYTES: Final = re.compile(
    "\udced([\udca0-\udcbf])([\udc80-\udcbf])|(?:(?!\udced[\udca0-\udcbf][\udc80-\udcbf])[\udc80-\udcff])+"
)
_WIDE: Final = re.compile(r"[^\x00-\x7f]+")

Work = Callable[[str, int, list[Edit]], None]


def make_utf8(text: str, edits: list[Edit], errors: str) -> list[Edit]:
    """The edits with those that make what is kept of `text` UTF-8."""
    if text.isascii() or _SURROGATE.search(text) is None:
        return edits
    return _in_gaps(text, edits, _byte_edits if errors == units.BYTES_ERRORS else _surrogate_edits)


def make_ascii(text: str, edits: list[Edit]) -> list[Edit]:
    """The edits with those that make what is kept of `text` ASCII."""
    if not text.isascii():
        edits = _in_gaps(text, edits, _ascii_edits)
    for edit in edits:
        if not edit[kinds.PUT].isascii():
            edit[kinds.PUT] = escaped(edit[kinds.PUT])
    return edits


def _in_gaps(text: str, edits: list[Edit], work: Work) -> list[Edit]:
    """Hands each stretch of the text between the edits to `work`, which adds its own."""
    everything: list[Edit] = []
    last = 0
    for edit in edits:
        work(text[last : edit[kinds.START]], last, everything)
        last = edit[kinds.END]
        everything.append(edit)
    work(text[last:], last, everything)
    return everything


def _surrogate_edits(gap: str, offset: int, edits: list[Edit]) -> None:
    for found in _SURROGATE.finditer(gap):
        put = f"\\u{ord(found[0]):04x}"
        edits.append([offset + found.start(), offset + found.end(), kinds.LONE_SURROGATE, put, False])


def _byte_edits(gap: str, offset: int, edits: list[Edit]) -> None:
    for found in _BYTES.finditer(gap):
        start, end = offset + found.start(), offset + found.end()
        if found[1]:
            number = 0xD000 | (ord(found[1]) & 0x3F) << 6 | (ord(found[2]) & 0x3F)
            edits.append([start, end, kinds.LONE_SURROGATE, f"\\u{number:04x}", False])
        else:
            put = found[0].encode("utf-8", units.BYTES_ERRORS).decode("utf-8", "replace")
            edits.append([start, end, kinds.INVALID_UTF8, put, True])


def _ascii_edits(gap: str, offset: int, edits: list[Edit]) -> None:
    edits.extend(
        [offset + found.start(), offset + found.end(), kinds.NON_ASCII, escaped(found[0]), False]
        for found in _WIDE.finditer(gap)
    )


def escaped(run: str) -> str:
    """The characters as escapes, in UTF-16.

    >>> escaped("é😀")
    '\\\\u00e9\\\\ud83d\\\\ude00'
    """
    units_16 = run.encode("utf-16-be", "surrogatepass")
    return "".join([f"\\u{units_16[at]:02x}{units_16[at + 1]:02x}" for at in range(0, len(units_16), 2)])
