"""The JSON repair in pure Python: steps of `rustlib/engines/json_repair/RULES.md`, under the same names.

Valid documents leave by the C scanner of `json`; for the others the machine writes edits. It must never depend on cffi
or ctypes, and no message may hold scanned text.
Tests: tests/unit/test_json_repair_fallback.py, tests/unit/test_vectors.py, tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

from itertools import accumulate
from json import JSONDecoder
from typing import Any, Final, NoReturn

from pyplugins.core import config as configuration
from pyplugins.core import data, units
from pyplugins.core.faults import fault
from pyplugins.core.guard import Answer, PythonGuard
from pyplugins.core.overlap import FLAG_GUESS, REPLACE, Candidate
from pyplugins.json_repair import _edit as kinds
from pyplugins.json_repair._edit import Edit
from pyplugins.json_repair._passes import make_ascii, make_utf8
from pyplugins.json_repair._root import Machine
from pyplugins.json_repair._state import TooDeep

KIND: Final = "json_repair"
_LIMITS: Final = ("max_depth", "max_text_bytes", "max_output_bytes", "max_findings")

#: Everything but quotes and brackets.
_NOT_STRUCTURE: Final = bytes(byte for byte in range(256) if byte not in b'"{}[]')
#: How a bracket changes the depth.
_STEP: Final = [{ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}.get(byte, 0) for byte in range(256)]
#: How often the innermost brackets are taken away before the depth is counted bracket by bracket.
_ROUNDS: Final = 8


class JSONRepairPython(PythonGuard):
    """The engine.

    >>> JSONRepairPython.open("{}").process("{'a': [1, 2")
    '{"a": [1, 2]}'
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        limits = {name: settings[name] for name in _LIMITS}
        rules = [{"name": name, "group": name, "attributes": {}, "runs": "machine"} for name in kinds.names()]
        super().__init__(KIND, {"dialect": settings["dialect"], "rules": rules, "limits": limits})
        self._python = settings["dialect"] == "python"
        self._settings = settings

    @classmethod
    def open(cls, config: str) -> JSONRepairPython:
        """The engine with a configuration, JSON text."""
        return cls(configuration.read(data.load(KIND, "schema.json"), config))

    def inspect(self, text: str, errors: str, *, output: bool) -> Answer:
        """Answers one text, in code points."""
        edits = self.edits(text, errors)
        if not edits:
            return Answer((), None)
        offsets = units.byte_offsets(text, (edit[kinds.START] for edit in edits), errors)
        found = [self._finding(text, edit, offsets[edit[kinds.START]], errors) for edit in edits]
        return Answer(found, kinds.apply(text, edits) if output else None)

    def edits(self, text: str, errors: str = units.STR_ERRORS) -> list[Edit]:
        """The edits that repair `text`; none if it is JSON."""
        settings = self._settings
        depth = settings["max_depth"]
        valid = is_valid(text, depth)
        if valid and not settings["ensure_ascii"]:
            return []
        edits = [] if valid else self._repair(text, depth, errors)
        if edits and settings["strict"]:
            at = units.byte_offsets(text, (edits[0][kinds.START],), errors)[edits[0][kinds.START]]
            raise fault("strict_json", a=at)
        if settings["ensure_ascii"]:
            edits = make_ascii(text, edits)
        self.check_findings(len(edits))
        length = _output_bytes(text, edits, errors) if edits else 0
        if length > settings["max_output_bytes"]:
            raise fault("output_too_large", a=length, b=settings["max_output_bytes"])
        return edits

    def _repair(self, text: str, depth: int, errors: str) -> list[Edit]:
        machine = Machine(text, self._python, depth)
        try:
            machine.repair()
        except TooDeep:
            raise fault("too_deep", b=depth) from None
        return make_utf8(text, machine.edits, errors)

    def _finding(self, text: str, edit: Edit, offset: int, errors: str) -> Candidate:
        start, end, kind, put, guess = edit
        removed = text[start:end]
        if not removed.isascii():
            removed = removed.encode("utf-8", errors).decode("utf-8", "replace")
        detail = {"offset": offset, "kind": kinds.names()[kind], "inserted": put, "removed": removed}
        return Candidate(start, end, kind, REPLACE | (FLAG_GUESS if guess else 0), detail)


def _output_bytes(text: str, edits: list[Edit], errors: str) -> int:
    length = _bytes(text, errors)
    for start, end, _, put, _ in edits:
        length += _bytes(put, errors)
        if end > start:
            length -= _bytes(text[start:end], errors)
    return length


def _bytes(text: str, errors: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", errors))


def _refuse(_: str) -> NoReturn:
    raise ValueError


_DECODER: Final = JSONDecoder(parse_constant=_refuse)


def is_valid(text: str, max_depth: int) -> bool:
    """True for JSON by RFC 8259, not nested deeper than `max_depth`. Deep nesting that Python cannot read is not valid:
    the machine reads it, and finds nothing to repair.

    >>> is_valid("[1]", 9), is_valid("[1,]", 9), is_valid("[NaN]", 9), is_valid("[[1]]", 1)
    (True, False, False, False)
    """
    try:
        raw = text.encode()
        _DECODER.decode(text)
    except (ValueError, RecursionError):
        return False
    return raw.count(b"[") + raw.count(b"{") <= max_depth or not _is_deeper(raw, max_depth)


def _is_deeper(raw: bytes, max_depth: int) -> bool:
    """A valid text is nested deeper than this."""
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Every second part lies in a string.
    brackets = b"".join(raw.translate(None, _NOT_STRUCTURE).split(b'"')[::2])
    # A round takes two levels away at most.
    left = brackets
    for _ in range(min(_ROUNDS, max_depth // 2)):
        left = left.replace(b"[]", b"").replace(b"{}", b"")
        if not left:
            return False
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > max_depth
