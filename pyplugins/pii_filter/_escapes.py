"""JSON escapes: text inside JSON arrives escaped, and the letters of an escape belong to no word.

The steps read a view of the text, of the same length, in which those letters and digits are gone. What is found is cut
from the text itself. Tests: tests/unit/test_pii_fallback_parts.py, tests/vectors/pii_filter.jsonl.
"""

from __future__ import annotations

import re

#: Stand in a view for the letters and for the digits of an escape. Only labels, and the rule of continued numbers, know
#: them.
HIDDEN_LETTER, HIDDEN_DIGIT = "\x01", "\x02"
#: Stands for a character of the text that looks like one of them; no rule knows it.
_OTHER = "\x03"

# RFC 8259 7: the short escapes of white space and control characters, and the long form.
_ESCAPE = re.compile(r"\\(?:[nrtbf]|u[0-9A-Fa-f]{4})")

_DISGUISE = str.maketrans(dict.fromkeys((HIDDEN_LETTER, HIDDEN_DIGIT), _OTHER))
_HIDE = str.maketrans(dict.fromkeys("0123456789", HIDDEN_DIGIT) | dict.fromkeys("abcdefnrtuABCDEF", HIDDEN_LETTER))


def view(text: str) -> str:
    r"""`text` as the steps read it.

    >>> view(r"ssn:\n123-45-6789") == "ssn:\\\x01123-45-6789"
    True
    """
    if HIDDEN_LETTER in text or HIDDEN_DIGIT in text:
        text = text.translate(_DISGUISE)
    return _ESCAPE.sub(_hidden, text) if "\\" in text else text


def _hidden(escape: re.Match[str]) -> str:
    return escape[0].translate(_HIDE)


def escape_before(text: str, end: int) -> int:
    """Length of the escape that ends at `end` of a view, where the stand-in for a letter or digit stands before it."""
    return end - text.rindex("\\", 0, end)
