"""`python -m tests.quality.json`: share of documents whose value is recovered exactly, ours beside the peers.

For: whoever tunes the repair. Never: shows misses of the held-out collection unless asked for it by name.
Tests: `test_json_quality.py` covers what it calls.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from .. import page
from . import engines, measure
from .corpus import COLLECTIONS, Pair, pairs


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.json", description=__doc__)
    parser.add_argument("--collection", choices=COLLECTIONS, default="tuning")
    parser.add_argument("--implementation", default="auto", help="auto, rust, cffi, ctypes or python")
    parser.add_argument("--peers", action="store_true", help="the peers beside ours (installed in bench/.peers)")
    parser.add_argument("--only-peers", action="store_true", help="the peers alone")
    parser.add_argument("--examples", metavar="N", type=int, default=0, help="misses to show per class, first column")
    parser.add_argument("--dump", metavar="FILE", type=Path, help="write the pairs as JSON lines, and measure nothing")
    parser.add_argument("--write", metavar="FILE", type=Path, help="rewrite the results in this page, all collections")
    return parser.parse_args()


def _measured(args: argparse.Namespace, collection: tuple[Pair, ...]) -> dict[str, measure.Score]:
    texts = [pair.text for pair in collection]
    scores: dict[str, measure.Score] = {}
    if not args.only_peers:
        for dialect in ("python", "js"):
            repair = engines.ours(args.implementation, dialect)
            scores[f"gwplugins {dialect}"] = measure.score(collection, repair(texts), dialect)
    if args.peers or args.only_peers:
        for name, dialect in engines.PEERS.items():
            scores[name] = measure.score(collection, engines.peer(name)(texts), dialect)
    return scores


def _examples(score: measure.Score, count: int) -> None:
    shown: Counter[str] = Counter()
    for pair, answer in score.wrong:
        shown[pair.kind] += 1
        if shown[pair.kind] <= count:
            got = "nothing" if answer is engines.FAILED else repr(answer)
            print(f"{pair.kind}: {pair.text!r}\n    wanted {pair.expected[score.dialect]!r}\n    got    {got}")


def main() -> None:
    """Reads the command line and does what it says."""
    args = _arguments()
    if args.dump:
        lines = (json.dumps(pair._asdict(), ensure_ascii=False) for pair in pairs(args.collection))
        args.dump.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif args.write:
        parts: list[str] = []
        for name in COLLECTIONS:
            parts += [f"#### {name}", measure.table(pairs(name), _measured(args, pairs(name)))]
        page.rewrite(args.write, "json", "\n\n".join(parts))
    else:
        scores = _measured(args, pairs(args.collection))
        print(measure.table(pairs(args.collection), scores))
        _examples(next(iter(scores.values())), args.examples)


if __name__ == "__main__":
    main()
