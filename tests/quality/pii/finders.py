"""The detectors the corpus is run on: ours in each implementation, and a peer in a process of its own.

For: `test_pii_quality.py` and `python -m tests.quality.pii`. Never: changes what a detector says, but for the
unit of its offsets.
Tests: `test_pii_quality.py`.
"""

from __future__ import annotations

from pathlib import Path

from .. import peers
from .measure import Finder, Found

IMPLEMENTATIONS = ("cffi", "ctypes", "python")
WORKER = Path(__file__).with_name("peer_worker.py")


def ours(implementation: str) -> Finder:
    """Our detector with its default configuration; raises ImportError when the implementation cannot be had."""
    from pyplugins.pii_filter import PIIDetector

    detector = PIIDetector({}, implementation=implementation)

    def find(text: str) -> list[Found]:
        return [(name, hit["start"], hit["end"]) for name, hits in detector.detect(text).items() for hit in hits]

    return find


def peer(texts: list[str]) -> Finder:
    """cpex-pii-filter, asked once about all `texts`."""
    told = peers.python("pii_filter", WORKER.read_text(encoding="utf-8"), texts)
    answers: dict[str, list[Found]] = {}
    for text, hits in zip(texts, told, strict=True):
        raw = text.encode()
        answers[text] = [
            (name, len(raw[:start].decode(errors="ignore")), len(raw[:end].decode(errors="ignore")))
            for name, start, end in hits
        ]
    return answers.__getitem__
