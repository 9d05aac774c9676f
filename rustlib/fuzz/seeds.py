"""Writes the vectors into the corpus of each fuzz target, in the form that the target reads.

It must never overwrite what a fuzzer has found: names are hashes of the content. Run by the Makefile beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parents[1] / "tests" / "vectors"


def rows(name: str) -> Iterator[dict[str, Any]]:
    # Not splitlines: a row may hold a character that Python takes for the end of a line.
    for line in (VECTORS / f"{name}.jsonl").read_text("utf-8").split("\n"):
        if line:
            yield json.loads(line)


def input_of(row: dict[str, Any]) -> bytes:
    if "input_hex" in row:
        return bytes.fromhex(row["input_hex"])
    return str(row.get("input", "")).encode("utf-8", "surrogatepass")


def texts() -> Iterator[tuple[int, bytes]]:
    """Index of a guard in edge.rs, and a text for it."""
    yield from ((0, input_of(row)) for row in rows("pii_filter"))
    yield from ((4, input_of(row)) for row in rows("probe"))
    yield 3, b"ab1a22b1a 55 a1c b1b1 abababcab1ab " * 30


def seeds() -> Iterator[tuple[str, bytes]]:
    for guard, text in texts():
        yield "scan", bytes([guard, 3 | 16, 0, 0, 0, 0]) + text
        yield "scan", bytes([guard, 3 | 32, 1, 0, 5, 20]) + text
        yield "stream", bytes([guard, 1, 0, 6]) + text
    for which, name in enumerate(("pii_filter", "probe")):
        for row in rows(name):
            yield "config", bytes([which]) + json.dumps(row.get("config", {})).encode()
    for row in rows("config"):
        yield "config", b"\1" + (bytes.fromhex(row["text_hex"]) if "text_hex" in row else row["text"].encode())
    for row in rows("patterns"):
        pattern = str(row["config"].get("pattern", "")).encode("utf-8", "surrogatepass")
        if len(pattern) < 256:
            yield "pattern", bytes([0, len(pattern)]) + pattern + input_of(row)


def main() -> None:
    count = 0
    for target, data in seeds():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(data).hexdigest()[:32]).write_bytes(data)
        count += 1
    print(f"{count} seeds")


if __name__ == "__main__":
    main()
