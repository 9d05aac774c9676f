"""`python -m tests.quality`: measures a detector on the corpus and says what it missed.

For: whoever tunes the rules, and the tables of docs/quality.md. Never: shows held-out examples unless asked for
that collection.
Tests: `test_quality.py` covers what it calls.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from . import finders, measure
from .generator import lines


def main() -> None:
    """Reads the command line, measures, prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description=__doc__)
    parser.add_argument("--implementation", default="auto", help="auto, rust, cffi, ctypes or python")
    parser.add_argument("--peer", metavar="PYTHON", help="measure cpex-pii-filter under this interpreter instead")
    parser.add_argument("--collection", default="tuning", choices=("tuning", "heldout"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=24_000)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write counts and examples here")
    parser.add_argument(
        "--examples", metavar="N", type=int, default=0, help="examples of misses and false alarms per type"
    )
    args = parser.parse_args()

    corpus = list(lines(args.collection, args.seed, args.lines))
    finder = finders.peer(args.peer, [line.text for line in corpus]) if args.peer else finders.ours(args.implementation)
    began = time.perf_counter()
    result = measure.score(corpus, finder, lenient=bool(args.peer))
    print(f"{result.lines} lines, {args.collection}, seed {args.seed}, {time.perf_counter() - began:.2f} s\n")
    print(measure.table(result), measure.decoy_table(result), sep="\n\n")
    found = measure.summary(result, args.examples)
    if args.json:
        args.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    for what in ("misses", "false_alarms"):
        for name, rows in found[what].items():
            for row in rows:
                print(f"{what} {name}: {row['value']!r} in {row['text']!r} ({row.get('on') or row['found']})")


if __name__ == "__main__":
    main()
