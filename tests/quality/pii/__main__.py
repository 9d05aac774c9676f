"""`python -m tests.quality.pii`: measures a detector on the corpus and writes the tables of docs/quality.md.

For: whoever tunes the rules. Never: shows examples of the held-out collection unless asked for it by name.
Tests: `test_pii_quality.py` covers what it calls.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from .. import page
from . import finders, measure
from .generator import SEEDS, lines
from .model import Line


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.pii", description=__doc__)
    parser.add_argument("--implementation", default="auto", help="auto, rust, cffi, ctypes or python")
    parser.add_argument("--peers", action="store_true", help="cpex-pii-filter; with --write beside ours")
    parser.add_argument("--collection", default="tuning", choices=sorted(SEEDS))
    parser.add_argument("--seed", type=int, help="another than the one the test uses")
    parser.add_argument("--lines", type=int, default=24_000)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write counts and examples here")
    parser.add_argument("--examples", metavar="N", type=int, default=0, help="misses and false alarms to show per type")
    parser.add_argument("--write", metavar="FILE", type=Path, help="rewrite the results in this page, all collections")
    return parser.parse_args()


def _measured(args: argparse.Namespace, corpus: list[Line], *, peer: bool) -> measure.Score:
    finder = finders.peer([line.text for line in corpus]) if peer else finders.ours(args.implementation)
    return measure.score(corpus, finder, lenient=peer)


def _show(args: argparse.Namespace) -> None:
    """Measures one collection and prints it."""
    seed = SEEDS[args.collection] if args.seed is None else args.seed
    corpus = list(lines(args.collection, seed, args.lines))
    began = time.perf_counter()
    result = _measured(args, corpus, peer=args.peers)
    print(f"{result.lines} lines, {args.collection}, seed {seed}, {time.perf_counter() - began:.2f} s\n")
    print(measure.table(result), measure.decoy_table(result), sep="\n\n")
    found = measure.summary(result, args.examples)
    if args.json:
        args.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    for what in ("misses", "false_alarms"):
        for name, rows in found[what].items():
            for row in rows:
                place = row.get("on") or row["found"]
                print(f"{what.replace('_', ' ')}, {name}: {row['value']!r} in {row['text']!r} ({place})")


def _document(args: argparse.Namespace) -> None:
    """Puts the tables of every collection, and of the peer, into the page."""
    parts: list[str] = []
    for collection, seed in SEEDS.items():
        corpus = list(lines(collection, seed, args.lines))
        ours = _measured(args, corpus, peer=False)
        parts += [f"### {collection}: {ours.lines} lines, seed {seed}", measure.table(ours)]
        if args.peers:
            title = f"The same lines, cpex-pii-filter 0.3.9, counted generously ({collection})"
            parts += [f"### {title}", measure.table(_measured(args, corpus, peer=True))]
        if collection == "tuning":
            parts += ["### Decoys (tuning)", measure.decoy_table(ours)]
    page.rewrite(args.write, "pii", "\n\n".join(parts))


def main() -> None:
    """Reads the command line and does what it says."""
    args = _arguments()
    _document(args) if args.write else _show(args)


if __name__ == "__main__":
    main()
