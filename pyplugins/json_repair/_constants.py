"""Words that stand for constants in Python and JavaScript.

Twin of the tables of `rustlib/engines/json_repair/src/bare.rs`. Tests: tests/parity/test_json_repair_parity.py.
"""

from __future__ import annotations

from typing import Final

from pyplugins.json_repair import _edit as kinds

#: By their lower case.
CONSTANTS: Final = {
    "true": (kinds.PYTHON_CONSTANT, "true"),
    "false": (kinds.PYTHON_CONSTANT, "false"),
    "null": (kinds.PYTHON_CONSTANT, "null"),
    "none": (kinds.PYTHON_CONSTANT, "null"),
    "undefined": (kinds.JAVASCRIPT_CONSTANT, "null"),
}

#: The same as JavaScript's library reads them: in one spelling.
EXACT: Final = {word: CONSTANTS[word.lower()] for word in ("True", "False", "None", "undefined")}

#: Numbers that JSON does not know, in this spelling.
NO_NUMBERS: Final = ("NaN", "Infinity", "-Infinity")

#: What a word cut off by the end of the text may have been, in the order in which they are tried.
COMPLETE: Final = (
    ("true", "true"),
    ("false", "false"),
    ("null", "null"),
    ("True", "true"),
    ("False", "false"),
    ("None", "null"),
)


def is_constant(word: str) -> bool:
    """A constant of some language, in any case of letters."""
    return word in NO_NUMBERS or (word.isascii() and word.lower() in CONSTANTS)
