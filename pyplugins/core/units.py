"""Text as the engines see it: `str` and `bytes` in, one kind of `str` inside, the caller's units out.

A `str` is taken as it is; a lone surrogate in it is one code point and three bytes. Bytes that are not UTF-8 become
one escape character each, so that nothing slips past a guard and every byte comes back.
Tests: tests/unit/test_core_guard.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyplugins.core.faults import fault

#: How a `str` that came as `str` turns into bytes.
STR_ERRORS = "surrogatepass"
#: How a `str` that came as `bytes` turns into bytes.
BYTES_ERRORS = "surrogateescape"


def checked(text: Any, implementation: str = "python") -> str | bytes:
    """`text`, with other bytes-like objects copied to `bytes`; `UsageError` for anything else."""
    if isinstance(text, (str, bytes)):
        return text
    if isinstance(text, (bytearray, memoryview)):
        return bytes(text)
    raise fault("bad_type", implementation=implementation)


def utf8_length(text: str) -> int:
    """Length in UTF-8 bytes, a lone surrogate counting three."""
    return len(text) if text.isascii() else len(text.encode("utf-8", STR_ERRORS))


def check_size(text: str | bytes, limit: int, implementation: str = "python") -> None:
    """Raises when the text is longer than `limit` UTF-8 bytes; encodes only when the answer is not plain."""
    length = len(text)
    if isinstance(text, str):
        length = length if length * 4 <= limit else utf8_length(text)
    if length > limit:
        raise fault("too_large", a=length, b=limit, implementation=implementation)


def byte_offsets(text: str, offsets: Iterable[int], errors: str) -> dict[int, int]:
    """Byte offset of each given code-point offset, in one pass over the text."""
    if text.isascii():
        return {at: at for at in offsets}
    places = {0: 0}
    last = 0
    for at in sorted(set(offsets)):
        places[at] = places[last] + len(text[last:at].encode("utf-8", errors))
        last = at
    return places
