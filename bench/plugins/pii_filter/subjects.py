"""Our detector and its peers, each behind the same few operations.

Tests: tests/bench/test_corpora.py, tests/bench/test_worker.py.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from bench.plugin import Opened, Subject, Workload, own, versions
from bench.plugins.pii_filter.patterns import PATTERNS
from bench.texts import strings

REDACTED = "[REDACTED]"


class Found(NamedTuple):
    """One finding; `value` without the label that some peers count in."""

    kind: str
    value: str
    start: int
    end: int


def opened(operations: Mapping[str, Callable[[Any], Any]], found: Callable[[Any], list[Found]], *names: str) -> Opened:
    """A subject with the jobs of `verify.py`; `found` reads what `detect` answers, `names` are packages."""

    def answers(workload: Workload) -> dict[str, Any]:
        """What is found in the texts of a workload, and what the operation makes of them."""
        return {
            "found": [list(one) for text in workload.texts() for one in found(operations["detect"](text))],
            "made": _made(workload, operations),
        }

    def covers(workload: Workload, spans: Sequence[Sequence[Any]]) -> dict[str, int]:
        """How many of the `(type, start, end)` lie in no match of their type; and the matches. ASCII texts only."""
        matches = found(operations["detect"](workload.source()))
        reached: dict[str, dict[int, int]] = defaultdict(dict)
        for match in matches:
            for at in range(match.start, match.end):
                reached[match.kind][at] = max(reached[match.kind].get(at, 0), match.end)
        missing = sum(reached[kind].get(start, 0) < end for kind, start, end in spans)
        return {"missing": missing, "matches": len(matches)}

    return Opened(
        operations, read={"detect": found}, jobs={"answers": answers, "covers": covers}, versions=versions(*names)
    )


def _made(workload: Workload, operations: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any] | None:
    """Digest of the rewritten texts and how many redactions they hold; `None` where nothing is rewritten."""
    if workload.operation not in ("mask", "mask_many", "nested"):
        return None
    made = operations[workload.operation](workload.source())
    texts = strings(made[1] if workload.operation == "nested" else made)
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()
    return {"digest": digest, "redactions": sum(text.count(REDACTED) for text in texts)}


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


def _own(implementation: str) -> Opened:
    detector_class = importlib.import_module("pyplugins.pii_filter").PIIDetector
    detector = detector_class({}, implementation)
    operations = {
        "detect": detector.detect,
        "mask": detector.mask,
        "mask_many": detector.mask_many,
        "nested": detector.process_nested,
        "new": lambda _: detector_class({}, implementation),
    }
    return opened(operations, _from_detections)


def _cpex() -> Opened:
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
    return opened(operations, _from_detections, "cpex", "cpex-pii-filter")


def _hyperscan() -> Opened:
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

    return opened({"detect": detect}, _from_matches, "hyperscan")


def _finditer() -> Opened:
    compiled = [re.compile(pattern, re.IGNORECASE) for _, pattern in PATTERNS]

    def detect(text: str) -> list[tuple[int, int, int]]:
        return [(number, *match.span()) for number, pattern in enumerate(compiled) for match in pattern.finditer(text)]

    return opened({"detect": detect}, _from_matches)


def _from_matches(matches: list[tuple[int, int, int]]) -> list[Found]:
    return [Found(PATTERNS[number][0], "", start, end) for number, start, end in matches]


SUBJECTS = {
    **own(_own, "pyplugins.pii_filter.PIIDetector"),
    "finditer": Subject("re.finditer per type", _finditer, peer=False),
    "cpex": Subject(
        "cpex-pii-filter",
        _cpex,
        "peers",
        colour="#c2410c",
        program="from cpex_pii_filter.pii_filter_rust import PIIDetectorRust as d; d({})",
    ),
    "hyperscan": Subject("Hyperscan", _hyperscan, "peers", colour="#6d28d9"),
}
#: Those that report patterns, not values: they must cover what the others find, and may report more.
COVERS_ONLY = frozenset({"hyperscan", "finditer"})
