"""Twin of rustlib/engines/compression/src/choose.rs: what the other side accepts (RFC 9110, 12.5.3), and whether data
will shrink at all. Tests: tests/unit/test_compression_choose.py, tests/parity/test_compression_parity.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container

from pyplugins.compression._tables import codecs
from pyplugins.core import data as rules
from pyplugins.core.faults import fault

#: Below this many bytes the headers of a format outweigh what it saves.
_LEAST = 64
#: The probe looks at this many pieces of this many bytes each.
_PIECES, _PIECE = 16, 256
_WEIGHT = re.compile(r"[ \t]*q=([01])(?:\.([0-9]{0,3}))?[ \t]*\Z")
_BLANKS = " \t"


def choose(data: bytes, media_type: bytes, accept: bytes, usable: Container[str]) -> str:
    """The usable codec that `accept` likes best, or ``identity`` when the data is short, compressed already, or noise.

    Raises:
        BadData: nothing is acceptable.
    """
    accepted = _parse(accept)
    best: tuple[int, str] | None = None
    for name, facts in codecs().items():
        offered = name in usable and facts.coding not in (None, "identity")
        quality = _quality(accepted, facts.coding) if offered else None
        # The first of equals: codecs stand in the order of preference.
        if quality is not None and (best is None or quality > best[0]):
            best = quality, name
    plain = _quality(accepted, "identity")
    if best is not None and (plain is None or (best[0] >= plain and _worth(data, media_type))):
        return best[1]
    if plain is None:
        raise fault("codec_not_acceptable")
    return "identity"


def accepts(accept: bytes, coding: str | None) -> bool:
    """Whether a coding is accepted, and liked no less than plain data."""
    accepted = _parse(accept)
    quality, plain = _quality(accepted, coding), _quality(accepted, "identity")
    return coding is not None and quality is not None and (coding == "identity" or quality >= (plain or 0))


def _parse(accept: bytes) -> dict[str, int]:
    """Names and qualities in thousandths; the first of a name counts. What cannot be read is passed over."""
    accepted: dict[str, int] = {}
    for element in _lower(accept).split(","):
        name, semicolon, weight = element.partition(";")
        name = name.strip(_BLANKS)
        quality = _weight(weight) if semicolon else 1000
        if name and quality is not None:
            accepted.setdefault("gzip" if name == "x-gzip" else name, quality)
    return accepted


def _lower(text: bytes) -> str:
    """ASCII letters only, as the engine does it."""
    return text.lower().decode("utf-8", "replace")


def _weight(text: str) -> int | None:
    match = _WEIGHT.match(text)
    if match is None:
        return None
    quality = int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0"))
    return quality if quality <= 1000 else None


def _quality(accepted: dict[str, int], coding: str | None) -> int | None:
    """The quality of a coding; `None` when it is not acceptable. Identity is, unless it is refused."""
    star = accepted.get("*")
    if coding in accepted:
        quality = accepted[coding]
    # A star without a refusal says nothing of identity, which is there anyway: last.
    elif star is not None and (coding != "identity" or star == 0):
        quality = star
    else:
        quality = int(coding == "identity")
    return quality or None


def _worth(data: bytes, media_type: bytes) -> bool:
    return len(data) >= _LEAST and not _is_compressed(media_type) and not _is_noise(data)


def _is_compressed(media_type: bytes) -> bool:
    types = rules.load("compression", "media_types.json")
    name = _lower(media_type).split(";")[0].strip(_BLANKS)
    family = name.split("/")[0]
    return name in types["compressed"] or (family in types["compressed_families"] and name not in types["plain"])


def _is_noise(data: bytes) -> bool:
    """Whether two bytes of the data are about as seldom equal as two random ones: under 5/4 of 1/256."""
    counts = Counter(_sample(data)).values()
    total = sum(counts)
    equal = sum(count * count for count in counts) - total
    return equal * 1024 < total * (total - 1) * 5


def _sample(data: bytes) -> bytes:
    """All of small data, pieces at even distances of large."""
    if len(data) <= _PIECES * _PIECE:
        return data
    stride = (len(data) - _PIECE) // (_PIECES - 1)
    return b"".join(bytes(data[piece * stride : piece * stride + _PIECE]) for piece in range(_PIECES))
