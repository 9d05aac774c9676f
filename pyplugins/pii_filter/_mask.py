"""Masking: `RULES.md`, "Masking". Twin of `rustlib/engines/pii_filter/src/mask.rs`.

It also masks detections that a caller made, for every implementation, and must never fail on what they say of a text
without raising `bad_detection`. Tests: tests/unit/test_pii_fallback_parts.py.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pyplugins.core import units
from pyplugins.core.faults import fault
from pyplugins.pii_filter import _tables as tables

T = TypeVar("T", str, bytes)

CUSTOM = "custom"
STRATEGIES = frozenset({"redact", "partial", "hash", "tokenize", "remove"})

#: Message of the key derivation; not a secret.
_TOKEN_KEY_LABEL = b"gwplugins token key"

_DIGIT = re.compile("[0-9]")


class Masking:
    """The masking part of a configuration that the schema has accepted and that holds a `hash_key`.

    >>> config = {"default_mask_strategy": "partial", "redaction_text": "", "hash_key": "k", "token_key": None}
    >>> Masking(config).replacement("123-45-6789", "ssn", "partial", "surrogatepass")
    '***-**-6789'
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._redaction_text: str = config["redaction_text"]
        self._hash_key = config["hash_key"].encode()
        token_key = config.get("token_key")
        self._token_key = self._digest(self._hash_key, _TOKEN_KEY_LABEL) if token_key is None else token_key.encode()
        self._default: str = config["default_mask_strategy"]
        self._by_type: Mapping[str, str] = config.get("mask_strategies", {})
        self._partial = {kind.name: _PARTIAL[kind.partial] for kind in tables.types()}

    def strategy(self, kind: str) -> str:
        """How findings of the type `kind` are masked."""
        return self._by_type.get(kind, self._default)

    def replacement(self, value: str, kind: str, strategy: str, errors: str) -> str:
        """What takes the place of `value`; `errors` is how its text turns into bytes."""
        if strategy == "redact":
            return self._redaction_text
        if strategy == "remove":
            return ""
        if strategy == "partial":
            return self._partial[kind](value) if kind in self._partial else _ends(_points(value, errors))
        message = kind.encode("utf-8", units.STR_ERRORS) + b"\0" + value.encode("utf-8", errors)
        if strategy == "hash":
            return f"[HASH:{self._digest(self._hash_key, message).hex()[:16]}]"
        return f"[TOKEN:{self._digest(self._token_key, message).hex()[:8]}]"

    @staticmethod
    def _digest(key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, hashlib.sha256)

    def mask(self, text: T, detections: Mapping[str, Any]) -> T:
        """`text` with what the caller says it holds replaced; where two overlap, the rest of the later one too.

        Raises:
            UsageError: a detection does not fit the text, or names no known strategy; `text` is no text.
        """
        units.checked(text)
        errors = units.STR_ERRORS if isinstance(text, str) else units.BYTES_ERRORS
        pieces: list[Any] = []
        last = 0
        for spot in sorted(self._spots(text, detections), key=lambda spot: (spot.start, -spot.end)):
            start = max(spot.start, last)
            if start < spot.end:
                value = text[start : spot.end]
                readable = value if isinstance(value, str) else value.decode("utf-8", errors)
                new = self.replacement(readable, spot.kind, spot.strategy, errors)
                pieces += [text[last:start], new if isinstance(text, str) else new.encode("utf-8", errors)]
                last = spot.end
        return type(text)().join((*pieces, text[last:])) if pieces else text

    def _spots(self, text: str | bytes, detections: Any) -> Iterator[_Spot]:
        for count, (kind, row) in enumerate(_rows(detections)):
            spot = self._spot(text, kind, row)
            if spot is None:
                raise fault("bad_detection", a=count, b=len(text))
            yield spot

    def _spot(self, text: str | bytes, kind: Any, row: Any) -> _Spot | None:
        if not isinstance(kind, str) or not isinstance(row, Mapping):
            return None
        start, end = row.get("start"), row.get("end")
        if type(start) is not int or type(end) is not int or not 0 <= start <= end <= len(text):
            return None
        # Offsets in another unit would mask the wrong place.
        if "value" in row and row["value"] != text[start:end]:
            return None
        strategy = row.get("mask_strategy", self.strategy(kind))
        known = isinstance(strategy, str) and strategy in STRATEGIES
        return _Spot(start, end, kind, strategy) if known else None


def _rows(detections: Any) -> Iterator[tuple[Any, Any]]:
    """Type and entry of each detection; what is no mapping of sequences gives an entry that fits nothing."""
    if not isinstance(detections, Mapping):
        yield None, None
        return
    for kind, rows in detections.items():
        yield from ((kind, row) for row in (rows if isinstance(rows, Sequence) else (None,)))


class _Spot(NamedTuple):
    """A place to be masked."""

    start: int
    end: int
    kind: str
    strategy: str


def _last_digits(stars: str) -> Callable[[str], str]:
    def mask(value: str) -> str:
        digits = _DIGIT.findall(value)[-4:]
        return stars + "".join(digits) if len(digits) == 4 else _ends(value)

    return mask


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not at:
        return _ends(value)
    return f"{local[0]}***{local[-1]}@{domain}" if len(local) > 2 else f"***@{domain}"


def _bank(value: str) -> str:
    return f"{value[:2]}{'*' * (len(value) - 6)}{value[-4:]}" if len(value) >= 8 else "*" * len(value)


# A byte that continues no character counts with what stands before it.
_POINT = re.compile("[\\s\\S][\udc80-\udcbf]*")


def _points(value: str, errors: str) -> Sequence[str]:
    """The code points of a value that may hold bytes that are no text."""
    return _POINT.findall(value) if errors == units.BYTES_ERRORS else value


def _ends(value: Sequence[str]) -> str:
    return f"{value[0]}{'*' * (len(value) - 2)}{value[-1]}" if len(value) >= 3 else "*" * len(value)


#: Partial masking by the name that `rules/types.json` gives it.
_PARTIAL: dict[str, Callable[[str], str]] = {
    "ssn": _last_digits("***-**-"),
    "bsn": _last_digits("*****"),
    "card": _last_digits("****-****-****-"),
    "phone": _last_digits("***-***-"),
    "email": _email,
    "bank": _bank,
    "ends": _ends,
}
