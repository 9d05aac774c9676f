"""Instruction counts of the micro-benchmarks stay within a tenth of the committed baseline, instructions.json.

They do not depend on the machine's speed or load. After a deliberate change: `python -m bench.instructions --update`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bench import instructions

MOST = 1.10


def needed() -> None:
    """Skips where the tools are missing, or fails where they are required."""
    missing = [tool for tool in ("cargo", "valgrind") if shutil.which(tool) is None]
    cpu = Path("/proc/cpuinfo")
    if not missing and not (cpu.exists() and "avx2" in cpu.read_text()):
        missing = ["a processor with AVX2, which the baseline was counted on"]
    if missing:
        why = f"needs {', '.join(missing)}"
        if os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") not in ("", "0"):
            pytest.fail(why)
        pytest.skip(why)


@pytest.mark.parametrize("plugin", instructions.counted())
def test_no_micro_benchmark_takes_a_tenth_more_instructions(plugin: str) -> None:
    needed()
    counts, baseline = instructions.count(plugin), instructions.baseline(plugin)
    assert counts.keys() == baseline.keys()
    assert len(counts) == 3
    more = {name: f"{count:,} of {baseline[name]:,}" for name, count in counts.items() if count > MOST * baseline[name]}
    assert not more, f"python -m bench.instructions --plugin {plugin} --update, if that is meant"
