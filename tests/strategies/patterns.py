"""Hypothesis strategies for patterns of the portable grammar and texts they meet, for every suite that has patterns.

`patterns()` draws accepted patterns mostly, `scribbles()` anything near the grammar; `texts()` is biased to the
characters the patterns name. It must never draw a pattern over the default limits on purpose.
"""

from __future__ import annotations

from hypothesis import strategies as st

# Characters with a special place: ASCII of each kind, 2 to 4 bytes in UTF-8, case pairs that fold beyond ASCII.
ALPHABET = "aabbc1_ -.\n\u00e9\u00fckK\u212aA\U0001f600\x80z"
# Words, digits, spaces and cases of other scripts, for rules with `unicode: true`.
SCRIPTS = "\u00df\u1e9e\u017f\u03c3\u03c2\u03a3\u0131\u0130\u65e5\u0663\u2003\u0301\u00b2\u0414\u0434\u200d"
SETS = (
    *"abc1_ -",
    "\u00e9",
    "\U0001f600",
    ".",
    r"\d",
    r"\w",
    r"\s",
    r"\D",
    r"\W",
    r"\S",
    "[ab]",
    "[^a]",
    "[a-c]",
    "[\u00e9-\u00fc]",
    "[^\u00e9]",
    "[]a]",
    "[^]a]",
    r"[\w-]",
    r"[^\W\d]",
    r"\x41",
    r"\u212a",
    r"\.",
    "k",
    "[k-z]",
)
LOOKS = ("^", "$", r"\A", r"\z", r"\b", r"\B")
QUANTIFIERS = ("*", "+", "?", "{2}", "{1}", "{1,3}", "{0,2}", "{2,}", "{0,}")
FLAGS = ("i", "m", "s", "im", "i-s", "-i", "s-m")
# Constructs that are refused, or only in some places.
STRANGE = (
    *"[](){}*+?|\\^$-&~:<",
    *("(?i)", "(?-i)", "(?x)", "(?P<n>", "(?<x>", "(?P=n)", "(?=", "(?!", "(?<=", "(?>", "(?#", "(?"),
    *("{0}", "{,3}", "{2", "{3,2}", "{1001}", "**", "a++"),
    *("&&", "--", "~~", "[[:alpha:]]", "[b-a]", r"[a-\d]", r"[\b]"),
    *(r"\Z", r"\p", r"\N", r"\1", r"\0", r"\u12", r"\ud800", r"\<", r"\e", "[^\\s\\S]", "\u00e9", "\ud800"),
)


def texts(max_size: int = 12, more: str = "") -> st.SearchStrategy[str]:
    """Short texts, lone surrogates among them; `more` are characters to draw from as well."""
    return st.text(st.sampled_from(ALPHABET + "\ud800\udc80" + more), max_size=max_size)


def byte_texts(max_size: int = 10) -> st.SearchStrategy[bytes]:
    """Bytes that are UTF-8, cut UTF-8, encoded surrogates, or nothing of the kind."""
    single = ("61", "62", "31", "20", "0a", "5f", "ff", "80", "c3")
    several = ("c3a9", "e282", "eda0", "eda080", "edb2", "edb280", "f09f", "f09f9880", "f4908080")
    pieces = st.sampled_from(single + several)
    return st.lists(pieces, max_size=max_size).map("".join).map(bytes.fromhex)


def patterns() -> st.SearchStrategy[str]:
    """Patterns of every accepted construct, nested; a few are over a limit."""
    leaf = st.sampled_from(SETS + LOOKS)
    whole = st.recursive(leaf, _compound, max_leaves=8)
    return st.builds("{}{}".format, st.sampled_from(("", "", "", "", "(?i)", "(?m)", "(?s)", "(?im)")), whole)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    branches = st.lists(inner, min_size=1, max_size=3).map("|".join)
    return st.one_of(
        st.lists(inner, max_size=4).map("".join),
        branches.map("(?:{})".format),
        branches.map("({})".format),
        st.builds("(?{}:{})".format, st.sampled_from(FLAGS), branches),
        st.builds("(?:{}){}{}".format, inner, st.sampled_from(QUANTIFIERS), st.sampled_from(("", "?"))),
        st.builds("{}{}{}".format, st.sampled_from(SETS), st.sampled_from(QUANTIFIERS), st.sampled_from(("", "?"))),
    )


def scribbles() -> st.SearchStrategy[str]:
    """Strings of pattern pieces in any order: most are refused."""
    return st.lists(st.sampled_from(STRANGE + SETS + LOOKS), max_size=7).map("".join)
