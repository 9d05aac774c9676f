"""The PII filter in pure Python: steps and guard of `rustlib/engines/pii_filter/RULES.md`, under the same names.

It must never depend on cffi or ctypes, and no message may hold scanned text.
Tests: tests/unit/test_pii_fallback*.py, tests/unit/test_pii_vectors.py, tests/parity/test_pii_filter_parity.py.
"""

from __future__ import annotations

import copy
import os
import string
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from pyplugins.core import config as configuration
from pyplugins.core.description import Limits
from pyplugins.core.faults import fault
from pyplugins.core.guard import PythonGuard
from pyplugins.core.overlap import BLOCK, REPLACE, SCORE_SHIFT, Candidate
from pyplugins.core.protocol import Stream
from pyplugins.pii_filter import _anchors
from pyplugins.pii_filter import _tables as tables
from pyplugins.pii_filter._accounts import bsn, credit_card, iban, labelled_account, ssn
from pyplugins.pii_filter._addresses import v4, v6
from pyplugins.pii_filter._dates import date_of_birth
from pyplugins.pii_filter._email import email
from pyplugins.pii_filter._escapes import view
from pyplugins.pii_filter._labels import labels
from pyplugins.pii_filter._mask import CUSTOM, Masking
from pyplugins.pii_filter._papers import driver_license, lettered, medical_record, passport
from pyplugins.pii_filter._phones import phone
from pyplugins.pii_filter._place import Hit, Place

if TYPE_CHECKING:
    from pyplugins.pii_filter._patterns import Custom, Resume, Whitelist

Step = Callable[[Place], Hit | None]

#: Steps at the anchors `number` and `after email`. Those of the first kind hold without a label too; a value that
#: begins with letters can only be an IBAN, or what is in the last kind.
SHAPE_STEPS: Final[dict[str, Step]] = {
    "credit_card": credit_card,
    "ssn": ssn,
    "phone": phone,
    "date_of_birth": date_of_birth,
    "ip_address": v4,
}
DIGIT_STEPS: Final[dict[str, Step]] = {"bsn": bsn, "bank_account": labelled_account}
ANY_STEPS: Final[dict[str, Step]] = {
    "passport": passport,
    "driver_license": driver_license,
    "medical_record": medical_record,
}

#: Values that may begin with letters and a hyphen before the token.
LETTERED_STEPS: Final[dict[str, Step]] = {"driver_license": driver_license, "medical_record": medical_record}

_TYPES = frozenset(SHAPE_STEPS | DIGIT_STEPS | ANY_STEPS)

#: Score of custom patterns: their author vouches for them.
CUSTOM_SCORE = 1000

#: Characters either side of a finding's start that decide about it: an e-mail (64 + 1 + 253), or a date with its label.
REACH = 512


