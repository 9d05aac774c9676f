"""Writes the vectors into the corpus of each fuzz target, in the form that the target reads.

It must never overwrite what a fuzzer has found: names are hashes of the content. Run by the Makefile beside it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: The order of the engine's `names()`, then "auto".
CODECS = ["zstd", "gzip", "zlib", "deflate", "lz4", "brotli", "snappy", "identity", "auto"]
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


def kinds() -> list[str]:
    """The kinds of guards in the library's own order: that of edge/Cargo.toml's features, among which limiters are."""
    features = tomllib.loads((HERE / "edge/Cargo.toml").read_text("utf-8"))["features"]
    return [name for name in features["default"] if (VECTORS / f"{name}.jsonl").exists()]


def guards() -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Every vector with the numbers that edge.rs gives its kind and its configuration."""
    for number, kind in enumerate(kinds()):
        seen: list[Any] = [{}]
        for row in rows(kind):
            config = row.get("config")
            if config not in seen and "error" not in row["expect"] and isinstance(config, dict):
                seen.append(config)
            yield number, seen.index(config) % 256 if config in seen else 0, row


def seeds() -> Iterator[tuple[str, bytes]]:
    for kind, config, row in guards():
        text = input_of(row)
        yield "scan", bytes([kind, config, 3 | 16, 0, 0, 0, 0]) + text
        yield "scan", bytes([kind, config, 3 | 32, 1, 0, 5, 20]) + text
        yield "stream", bytes([kind, config, 1, 0, 6]) + text
        yield "config", bytes([kind]) + json.dumps(row.get("config", {})).encode()
        if kind_target(kind).exists():
            yield kinds()[kind], bytes([config, 3 | 16, 0, 0, 0, 0]) + text
    for number, row in enumerate(rows("limiter/rate_limiter")):
        yield "rate_limiter", bytes([number, 0]) + b"".join(map(code, row.get("steps", ())))
    for row in rows("config"):
        yield "config", b"\0" + (bytes.fromhex(row["text_hex"]) if "text_hex" in row else row["text"].encode())
    for row in rows("patterns"):
        pattern = str(row["config"].get("pattern", "")).encode("utf-8", "surrogatepass")
        if len(pattern) < 256:
            yield "pattern", bytes([0, len(pattern)]) + pattern + input_of(row)


def codec_seeds() -> Iterator[tuple[str, bytes]]:
    for row in rows("codec/compression"):
        if row["codec"] in CODECS:
            yield "compression", bytes([CODECS.index(row["codec"]), 6]) + input_of(row)


def code(step: dict[str, Any]) -> bytes:
    """A step in six bytes: call, value, cost, and three of time."""
    calls = ("check", "peek", "acquire", "settle", "release", "reset")
    cost = int(step.get("cost", step.get("reserved", 1))) % 256
    return bytes([calls.index(step["op"]), 0, cost]) + (int(step["now"]) % 2**24).to_bytes(3, "big")


def kind_target(kind: int) -> Path:
    """The target of one engine alone."""
    return HERE / "fuzz_targets" / f"{kinds()[kind]}.rs"


def main() -> None:
    count = 0
    for target, data in (*seeds(), *codec_seeds()):
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(data).hexdigest()[:32]).write_bytes(data)
        count += 1
    print(f"{count} seeds")


if __name__ == "__main__":
    main()
