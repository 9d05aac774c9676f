"""Lines of real text files, taken as benign values: sources, manuals, change logs, whatever is on the machine.

For: `python -m tests.quality.sql --lines FOLDER`. Never: part of a test, as every machine has other files; lines that
hold an attack or a statement are not told apart, so the share found is an upper bound.
Tests: `test_sql_quality.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

ENDINGS = frozenset(
    f".{name}"
    for name in (
        *(
            "c",
            "cfg",
            "cs",
            "css",
            "csv",
            "go",
            "h",
            "html",
            "ini",
            "java",
            "js",
            "json",
            "log",
            "md",
            "php",
            "pl",
            "po",
        ),
        *("properties", "py", "rb", "rs", "rst", "sh", "toml", "ts", "txt", "xml", "yaml", "yml"),
    )
)
#: A file gives at most so many lines, so that a large one does not stand for all.
PER_FILE = 60
LONGEST = 1_000


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.suffix in ENDINGS and path.is_file())


def lines(folders: Iterable[Path], count: int) -> list[str]:
    """`count` different lines of the files below `folders`, a sample that is the same for the same files."""
    rng = Random(7)
    files = list(_files(folders))
    rng.shuffle(files)
    found: dict[str, None] = {}
    for path in files:
        try:
            own = {line.strip() for line in path.read_text(encoding="utf-8").split("\n")}
        except (OSError, UnicodeDecodeError):
            continue
        usable = sorted(line for line in own if 3 < len(line) <= LONGEST)
        found.update(dict.fromkeys(rng.sample(usable, min(PER_FILE, len(usable)))))
        if len(found) >= count:
            break
    return list(found)[:count]
