"""Writes rules/email_letters.json: which non-ASCII characters an e-mail address may hold, from Python's unicodedata.

Class "letter" is general category L or M of scripts written with spaces, class "ideograph" that of scripts written
without (Han, Kana, Hangul with its attached particles, Thai, Lao, Khmer, Myanmar, Tibetan, Yi).
Run: python tools/email_letters.py
"""

from __future__ import annotations

import json
import pathlib
import sys
import unicodedata

NO_SPACES = (
    *("CJK", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "HANGUL", "HALFWIDTH HANGUL", "BOPOMOFO"),
    *("THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "YI "),
)
OUT = pathlib.Path(__file__).resolve().parent.parent / "rules" / "email_letters.json"


def class_of(code: int) -> str | None:
    """The class of one code point, or None when no address may hold it."""
    if 0xD800 <= code <= 0xDFFF or unicodedata.category(chr(code))[0] not in "LM":
        return None
    return "ideograph" if unicodedata.name(chr(code), "").startswith(NO_SPACES) else "letter"


def ranges() -> list[tuple[int, int, str]]:
    """Ascending, inclusive ranges of code points with their class."""
    found: list[tuple[int, int, str]] = []
    for code in range(0x80, sys.maxunicode + 1):
        kind = class_of(code)
        if kind is None:
            continue
        if found and found[-1][1] == code - 1 and found[-1][2] == kind:
            found[-1] = (found[-1][0], code, kind)
        else:
            found.append((code, code, kind))
    return found


def main() -> None:
    """Writes the file."""
    table = ranges()
    head = {"source": "Unicode Character Database", "unicode_version": unicodedata.unidata_version}
    lines = [json.dumps([first, last, kind[0]]) for first, last, kind in table]
    classes = '"classes": {"l": "letter", "i": "ideograph"}'
    body = f'{json.dumps(head)[1:-1]},\n{classes},\n"ranges": [\n' + ",\n".join(lines) + "\n]"
    OUT.write_text("{" + body + "}\n", encoding="ascii")


if __name__ == "__main__":
    main()
