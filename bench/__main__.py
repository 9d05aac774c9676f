"""`python -m bench`: measures our implementations, with `--compare` the peers beside them, and writes the report.

Tests: tests/bench/.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench import measure, plugins, report
from bench.processes import ROOT, WorkerFailed, install_peers
from bench.verify import Disagreement

FOLDER = ROOT / "bench" / "results"
BUILD = ROOT / "build" / "bench"


def main() -> int:
    """Runs and reports; exit code 0, or 2 when the subjects of a plugin disagree or one of them cannot be opened."""
    options = _options()
    if options.report:
        print(report.write(json.loads(options.report.read_text(encoding="utf-8")), options.report))
        return 0
    documents, stopped = [], []
    for name in plugins.names() if options.plugin == "all" else [options.plugin]:
        plugin = plugins.load(name)
        try:
            if options.compare:
                measure.say(f"{name}: installing the peers ...")
                install_peers(plugin)
            documents.append(measure.run(plugin, options.compare, measure.QUICK if options.quick else measure.Effort()))
        except (Disagreement, WorkerFailed) as error:
            stopped.append(f"{name} stopped: {error}")
            measure.say(stopped[-1])
    if documents:
        folder = options.output or (FOLDER if options.compare and not options.quick else BUILD)
        file = measure.write(documents, folder)
        print(report.write(json.loads(file.read_text(encoding="utf-8")), file))
        shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
        print(f"written: {shown}, and beside it .txt, .html, .svg")
    print(*stopped, sep="\n", end="\n" * bool(stopped), file=sys.stderr)
    return 2 if stopped else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--plugin", default=plugins.FIRST, choices=[*plugins.names(), "all"], help="which plugin; all: one report"
    )
    parser.add_argument(
        "--compare",
        action="store_true",
        help="the peers too, in an environment of their own (bench/.peers); writes bench/results/",
    )
    parser.add_argument(
        "--quick", action="store_true", help="only to see that all runs: the figures mean nothing; writes build/bench"
    )
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where results go; without --compare build/bench")
    parser.add_argument(
        "--report", type=Path, metavar="JSON", help="measure nothing: write the report of a recorded run again"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
