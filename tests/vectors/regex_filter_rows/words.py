"""Literals, whole words, case, scripts, bytes that are no UTF-8."""

from __future__ import annotations

from typing import Any

from ._write import Row, bytes_row, finding, row


def rule(search: str, replace: str = "#", **more: Any) -> dict[str, Any]:
    return {"rules": [{"search": search, "replace": replace, **more}]}


def literal(search: str, replace: str = "#", **more: Any) -> dict[str, Any]:
    return rule(search, replace, literal=True, **more)


def all_rows() -> list[Row]:
    word = literal("cat", whole_word=True)
    kelvin = literal("kilo", ignore_case=True, unicode=True)
    plate = rule(r"\b[A-Z]{2}\d{6}\b", unicode=True)
    return [
        row("literal", literal("a.b"), "{r0:a.b} axb", "# axb"),
        row("literal-overlaps-itself", literal("aa"), "{r0:aa}{r0:aa}a", "##a"),
        row(
            "literal-nested",
            {
                "rules": [
                    {"search": "abc", "replace": "1", "literal": True},
                    {"search": "b", "replace": "2", "literal": True},
                ]
            },
            "{r0:abc} {r1:b}",
            "1 2",
        ),
        row(
            "literal-nested-other-order",
            {
                "rules": [
                    {"search": "b", "replace": "2", "literal": True},
                    {"search": "abc", "replace": "1", "literal": True},
                ]
            },
            "a{r0:b}c",
            "a2c",
        ),
        row("word", word, "{r0:cat} cats concat cat_ {r0:cat}", "# cats concat cat_ #"),
        row("word-beside-other-script", word, "{r0:cat}é 猫{r0:cat}", "#é 猫#"),
        row(
            "word-beside-its-own-script",
            literal("cat", whole_word=True, unicode=True),
            "caté 猫cat {r0:cat}",
            "caté 猫cat #",
        ),
        row(
            "word-without-letters", literal("C++", whole_word=True), "{r0:C++} C++x xC++ ({r0:C++})", "# C++x xC++ (#)"
        ),
        row("word-that-overlaps", literal("a a", whole_word=True), "aa a a", "aa #", [finding("r0", 3, 6)]),
        row("word-pattern", rule("a|ab", whole_word=True), "{r0:a} {r0:ab} abc", "# # abc"),
        row("word-pattern-scripts", rule("a|ab", whole_word=True, unicode=True), "aé {r0:ab}", "aé #"),
        row(
            "word-undone",
            {"rules": [{"search": "-", "replace": "x", "literal": True}, *word["rules"]]},
            "cat{r0:-} {r1:cat}",
            "catx #",
        ),
        row(
            "word-made",
            {"rules": [{"search": "x", "replace": "-", "literal": True}, *word["rules"]]},
            "{r1:cat}{r0:x}",
            "#-",
        ),
        row("case-ascii", literal("kÉ", ignore_case=True), "{r0:KÉ} {r0:kÉ} ké \u212aÉ", "# # ké \u212aÉ"),
        row("case-scripts", kelvin, "{r0:KILO} {r0:\u212ailo} {r0:kilo}", "# # #"),
        row("case-scripts-long-s", literal("es", ignore_case=True, unicode=True), "{r0:e\u017f} {r0:ES} eß", "# # eß"),
        row(
            "case-scripts-eszett",
            literal("straße", ignore_case=True, unicode=True),
            "{r0:STRA\u1e9eE} STRASSE",
            "# STRASSE",
        ),
        row(
            "case-scripts-cyrillic",
            literal("привет", ignore_case=True, unicode=True),
            "{r0:ПРИВЕТ}, {r0:Привет}",
            "#, #",
        ),
        row("case-ascii-cyrillic", literal("привет", ignore_case=True), "ПРИВЕТ {r0:привет}", "ПРИВЕТ #"),
        row("case-pattern", rule("[a-c]+", ignore_case=True), "{r0:aBc}d", "#d"),
        row("case-flag", rule("abc", flags="i"), "{r0:ABC}", "#"),
        row("dot-flag", rule("a.b", flags="s"), "{r0:a\nb}", "#"),
        row("digits-ascii", rule(r"\d+"), "{r0:12} ٣٤", "# ٣٤"),
        row("digits-scripts", rule(r"\d+", unicode=True), "{r0:12} {r0:٣٤}", "# #"),
        row("plate", plate, "номер {r0:AB123456}, жAB123456 AB1234567", "номер #, жAB123456 AB1234567"),
        row(
            "plate-among-russian",
            plate,
            "Это длинный русский текст, " * 20 + "{r0:AB123456}",
            "Это длинный русский текст, " * 20 + "#",
        ),
        row("words-of-scripts", rule(r"\b\w+\b", "w", unicode=True), "{r0:слово} {r0:mot} {r0:言葉}", "w w w"),
        row("three-letters", rule(r"\b\w{3}\b", "w", unicode=True), "слово {r0:три} двай", "слово w двай"),
        row("astral", literal("\U0001f600", ":)"), "a{r0:\U0001f600}b", "a:)b"),
        row("combining", literal("é"), "{r0:é} e\u0301", "# e\u0301"),
        bytes_row(
            "bytes-literal",
            literal("é"),
            b"\xc3\xa9\xe2\xc3\xa9\xc3",
            b"#\xe2#\xc3",
            [finding("r0", 0, 2), finding("r0", 3, 5)],
        ),
        bytes_row(
            "bytes-dot",
            rule(".", "x"),
            b"a\xff\xed\xa0\x80\xe2\x82",
            b"xxxxx",
            [finding("r0", 0, 1), finding("r0", 1, 2), finding("r0", 2, 5), finding("r0", 5, 6), finding("r0", 6, 7)],
        ),
        bytes_row(
            "bytes-group-of-invalid",
            rule("(.)b", r"\1\1"),
            b"\xffb\xed\xa0\x80b\xed\xb2\x80b",
            b"\xff\xff\xed\xa0\x80\xed\xa0\x80\xed\xb2\x80\xed\xb2\x80",
            [finding("r0", 0, 2), finding("r0", 2, 6), finding("r0", 6, 10)],
        ),
        bytes_row(
            "bytes-word",
            literal("ab", whole_word=True, unicode=True),
            b"\xffab\xc3 ab\xc3\xa9",
            b"\xff#\xc3 ab\xc3\xa9",
            [finding("r0", 1, 3)],
        ),
        bytes_row(
            "bytes-fold",
            literal("k", ignore_case=True, unicode=True),
            b"\xff\xe2\x84\xaaK\xe2\x84k",
            b"\xff##\xe2\x84#",
            [finding("r0", 1, 4), finding("r0", 4, 5), finding("r0", 7, 8)],
        ),
    ]
