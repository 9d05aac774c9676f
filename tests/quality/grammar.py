"""Sentences from template files: sections of templates, with slots, alternatives and repeated values.

For: the corpora in `sql/` and `json/`. Never: knows what a sentence is used for. Tests: `test_grammar.py`.

A file is made of sections. `[name]` opens a word list, `[name 120]` a class that gives 120 rows; each further line
is one template, and a line that starts with `# ` is a comment. In a template
  ${word}          is one entry of the word list `word`, itself a template
  ${word@a}, ${@a} draws an entry and calls it `a`; says it again
  ${int:1-99}      is a number; also ${digits:6} ${hex:8} ${HEX:8} ${alnum:12} ${b64:24} ${uuid}
  ⟦a¦b¦⟧           is one of the alternatives, which may be empty and may hold others
  \\n \\t \\\\ \\$      are a line feed, a tab, a backslash and a dollar sign.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

_HEADER = re.compile(r"\[([a-z0-9_.]+)(?: (\d+))?\]")
_SLOT = re.compile(r"\\[nt\\$]|\$\{([^}]+)\}")
_CHOICE = re.compile(r"⟦([^⟦⟧]*)⟧")
_ESCAPE = re.compile(r"\\([nt\\$])")
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "$": "$"}
_ALNUM = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def _letters(alphabet: str) -> Callable[[Random, str], str]:
    return lambda rng, count: "".join(rng.choices(alphabet, k=int(count)))


def _integer(rng: Random, bounds: str) -> str:
    low, high = bounds.split("-")
    return str(rng.randint(int(low), int(high)))


def _base64(rng: Random, count: str) -> str:
    text = _letters(_ALNUM + "+/")(rng, count)
    return text + "=" * (-len(text) % 4)


_MADE: dict[str, Callable[[Random, str], str]] = {
    "int": _integer,
    "digits": _letters("0123456789"),
    "hex": _letters("0123456789abcdef"),
    "HEX": _letters("0123456789ABCDEF"),
    "alnum": _letters(_ALNUM),
    "b64": _base64,
}


@dataclass
class Grammar:
    """Sections of some files: word lists, and classes with the number of rows each gives."""

    words: dict[str, list[str]] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Adds the sections of a file; a section that occurs twice is an error."""
        current: list[str] | None = None
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if header := _HEADER.fullmatch(line):
                name, count = header.groups()
                if name in self.words:
                    raise ValueError(f"{path.name}:{number}: section {name} occurs twice")
                current = self.words[name] = []
                if count:
                    self.classes[name] = int(count)
            elif line and not line.startswith("# "):
                if current is None:
                    raise ValueError(f"{path.name}:{number}: no section")
                current.append(line)

    def expand(self, rng: Random, template: str) -> str:
        """One sentence of `template`."""
        raw = self._expand(rng, template, {})
        return _ESCAPE.sub(lambda m: _ESCAPES[m[1]], raw)

    def rows(self, rng: Random, name: str) -> Iterator[tuple[int, str]]:
        """Sentences of a class without end, each with the number of its template: all templates in turn, shuffled."""
        templates = list(enumerate(self.words[name]))
        while True:
            rng.shuffle(templates)
            for number, template in templates:
                yield number, self.expand(rng, template)

    def _expand(self, rng: Random, template: str, named: dict[str, str]) -> str:
        while "⟦" in template:
            chosen = _CHOICE.sub(lambda m: rng.choice(m[1].split("¦")), template)
            if chosen == template:
                raise ValueError(f"unbalanced alternatives: {template}")
            template = chosen

        def fill(slot: re.Match[str]) -> str:
            if slot[1] is None:
                return slot[0]
            spec, at, name = slot[1].partition("@")
            if at and not spec:
                return named[name]
            kind, colon, argument = spec.partition(":")
            if colon:
                text = _MADE[kind](rng, argument)
            elif spec == "uuid":
                text = str(uuid.UUID(int=rng.getrandbits(128), version=4))
            else:
                text = self._expand(rng, rng.choice(self.words[spec]), named)
            if at:
                named[name] = text
            return text

        return _SLOT.sub(fill, template)
