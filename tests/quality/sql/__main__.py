"""`python -m tests.quality.sql`: recall and false alarms by class, ours beside libinjection.

For: whoever tunes the detector. Never: shows misses of the held-out collection unless asked for it by name.
Tests: `test_sql_quality.py` covers what it calls.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .. import page
from . import engines, measure, wild
from .corpus import APART, ATTACK, BENIGN, COLLECTIONS, Row, rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.sql", description=__doc__)
    parser.add_argument("--collection", choices=COLLECTIONS, default="tuning")
    parser.add_argument("--implementation", default="auto", help="auto, rust, cffi, ctypes or python")
    parser.add_argument("--peers", action="store_true", help="libinjection beside ours (built in bench/.peers)")
    parser.add_argument("--only-peers", action="store_true", help="libinjection alone")
    parser.add_argument(
        "--examples", metavar="N", type=int, default=0, help="misses and false alarms of ours per class"
    )
    parser.add_argument("--dump", metavar="FILE", type=Path, help="write the rows as JSON lines, and measure nothing")
    parser.add_argument(
        "--lines", metavar="FOLDER", type=Path, nargs="+", help="lines of files there, as benign values"
    )
    parser.add_argument("--write", metavar="FILE", type=Path, help="rewrite the results in this page, all collections")
    return parser.parse_args()


def _measured(args: argparse.Namespace, collection: tuple[Row, ...]) -> dict[str, measure.Score]:
    values = [row.value for row in collection]
    scores: dict[str, measure.Score] = {}
    if not args.only_peers:
        scores["gwplugins"] = measure.score(collection, engines.ours(args.implementation)(values))
    if args.peers or args.only_peers:
        scores["libinjection"] = measure.score(collection, engines.libinjection(values))
        scores["and on decoded"] = measure.score(collection, engines.libinjection(values, times=2))
    return scores


def _tables(scores: dict[str, measure.Score]) -> str:
    labels = next(iter(scores.values())).labels
    return "\n\n".join(measure.table(scores, label) for label in (ATTACK, BENIGN, APART) if label in labels)


def _examples(score: measure.Score, count: int) -> None:
    shown: dict[str, int] = {}
    for row in score.wrong:
        shown[row.kind] = shown.get(row.kind, 0) + 1
        if shown[row.kind] <= count:
            print(f"{'missed' if row.label == ATTACK else 'false alarm'}: {row.kind}: {row.value!r}")


def _wild(args: argparse.Namespace) -> None:
    """Alarms on lines of real files; no line is known to be harmless."""
    collection = tuple(Row(str(n), "line", line, BENIGN, "") for n, line in enumerate(wild.lines(args.lines, 200_000)))
    for name, score in _measured(args, collection).items():
        print(f"{name}: {len(score.wrong)} of {len(collection)} lines, {score.alarms * 100:.3f} %")
        for row in score.wrong[:: max(1, len(score.wrong) // args.examples)] if args.examples else ():
            print(f"    {row.value!r}")


def main() -> None:
    """Reads the command line and does what it says."""
    args = _arguments()
    if args.dump:
        lines = (json.dumps(row._asdict(), ensure_ascii=False) for row in rows(args.collection))
        args.dump.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif args.lines:
        _wild(args)
    elif args.write:
        parts: list[str] = []
        for name in COLLECTIONS:
            parts += [f"#### {name}", _tables(_measured(args, rows(name)))]
        page.rewrite(args.write, "sql", "\n\n".join(parts))
    else:
        scores = _measured(args, rows(args.collection))
        print(_tables(scores))
        for name, score in scores.items():
            print(f"\n{name}, {args.collection}: recall {score.recall:.4f}, false alarms {score.alarms:.4f}")
        _examples(next(iter(scores.values())), args.examples)


if __name__ == "__main__":
    main()