class Scanner:
    """Finds the built-in types that are wanted.

    >>> [(hit.start, hit.end) for _, hit in Scanner({"ssn"}).hits("ssn 123-45-6789")]
    [(4, 15)]
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted = frozenset(wanted)
        self._shape_steps = self._only_wanted(SHAPE_STEPS)
        #: What a label may name, before values that begin with a digit and before others.
        self._digit_steps = self._only_wanted(SHAPE_STEPS | DIGIT_STEPS | ANY_STEPS)
        self._letter_steps = self._only_wanted(ANY_STEPS)
        self._lettered_steps = self._only_wanted(LETTERED_STEPS)

    def _only_wanted(self, steps: dict[str, Step]) -> dict[str, Step]:
        return {kind: step for kind, step in steps.items() if kind in self._wanted}

    def hits(self, text: str) -> list[tuple[str, Hit]]:
        """Type and place of everything found; findings may overlap."""
        found: list[tuple[str, Hit]] = []
        text = view(text)
        label_before = labels().before
        colons_done = 0
        for anchor in _anchors.anchors().finditer(text):
            at, kind = anchor.start(), anchor.lastindex
            if kind is None:
                w = at
                while text[w - 1] in _LETTERS and w:
                    w -= 1
                label = label_before(text, w)
                if (label is not None and label.says in _TYPES) or text[w - 1] == "-":
                    self._labelled(Place(text, w, at - w, label), found)
            elif kind == _anchors.NUMBER:
                self._number(Place(text, at, 0), found)
            elif kind == _anchors.AT:
                self._at(text, at, found)
            elif kind == _anchors.IBAN:
                self._two_letters(Place(text, at - 2, 2), found)
            elif at >= colons_done and "ip_address" in self._wanted:
                hit, colons_done = v6(text, at)
                if hit:
                    found.append(("ip_address", hit))
        return found

    def _number(self, place: Place, found: list[tuple[str, Hit]]) -> None:
        """A digit that begins a shape: the steps that hold without a label, and the one that a label names."""
        for kind, step in self._shape_steps.items():
            hit = step(place)
            if hit:
                found.append((kind, hit))
        label = place.label
        if label is None or label.says not in SHAPE_STEPS:
            self._labelled(place, found)

    def _two_letters(self, place: Place, found: list[tuple[str, Hit]]) -> None:
        hit = iban(place) if "bank_account" in self._wanted else None
        if hit:
            found.append(("bank_account", hit))
        self._labelled(place, found)

    def _labelled(self, place: Place, found: list[tuple[str, Hit]]) -> None:
        """The step of the type that the label names."""
        label = place.label
        typed = label is not None and label.says in _TYPES
        inner = lettered(place) if place.letters == 0 and place.before() == "-" else None
        if inner and (inner.letters == 1 or not typed) and self._named(inner, self._lettered_steps, found):
            return
        if typed:
            self._named(place, self._letter_steps if place.letters else self._digit_steps, found)

    def _named(self, place: Place, steps: dict[str, Step], found: list[tuple[str, Hit]]) -> bool:
        """Tries the step that the label before `place` names."""
        label = place.label
        step = steps.get(label.says) if label else None
        hit = step(place) if step else None
        if hit and label:
            found.append((label.says, hit))
        return hit is not None

    def _at(self, text: str, at: int, found: list[tuple[str, Hit]]) -> None:
        hit = email(text, at)
        if hit is None:
            return
        if "email" in self._wanted:
            found.append(("email", hit))
        if text[hit.end : hit.end + 1] in _DIGITS:
            self._number(Place(text, hit.end, 0, None, after_email=True), found)


_DIGITS = frozenset(string.digits)
_LETTERS = frozenset(string.ascii_letters)


class PIIFilterPython(PythonGuard):
    """The guard. `settings` is what the configuration reader made of a configuration that holds a `hash_key`."""

    def __init__(self, settings: dict[str, Any]) -> None:
        types = tables.types()
        self.masking = Masking(settings)
        self._scanner = Scanner(kind.name for kind in types if settings[kind.key])
        self._custom = _custom(settings["custom_patterns"])
        self._whitelist = _whitelist(settings["whitelist_patterns"])
        action = BLOCK if settings["block_on_detection"] else REPLACE
        self._flags = _flags(action)
        self._custom_flags = action | CUSTOM_SCORE << SCORE_SHIFT
        asked = [None] * len(types) + (self._custom.strategies if self._custom else [])
        self._names = [kind.name for kind in types] + [CUSTOM] * (len(asked) - len(types))
        self._strategies = [own or self.masking.strategy(name) for own, name in zip(asked, self._names, strict=True)]
        super().__init__("pii_filter", _described(settings, self._names, self._strategies))
        self.reach: int = max(REACH, self._custom.reach if self._custom else 0)
        #: Set in the copy that serves one stream.
        self._resume: Resume | None = None

    @classmethod
    def open(cls, config_json: str | bytes) -> PIIFilterPython:
        """The guard for a configuration as JSON text; without `hash_key` a random one is drawn.

        Raises:
            ConfigError: the configuration is wrong; `path` names the value.
        """
        settings = configuration.read_for("pii_filter", config_json)
        return cls(settings | {"hash_key": settings["hash_key"] or os.urandom(32).hex()})

    def find(self, text: str, start: int = 0) -> list[Candidate]:
        """Candidates that start at or after `start`; what lies before is context only."""
        found = []
        for kind, hit in self._scanner.hits(text):
            if hit.start >= start:
                rule, flags = self._flags[kind, hit.labelled]
                found.append(Candidate(hit.start, hit.end, rule, flags))
        if self._custom:
            for index, begin, end in self._custom.finditer(text, start, self._resume):
                rule = len(tables.types()) + index
                found.append(Candidate(begin, end, rule, self._custom_flags))
        if self._whitelist:
            found = [one for one in found if not self._whitelist.covers(text[one.start : one.end])]
        return found

    def replacement(self, value: str, candidate: Candidate, errors: str) -> str:
        """What takes the place of `value`."""
        rule = candidate.rule
        return self.masking.replacement(value, self._names[rule], self._strategies[rule], errors)

    def stream(self) -> Stream:
        """A new stream; `UsageError` when a custom pattern has no longest match."""
        if self._custom is None:
            return super().stream()
        if self._custom.unbounded is not None:
            raise fault("unbounded_pattern", self._custom.unbounded)
        from pyplugins.pii_filter import _patterns

        guard = copy.copy(self)
        guard._resume = _patterns.Resume()
        return _patterns.PatternStream(guard, self.reach, guard._resume)


# The portable patterns are loaded when a configuration holds one; most hold none.


def _custom(rows: list[dict[str, Any]]) -> Custom | None:
    if not rows:
        return None
    from pyplugins.pii_filter import _patterns

    return _patterns.Custom(rows)


def _whitelist(texts: list[str]) -> Whitelist | None:
    if not texts:
        return None
    from pyplugins.pii_filter import _patterns

    return _patterns.Whitelist(texts)


def _flags(action: int) -> dict[tuple[str, bool], tuple[int, int]]:
    """Rule number and flags of a finding by type and by whether a labelled part of its step found it."""
    flags = {}
    for rule, kind in enumerate(tables.types()):
        for labelled, score in ((False, kind.score), (True, kind.labelled_score)):
            flags[kind.name, labelled] = rule, action | score << SCORE_SHIFT
    return flags


def _described(settings: dict[str, Any], names: list[str], strategies: list[str]) -> dict[str, Any]:
    """Rules in the order of their numbers, and limits. It never holds a key."""
    enabled = [settings[kind.key] for kind in tables.types()]
    enabled += [True] * (len(names) - len(enabled))
    rules = [
        {"name": name, "group": name, "enabled": on, "attributes": {"mask_strategy": strategy}}
        for name, on, strategy in zip(names, enabled, strategies, strict=True)
    ]
    return {"rules": rules, "limits": {name: settings[name] for name in Limits._fields}}
