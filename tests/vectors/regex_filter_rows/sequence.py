"""Order of application, where findings stand, derived ones, empty matches."""

from __future__ import annotations

from typing import Any

from ._write import Row, bytes_row, finding, row


def words(*pairs: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"words": [{"search": search, "replace": replace} for search, replace in pairs], **more}


def literals(*pairs: tuple[str, str], **more: Any) -> dict[str, Any]:
    rules = [{"search": search, "replace": replace, "literal": True, **more} for search, replace in pairs]
    return {"rules": rules}


GATEWAY = words(("crap", "crud"), ("crud", "yikes"))
GAP = "." * 200


def all_rows() -> list[Row]:
    both = [finding("w0", 4, 8), finding("w1", 4, 8, derived=True)]
    return [
        row("gateway-example", GATEWAY, "the crap", "the yikes", both),
        row("gateway-second-only", GATEWAY, "what {w1:crud}", "what yikes"),
        row(
            "gateway-both",
            GATEWAY,
            "crud crap",
            "yikes yikes",
            [finding("w1", 0, 4), finding("w0", 5, 9), finding("w1", 5, 9, derived=True)],
        ),
        row("clean", GATEWAY, "nothing to see"),
        row("empty-text", GATEWAY, ""),
        row("no-rules", {}, "anything"),
        row("earlier-rule-first", words(("bc", "x"), ("ab", "y")), "a{w0:bc}", "ax"),
        row("earlier-rule-wins-over-longer", words(("b", "x"), ("abc", "y")), "a{w0:b}c", "axc"),
        row(
            "swap-in-order",
            words(("a", "b"), ("b", "a")),
            "ab",
            "aa",
            [finding("w0", 0, 1), finding("w1", 0, 1, derived=True), finding("w1", 1, 2)],
        ),
        row(
            "made-by-joining",
            literals(("x", ""), ("ab", "!")),
            "axb",
            "!",
            [finding("r1", 0, 3, derived=True), finding("r0", 1, 2)],
        ),
        row(
            "made-with-what-stands-before",
            literals(("x", "b"), ("ab", "!")),
            "ax",
            "!",
            [finding("r1", 0, 2, derived=True), finding("r0", 1, 2)],
        ),
        row(
            "made-with-what-stands-behind",
            literals(("x", "a"), ("ab", "!")),
            "xb",
            "!",
            [finding("r0", 0, 1), finding("r1", 0, 2, derived=True)],
        ),
        row("undone-by-an-earlier-rule", literals(("b", "x"), ("ab", "!")), "a{r0:b}", "ax"),
        row(
            "chain",
            literals(("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")),
            "a",
            "e",
            [finding("r0", 0, 1), *(finding(f"r{n}", 0, 1, derived=True) for n in (1, 2, 3))],
        ),
        row("chain-does-not-go-back", literals(("b", "c"), ("a", "b")), "{r1:a}", "b"),
        row(
            "chain-outwards",
            literals(("x", "1"), ("a1", "2"), ("2b", "3"), ("3c", "4")),
            "axbc",
            "4",
            [
                finding("r1", 0, 2, derived=True),
                finding("r2", 0, 3, derived=True),
                finding("r3", 0, 4, derived=True),
                finding("r0", 1, 2),
            ],
        ),
        row(
            "far-apart", literals(("ab", "x"), ("cd", "y")), f"{{r1:cd}}{GAP}{{r0:ab}}{GAP}{{r1:cd}}", f"y{GAP}x{GAP}y"
        ),
        row(
            "far-apart-each-makes-the-next",
            literals(("ab", "cd"), ("cd", "ef")),
            f"ab{GAP}ab",
            f"ef{GAP}ef",
            [
                finding("r0", 0, 2),
                finding("r1", 0, 2, derived=True),
                finding("r0", 202, 204),
                finding("r1", 202, 204, derived=True),
            ],
        ),
        row(
            "shifted-pairs",
            words(("x", ""), (r"\d\d", "D")),
            "1x2345",
            "DD5",
            [finding("w1", 0, 3, derived=True), finding("w0", 1, 2), finding("w1", 3, 5)],
        ),
        row(
            "within-what-was-written",
            literals(("a", "xbx"), ("b", "!")),
            "1a1",
            "1x!x1",
            [finding("r0", 1, 2), finding("r1", 1, 2, derived=True)],
        ),
        row("beside-what-was-written", literals(("a", "xx"), ("b", "!")), "{r0:a}{r1:b}", "xx!"),
        row(
            "around-what-was-written",
            words(("b", "-"), ("a.c", "!")),
            "abc",
            "!",
            [finding("w1", 0, 3, derived=True), finding("w0", 1, 2)],
        ),
        row(
            "the-same-written-is-no-change",
            words(("a", "a"), ("(ab)", r"\1")),
            "ab",
            None,
            [finding("w0", 0, 1), finding("w1", 0, 2)],
        ),
        row(
            "back-to-the-same-text",
            words(("a", "b"), ("b", "a")),
            "a",
            None,
            [finding("w0", 0, 1), finding("w1", 0, 1, derived=True)],
        ),
        row(
            "everything-deleted",
            words((".+", ""), ("^$", "nothing")),
            "abc",
            "nothing",
            [finding("w0", 0, 3), finding("w1", 0, 3, derived=True)],
        ),
        row(
            "empty-matches",
            words(("a*", "x")),
            "baac",
            "xbxcx",
            [finding("w0", 0, 0), finding("w0", 1, 3), finding("w0", 4, 4)],
        ),
        row(
            "empty-at-both-ends",
            words(("^", "<"), ("$", ">")),
            "ab",
            "<ab>",
            [finding("w0", 0, 0), finding("w1", 2, 2)],
        ),
        row("empty-in-empty", words(("^", "x")), "", "x", [finding("w0", 0, 0)]),
        row(
            "empty-beside-written",
            words(("a", "bc"), ("x*", "-")),
            "a",
            "-b-c-",
            [
                finding("w1", 0, 0, derived=True),
                finding("w0", 0, 1),
                finding("w1", 0, 1, derived=True),
                finding("w1", 1, 1, derived=True),
            ],
        ),
        row(
            "empty-beside-kept",
            words(("a", "z"), (r"\b", "|")),
            "b a",
            "|b| |z|",
            [
                finding("w1", 0, 0),
                finding("w1", 1, 1),
                finding("w1", 2, 2),
                finding("w0", 2, 3),
                finding("w1", 3, 3, derived=True),
            ],
        ),
        row(
            "line-starts",
            {"rules": [{"search": "^", "replace": "> ", "flags": "m"}]},
            "a\nb\n",
            "> a\n> b\n> ",
            [finding("r0", 0, 0), finding("r0", 2, 2), finding("r0", 4, 4)],
        ),
        row("alternation-takes-the-first", words(("a|ab", "x")), "{w0:a}b", "xb"),
        row("end-is-the-very-end", words(("a$", "x")), "a\n"),
        row("linear", words(("(a+)+$", "x")), "a" * 3000 + "b"),
        row("linear-match", words(("(a+)+$", "x")), "b" + "{w0:" + "a" * 3000 + "}", "bx"),
        row(
            "many-small",
            literals(*((c, c.upper()) for c in "abcdefghij")),
            "".join(f"{{r{n}:{c}}} " for n, c in enumerate("abcdefghij")),
            "A B C D E F G H I J ",
        ),
        bytes_row(
            "bytes-that-meet-are-a-character",
            words((".", r"\g<0>\g<0>"), ("\u2082", "2")),
            b"\xe2\x82",
            b"\xe22",
            [finding("w0", 0, 1), finding("w1", 0, 2, derived=True), finding("w0", 1, 2)],
        ),
    ]
