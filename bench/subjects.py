"""What is measured: our three implementations and the peers, each behind the same few operations.

A subject is opened in a process of its own, the peers in their own environment (bench/.peers). Nothing here may import
a peer or `pyplugins` before the subject is opened. Tests: tests/bench/test_corpora.py, tests/bench/test_worker.py.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from bench.patterns import PATTERNS


class Found(NamedTuple):
    """One finding; `value` without the label that some peers count in."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Subject:
    """Operations by name (`detect`, `mask`, `mask_many`, `nested`, `new`), and how its answers are read."""

    operations: dict[str, Callable[..., Any]]
    found: Callable[[Any], list[Found]]
    #: It reports patterns, not values: it must cover what the others find, and may report more.
    covers_only: bool = False
    versions: dict[str, str] = field(default_factory=dict)


#: Types whose label the peer counts in; the value is then its last run of letters, digits, `-` and `/`.
_LABELLED = frozenset({"ssn", "bsn", "date_of_birth", "passport", "driver_license", "bank_account", "medical_record"})
_LAST_RUN = re.compile(r"[A-Za-z0-9/-]+$")


def _bare(kind: str, value: str) -> str:
    run = _LAST_RUN.search(value) if kind in _LABELLED else None
    return run.group() if run else value


def _from_detections(detections: dict[str, list[dict[str, Any]]]) -> list[Found]:
    return [
        Found(kind, _bare(kind, one["value"]), one["start"], one["end"])
        for kind, ones in detections.items()
        for one in ones
    ]


def _own(implementation: str) -> Subject:
    detector_class = importlib.import_module("pyplugins.pii_filter").PIIDetector
    detector = detector_class({}, implementation)
    operations = {
        "detect": detector.detect,
        "mask": detector.mask,
        "mask_many": detector.mask_many,
        "nested": detector.process_nested,
        "new": lambda _: detector_class({}, implementation),
    }
    return Subject(operations, _from_detections)


def _cpex() -> Subject:
    detector_class = importlib.import_module("cpex_pii_filter.pii_filter_rust").PIIDetectorRust
    detector = detector_class({})
    detect, mask = detector.detect, detector.mask
    operations = {
        "detect": detect,
        "mask": lambda text: mask(text, detect(text)),
        "mask_many": lambda texts: [mask(text, detect(text)) for text in texts],
        "nested": lambda data: detector.process_nested(data, ""),
        "new": lambda _: detector_class({}),
    }
    return Subject(operations, _from_detections, versions=_versions("cpex", "cpex-pii-filter"))


def _hyperscan() -> Subject:
    hyperscan = importlib.import_module("hyperscan")
    database = hyperscan.Database()
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SOM_LEFTMOST
    database.compile(
        expressions=[pattern.encode() for _, pattern in PATTERNS],
        ids=list(range(len(PATTERNS))),
        elements=len(PATTERNS),
        flags=[flags] * len(PATTERNS),
    )

    def detect(text: str) -> list[tuple[int, int, int]]:
        matches: list[tuple[int, int, int]] = []
        database.scan(
            text.encode(), match_event_handler=lambda number, start, end, *_: matches.append((number, start, end))
        )
        return matches

    return Subject({"detect": detect}, _from_matches, covers_only=True, versions=_versions("hyperscan"))


def _finditer() -> Subject:
    compiled = [re.compile(pattern, re.IGNORECASE) for _, pattern in PATTERNS]

    def detect(text: str) -> list[tuple[int, int, int]]:
        return [(number, *match.span()) for number, pattern in enumerate(compiled) for match in pattern.finditer(text)]

    return Subject({"detect": detect}, _from_matches, covers_only=True)


def _from_matches(matches: list[tuple[int, int, int]]) -> list[Found]:
    return [Found(PATTERNS[number][0], "", start, end) for number, start, end in matches]


def _versions(*names: str) -> dict[str, str]:
    from importlib import metadata

    return {name: metadata.version(name) for name in names}


#: The subjects by name. Those that run in the peers' environment are `PEERS`.
OPENERS: dict[str, Callable[[], Subject]] = {
    "cffi": partial(_own, "cffi"),
    "ctypes": partial(_own, "ctypes"),
    "python": partial(_own, "python"),
    "finditer": _finditer,
    "cpex": _cpex,
    "hyperscan": _hyperscan,
}

PEERS = ("cpex", "hyperscan")
OWN = ("cffi", "ctypes", "python")

#: What the report calls them.
TITLES = {
    "cffi": "Rust (cffi)",
    "ctypes": "Rust (ctypes)",
    "python": "Python",
    "finditer": "re.finditer per type",
    "cpex": "cpex-pii-filter",
    "hyperscan": "Hyperscan",
}

#: Installed into the peers' environment.
REQUIREMENTS = ("cpex==0.1.4", "cpex-pii-filter==0.3.9", "hyperscan==0.9.1")
