"""Writes the skeleton of a new plugin into every layer: `make new-plugin NAME=word_count`.

The files are those of `tools/new_plugin/files`, with the names put in; beside them come the few lines that register an
engine. All of it builds, finds nothing, and is red until what is marked FILL IN is written: docs/new-plugin.md says in
which order. Nothing is written when anything of that name is there already. Tests: tests/packaging/test_new_plugin.py.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FILES = Path(__file__).resolve().parent / "new_plugin" / "files"


class Names(NamedTuple):
    """The name of a plugin, as the languages write it."""

    #: ``word_count``: engine, Python package, vectors, cargo feature.
    kind: str
    #: ``WordCount``: the direct API; ``WordCountPlugin`` is the plugin class.
    api: str

    @property
    def crate(self) -> str:
        """``word-count``, behind ``gwplugins-``."""
        return self.kind.replace("_", "-")

    @property
    def title(self) -> str:
        """``Word Count``."""
        return self.kind.replace("_", " ").title()

    def put_into(self, text: str) -> str:
        """`text` with these names in place of the skeleton's."""
        spelt = {"name_of_plugin": self.kind, "name-of-plugin": self.crate, "NameOfPlugin": self.api}
        for ours, theirs in {**spelt, "Name Of Plugin": self.title}.items():
            text = text.replace(ours, theirs)
        return text


class Line(NamedTuple):
    """A registration: text that goes before or behind a place that is there once."""

    file: str
    place: str
    text: str


#: What the skeleton's files cannot hold. `place` stays where it is, at the end of the text.
LINES = (
    Line(
        "rustlib/abi/src/kinds.rs",
        '    #[cfg(any(test, feature = "probe"))]\n',
        '    #[cfg(feature = "name_of_plugin")]\n    &gwplugins_name_of_plugin::KIND,\n',
    ),
    Line("rustlib/abi/Cargo.toml", "# The test-only engine", 'name_of_plugin = ["dep:gwplugins-name-of-plugin"]\n'),
    Line(
        "rustlib/abi/Cargo.toml",
        "gwplugins-probe = { workspace = true, optional",
        "gwplugins-name-of-plugin = { workspace = true, optional = true }\n",
    ),
    Line("rustlib/Cargo.toml", '"engines/probe", ', '"engines/name_of_plugin", '),
    Line(
        "rustlib/Cargo.toml",
        "gwplugins-probe = { path",
        'gwplugins-name-of-plugin = { path = "engines/name_of_plugin" }\n',
    ),
    Line("rustlib/fuzz/edge/Cargo.toml", '"probe"]', '"name_of_plugin", '),
    Line("rustlib/fuzz/edge/Cargo.toml", "probe = []", "name_of_plugin = []\n"),
    Line(
        "rustlib/fuzz/edge/Cargo.toml",
        "gwplugins-probe = ",
        'gwplugins-name-of-plugin = { path = "../../engines/name_of_plugin" }\n',
    ),
    Line(
        "rustlib/fuzz/Cargo.toml",
        "[workspace]",
        '[[bin]]\nname = "name_of_plugin"\npath = "fuzz_targets/name_of_plugin.rs"\ntest = false\nbench = false\n\n',
    ),
    Line(
        "plugins/config.yaml",
        "plugin_dirs:",
        "  # FILL IN: what it does here.\n"
        "  - name: name_of_plugin\n"
        "    kind: pyplugins.name_of_plugin.NameOfPluginPlugin\n"
        "    hooks: [prompt_pre_fetch, tool_pre_invoke, tool_post_invoke]\n"
        "    mode: sequential\n"
        "    priority: 100\n"
        "    config: {}\n\n",
    ),
)
#: The feature that has all engines grows at its end.
ALL = re.compile(r"^all = \[(.*)\]$", re.MULTILINE)


def skeleton(names: Names, root: Path) -> dict[Path, str]:
    """The new files and their text.

    Raises:
        FileExistsError: one of them is there.
    """
    sources = [path for path in sorted(FILES.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    version = tomllib.loads((root / "rustlib/Cargo.toml").read_text("utf-8"))["workspace"]["package"]["version"]
    made = {
        root / names.put_into(str(path.relative_to(FILES))): names.put_into(path.read_text("utf-8")).replace(
            "version-of-package", version
        )
        for path in sources
    }
    for path in made:
        if path.exists():
            raise FileExistsError(f"{path.relative_to(root)} is there already")
    return made


def registered(names: Names, root: Path) -> dict[Path, str]:
    """The files that list engines, with this one in them.

    Raises:
        LookupError: a file has not the place where the line belongs.
    """
    texts: dict[Path, str] = {}
    for line in LINES:
        path = root / line.file
        text = texts.get(path) or path.read_text("utf-8")
        if text.count(line.place) != 1:
            raise LookupError(f"{line.file}: {line.place!r} stands there {text.count(line.place)} times, not once")
        texts[path] = text.replace(line.place, names.put_into(line.text) + line.place)
    features = root / "rustlib/abi/Cargo.toml"
    texts[features] = ALL.sub(rf'all = [\1, "{names.kind}"]', texts[features], count=1)
    return texts


def lock(root: Path) -> None:
    """Puts the new crate into the lock files; without cargo the first build does it."""
    for folder in ("rustlib", "rustlib/fuzz"):
        command = ["cargo", "update", "--workspace", "--offline", "--quiet"]
        try:
            subprocess.run(command, cwd=root / folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        except (OSError, subprocess.CalledProcessError) as why:
            print(f"{folder}/Cargo.lock is as it was ({why}): build once without --locked", file=sys.stderr)


def kind_of(text: str) -> str:
    """A name that Rust, Python and cargo take."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", text):
        raise argparse.ArgumentTypeError("lower-case words joined by _, such as word_count")
    return text


def main() -> int:
    """Writes the skeleton."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", type=kind_of, help="such as word_count")
    parser.add_argument("--api", help="name of the direct API, such as SQLSanitizer  [default: WordCount]")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to write into")
    options = parser.parse_args()
    names = Names(options.name, options.api or "".join(word.capitalize() for word in options.name.split("_")))
    try:
        texts = {**skeleton(names, options.root), **registered(names, options.root)}
    except (FileExistsError, LookupError) as why:
        print(f"nothing was written: {why}", file=sys.stderr)
        return 2
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(options.root))
    lock(options.root)
    print(
        f"\nNow: docs/new-plugin.md. What is left to write is marked FILL IN: git grep -n 'FILL IN' -- '*{names.kind}*'"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
