"""Instruction counts of micro-benchmarks: the same from run to run, so a test can hold them to a baseline.

They are those of an engine's `examples/instructions.rs`; a section that has some keeps `instructions.json` beside it.
`python -m bench.instructions` prints them beside the baseline; `--update` writes the baseline, which belongs into the
commit that changes the counts. Tests: tests/bench/test_instructions.py.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from pathlib import Path

from bench import plugins
from bench.rust import build

#: The difference of two runs leaves out what starting up costs.
FEWER, MORE = 10, 30


def baseline_file(plugin: str) -> Path:
    """Where the committed counts are; it exists for engines that have micro-benchmarks."""
    return plugins.FOLDER / plugin / "instructions.json"


def counted() -> list[str]:
    """The plugins with micro-benchmarks."""
    return [name for name in plugins.names() if baseline_file(name).exists()]


def count(plugin: str) -> dict[str, int]:
    """Instructions of one scan, by micro-benchmark; empty where the engine has none.

    Raises:
        OSError: there is no cargo or no valgrind.
        subprocess.CalledProcessError: the program does not build or run.
    """
    if plugin not in counted():
        return {}
    program = build(plugin, "instructions")
    names = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    return {
        name: (_collected(program, name, MORE) - _collected(program, name, FEWER)) // (MORE - FEWER) for name in names
    }


def _collected(program: Path, name: str, times: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(program), name, str(times)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = re.search(r"Collected : (\d+)", said)
    if found is None:
        raise OSError("valgrind printed no count")
    return int(found.group(1))


def baseline(plugin: str) -> dict[str, int]:
    """The committed counts."""
    counts: dict[str, int] = json.loads(baseline_file(plugin).read_text())
    return counts


def main() -> None:
    """Prints counts and baseline, or writes the baseline."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--plugin", default=plugins.FIRST, choices=counted())
    parser.add_argument("--update", action="store_true", help="write the plugin's instructions.json")
    options = parser.parse_args()
    counts = count(options.plugin)
    if options.update:
        baseline_file(options.plugin).write_text(json.dumps(counts, indent=2) + "\n")
    before = baseline(options.plugin)
    for name, instructions in counts.items():
        print(f"{name:<16} {instructions:>10,}   baseline {before[name]:>10,}   {instructions / before[name] - 1:+.1%}")


if __name__ == "__main__":
    main()
