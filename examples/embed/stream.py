"""Masks standard input to standard output in bounded memory, however large it is and wherever the chunks end.

Run: ``some-command | python examples/embed/stream.py``. Tests: tests/unit/test_examples.py.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pyplugins.pii_filter import PIIDetector

CHUNK_BYTES = 64 * 1024


def parts() -> Iterator[Any]:
    """What the stream releases, chunk by chunk: findings, and output that nothing later can change."""
    stream = PIIDetector({}).stream()
    while chunk := os.read(sys.stdin.fileno(), CHUNK_BYTES):
        yield stream.push(chunk)
    yield stream.finish()


def main() -> None:
    """Copies the masked text as soon as it is released, and counts the findings on standard error."""
    found: Counter[str] = Counter()
    for part in parts():
        found.update(finding.rule for finding in part.findings)
        sys.stdout.buffer.write(part.output or b"")  # before the first chunk nobody knows whether it is text or bytes
        sys.stdout.buffer.flush()
    print(dict(sorted(found.items())), file=sys.stderr)


if __name__ == "__main__":
    main()
