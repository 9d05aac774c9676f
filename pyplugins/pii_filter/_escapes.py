"""JSON escapes: text inside JSON arrives escaped, and the letters of an escape belong to no word.

The steps read a view of the text, of the same length, in which those letters are gone. What is found is cut from the
text itself. Tests: tests/unit/test_pii_fallback_parts.py, tests/vectors/pii_filter.jsonl.
"""

from __future__ import annotations

import re

#: Stands in a view for each letter and digit of an escape; no rule knows it but that of labels.
HIDDEN = "\x01"
#: Stands for a character of the text that looks like `HIDDEN`; no rule knows it either.
_OTHER = "\x02"

# RFC 8259 7: the short escapes of white space and control characters, and the long form.
_ESCAPE = re.compile(r"\\(?:[nrtbf]|u[0-9A-Fa-f]{4})")


def view(text: str) -> str:
    r"""`text` as the steps read it.

    >>> view(r"ssn:\n123-45-6789") == "ssn:\\\x01123-45-6789"
    True
    """
    if HIDDEN in text:
        text = text.replace(HIDDEN, _OTHER)
    return _ESCAPE.sub(_hidden, text) if "\\" in text else text


def _hidden(escape: re.Match[str]) -> str:
    return "\\" + HIDDEN * (len(escape[0]) - 1)


def escape_before(text: str, end: int) -> int:
    """Length of the escape that ends at `end` of a view, where a `HIDDEN` stands before it."""
    return end - text.rindex("\\", 0, end)
