"""Masks standard input to standard output in bounded memory, however large it is and wherever the chunks end.

Run: ``some-command | python examples/embed/stream.py``. Tests: tests/unit/test_examples.py.
"""

from __future__ import annotations

import sys
from collections import Counter

from pyplugins.pii_filter import PIIDetector

CHUNK_BYTES = 64 * 1024


def main() -> None:
    """Copies the masked text as soon as it is safe to, and counts the findings on standard error."""
    stream = PIIDetector({}).stream()
    found: Counter[str] = Counter()
    while chunk := sys.stdin.buffer.read1(CHUNK_BYTES):
        part = stream.push(chunk)
        found.update(finding.rule for finding in part.findings)
        sys.stdout.buffer.write(part.output)
        sys.stdout.buffer.flush()
    last = stream.finish()
    found.update(finding.rule for finding in last.findings)
    sys.stdout.buffer.write(last.output)
    print(dict(sorted(found.items())), file=sys.stderr)


if __name__ == "__main__":
    main()
