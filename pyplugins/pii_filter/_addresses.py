"""Step `ip_address`.

Tests: tests/unit/test_pii_fallback_parts.py, tests/vectors/pii_filter.jsonl.
"""

from __future__ import annotations

import re

from pyplugins.pii_filter import _tables as tables
from pyplugins.pii_filter._labels import MACHINE
from pyplugins.pii_filter._place import Hit, Place

_KIND = "ip_address"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
#: Four numbers 0-255 without leading zeros.
V4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
_V4 = re.compile(V4 + r"(?![A-Za-z0-9_]|\.[A-Za-z0-9_]|-[A-Za-z])")
_V4_TAIL = re.compile(rf"(?<=:){V4}\Z")
# A product token, RFC 9110 10.1.5: `Chrome/120.0.6099.71`, but not a host name. Over a text that was turned around.
_PRODUCT = re.compile(r"/(?=[A-Za-z])(?![A-Za-z0-9_]{1,32}\.)")

#: Longest text of an IPv6 address with an IPv4 tail, with a colon or two to cut off.
_MOST = 47
_RUN_BACK = re.compile(f"[0-9A-Fa-f:.]{{0,{_MOST + 1}}}")
_GROUP = re.compile("[0-9A-Fa-f]*")
_WORD = re.compile("[A-Za-z0-9_]")
_SLICE = re.compile(r"(?<=[A-Za-z0-9_)\]]\[)")


def v4(place: Place) -> Hit | None:
    """Four numbers 0-255 that are neither a version nor part of a name."""
    found = _V4.match(place.text, place.w)
    if not found or place.before() == "." or _PRODUCT.match(place.text[max(place.w - 34, 0) : place.w][::-1]):
        return None
    if _is_excluded(tables.ipv4_number(found[0])) or place.is_joined_left(_KIND) or place.is_labelled(MACHINE):
        return None
    return Hit(*found.span())


def _is_excluded(address: int) -> bool:
    return any(address & mask == network for network, mask in tables.excluded_networks())


def v6(text: str, colon: int) -> tuple[Hit | None, int]:
    """The address around the `:` at `colon`, and where the run of its characters ends."""
    left = _RUN_BACK.match(text[max(colon - _MOST - 1, 0) : colon][::-1])
    right = _RUN_BACK.match(text, colon)
    if not left or not right:
        return None, colon + 1
    start, end = colon - left.end(), right.end()
    span = _trimmed(text, start, end) if end - start <= _MOST else None
    if span is None or not _is_personal(text[slice(*span)]) or _SLICE.match(text, span[0]):
        return None, end
    return Hit(*span), end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Cuts off what belongs to the words and punctuation around an address."""
    glued = start > 0 and _WORD.match(text, start - 1)
    if text[start] == ":":
        double = text.startswith("::", start)
        if double and glued:
            return None
        start += not double
    elif glued:
        group = _GROUP.match(text, start)
        start = group.end() + 1 if group else start
        if text[start - 1] != ":" or text.startswith(":", start):
            return None
    run = text[start:end]
    address = run.rstrip(".")
    if address.endswith(":") and not address.endswith("::"):
        address = address[:-1]
    if not address or (len(address) == len(run) and _WORD.match(text, end)):
        return None
    return start, start + len(address)


def _is_personal(address: str) -> bool:
    """An address that is neither of ::/112 (unspecified, loopback), nor EUI-64, nor words parted by `::`."""
    groups = _groups(address)
    if groups is None:
        return False
    number = sum(group << 16 * place for place, group in enumerate(reversed(groups)))
    if number >> 16 == 0 or (number >> 32 == 0xFFFF and _is_excluded(number & 0xFFFFFFFF)):
        return False
    if "::" in address:
        return any(character.isdigit() for character in address) and not _is_path(address)
    return any(len(group) != 2 for group in address.split(":"))


# `c::B300`, `12::`: what code and logs write; no host's address begins so, but those of 64:ff9b::/96 (RFC 6052).
_SHORT_GROUP = re.compile("[0-9A-Fa-f]{1,2}:")


def _is_path(address: str) -> bool:
    """At most two groups are written, the first of them at the start and of one or two hex digits."""
    written = sum(2 if "." in group else 1 for group in address.split(":") if group)
    return written <= 2 and not address.startswith("64") and _SHORT_GROUP.match(address) is not None


def _groups(address: str) -> list[int] | None:
    """The eight groups of an address as RFC 4291 2.2 writes it."""
    tail = _V4_TAIL.search(address)
    if tail:
        number = tables.ipv4_number(tail[0])
        address = f"{address[: tail.start()]}{number >> 16:x}:{number & 0xFFFF:x}"
    head, double, rest = address.partition("::")
    before, after = _read_groups(head), _read_groups(rest)
    if before is None or after is None:
        return None
    if not double:
        return before if len(before) == 8 else None
    missing = 8 - len(before) - len(after)
    return [*before, *[0] * missing, *after] if missing > 0 else None


_HEX_GROUPS = re.compile("[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*")


def _read_groups(text: str) -> list[int] | None:
    if not text:
        return []
    return [int(group, 16) for group in text.split(":")] if _HEX_GROUPS.fullmatch(text) else None
