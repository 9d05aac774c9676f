"""What the writer of a configuration may set for a pattern, and nothing else.

Tests: tests/unit/test_patterns.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """What the writer of a configuration may allow; the same fields and defaults as in Rust.

    `max_bytes`, `max_alternatives` (``|`` signs) and `max_quantifiers` bound the text of a pattern, `max_size` the
    formula of docs/patterns.md. `ignore_case`, `multi_line` and `dot_all` are as if the pattern began with ``(?i)``,
    ``(?m)``, ``(?s)``. With `whole_word` no word character may stand beside a match. `unicode` makes classes, word
    boundaries and case folding those of all scripts, by the tables of rules/unicode_patterns.json.
    """

    max_bytes: int = 256
    max_alternatives: int = 16
    max_quantifiers: int = 24
    max_size: int = 5_000
    ignore_case: bool = False
    multi_line: bool = False
    dot_all: bool = False
    whole_word: bool = False
    unicode: bool = False
