"""`python -m bench`: measures our implementations, with `--compare` the peers beside them, and writes the report.

Tests: tests/bench/.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench import measure, report
from bench.processes import ROOT, WorkerFailed, install_peers
from bench.verify import Disagreement

FOLDER = ROOT / "bench" / "results"


def main() -> int:
    """Runs and reports; exit code 0, or 2 when the subjects disagree or one of ours cannot be opened."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--plugin", default="pii_filter", choices=["pii_filter"], help="which plugin (there is one so far)"
    )
    parser.add_argument(
        "--compare",
        action="store_true",
        help="the peers too, in an environment of their own (bench/.peers); writes bench/results/",
    )
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where results go; without --compare build/bench")
    parser.add_argument(
        "--report", type=Path, metavar="JSON", help="measure nothing: write the report of a recorded run again"
    )
    options = parser.parse_args()
    if options.report:
        print(report.write(json.loads(options.report.read_text(encoding="utf-8")), options.report))
        return 0
    if options.compare:
        measure.say("installing the peers ...")
        install_peers()
    try:
        document = measure.run(options.compare)
    except (Disagreement, WorkerFailed) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 2
    file = measure.write(document, options.output or (FOLDER if options.compare else ROOT / "build" / "bench"))
    print(report.write(document, file))
    print(f"written: {file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}, and beside it .txt, .html, .svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
