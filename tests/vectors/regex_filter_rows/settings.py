"""Actions, excuses, names, limits, refusals."""

from __future__ import annotations

from typing import Any

from ._write import Row, finding, refused, row


def rules(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"rules": list(rows), **more}


def all_rows() -> list[Row]:
    word = {"search": "bad", "replace": "good"}
    card = {"search": r"\d{4}", "replace": "****"}
    return [
        row("action-audit", rules(word | {"action": "audit"}), "{r0!audit:bad}"),
        row("action-block", rules(word | {"action": "block"}), "{r0!block:bad}"),
        row(
            "action-block-and-replace",
            rules(word | {"action": "block"}, {"search": "b", "replace": "B"}),
            "bad",
            "Bad",
            [finding("r1", 0, 1), finding("r0", 0, 3, "block")],
        ),
        row(
            "action-default",
            rules(word, {"search": "x", "replace": "y", "action": "replace"}, action="block"),
            "{r0!block:bad} {r1:x}",
            "bad y",
        ),
        row("action-default-of-words", {"words": [word], "action": "audit"}, "{w0!audit:bad}"),
        row(
            "audit-sees-the-text-of-now",
            rules(word, {"search": "good", "action": "audit"}),
            "bad good",
            "good good",
            [finding("r0", 0, 3), finding("r1", 0, 3, "audit", derived=True), finding("r1", 4, 8, "audit")],
        ),
        row("redaction-text", rules({"search": "bad"}), "{r0:bad}", "[REDACTED]"),
        row("redaction-text-set", rules({"search": "bad", "literal": True}, redaction_text=r"\1"), "{r0:bad}", r"\1"),
        row("replace-null", rules({"search": "bad", "replace": None}, redaction_text="-"), "{r0:bad}", "-"),
        row("disabled", rules(word | {"enabled": False}, {"search": "a", "replace": "A"}), "b{r1:a}d", "bAd"),
        row("name", rules(word | {"name": "swear"}), "bad", "good", [finding("swear", 0, 3)]),
        row(
            "name-twice",
            rules({"search": "a", "name": "n"}, {"search": "b", "name": "n"}, redaction_text="-"),
            "ab",
            "--",
            [finding("n", 0, 1), finding("n", 1, 2)],
        ),
        row(
            "words-before-rules",
            {"rules": [{"search": "b", "replace": "c"}], "words": [{"search": "a", "replace": "b"}]},
            "a",
            "c",
            [finding("w0", 0, 1), finding("r0", 0, 1, derived=True)],
        ),
        row("allow", rules(card | {"allow": ["^41"]}), "4111 {r0:5222}", "4111 ****"),
        row("allow-anywhere-in-the-match", rules(card | {"allow": ["2"]}), "4112 {r0:5333}", "4112 ****"),
        row("allow-sees-the-match-alone", rules(card | {"allow": [r"\b1234\b"]}), "x1234y", None, []),
        row(
            "allow-for-all",
            rules(card, {"search": "[a-z]+", "replace": "w"}, allow=["^4", "ok"]),
            "4111 {r0:5222} okay {r1:no}",
            "4111 **** okay w",
        ),
        row(
            "allow-for-words", {"words": [{"search": ".+", "replace": "x"}], "allow": ["secret"]}, "no secret", None, []
        ),
        row(
            "allow-case-of-the-rule",
            rules({"search": "[A-Z]+", "replace": "-", "ignore_case": True, "allow": ["ok"]}),
            "OK {r0:no}",
            "OK -",
        ),
        row("allow-goes-on-behind", rules({"search": "aa", "replace": "-", "allow": ["^aa$"]}), "aaa", None, []),
        row(
            "allow-literal-rule",
            rules({"search": "aa", "replace": "-", "literal": True, "allow": ["a"]}),
            "aa",
            None,
            [],
        ),
        row(
            "defaults",
            rules(
                {"search": "AB", "replace": "-"},
                {"search": "cd", "replace": "-", "ignore_case": False, "whole_word": False},
                ignore_case=True,
                whole_word=True,
            ),
            "{r0:ab} abx {r1:cd}x CD",
            "- abx -x CD",
        ),
        row(
            "defaults-unicode",
            rules(
                {"search": r"\d", "replace": "-"},
                {"search": "é", "replace": "-", "unicode": False, "ignore_case": True},
                unicode=True,
            ),
            "{r0:٣}É",
            "-É",
        ),
        row("findings-at-the-limit", rules(word, max_findings=2), "{r0:bad} {r0:bad}", "good good"),
        refused("findings-over-the-limit", rules(word, max_findings=2), 43, "", "bad bad bad"),
        refused(
            "findings-over-the-limit-by-two-rules",
            rules(word, {"search": "x", "action": "audit"}, max_findings=2),
            43,
            "",
            "bad bad x",
        ),
        row("excused-are-no-findings", rules(word, allow=["bad"], max_findings=1), "bad bad bad", None, []),
        row("text-at-the-limit", rules(word, max_text_bytes=4), "éab", None, []),
        refused("text-over-the-limit", rules(word, max_text_bytes=4), 40, "", "éabc"),
        row("output-at-the-limit", rules(word, max_output_bytes=9), "{r0:bad} {r0:bad}", "good good"),
        refused("output-over-the-limit", rules(word, max_output_bytes=8), 40, "", "bad bad"),
        refused(
            "output-over-the-limit-between",
            rules({"search": "a", "replace": "bbbb"}, {"search": "b+", "replace": ""}, max_output_bytes=9),
            40,
            "",
            "aaa",
        ),
        row("output-limit-is-for-what-is-written", rules(word, max_output_bytes=2), "long and clean"),
        refused(
            "output-that-doubles",
            {
                "words": [
                    {
                        "search": ".",
                        "replace": r"\g<0>\g<0>",
                    }
                ]
                * 30,
                "max_output_bytes": 1000,
            },
            40,
            "",
            "ab",
        ),
        refused(
            "findings-before-output",
            rules({"search": "a", "replace": "bbbb"}, max_findings=1, max_output_bytes=1),
            43,
            "",
            "aa",
        ),
        refused(
            "output-of-an-earlier-rule-before-findings",
            rules({"search": "a", "replace": "bbbb"}, {"search": "b"}, max_findings=3, max_output_bytes=5),
            40,
            "",
            "aa",
        ),
        refused("refused-pattern", rules(word, {"search": "a(b"}), 25, "$.rules[1].search"),
        refused("refused-word", {"words": [{"search": "[[a]]", "replace": ""}]}, 25, "$.words[0].search"),
        refused("refused-lookaround", rules({"search": "(?=a)"}), 25, "$.rules[0].search"),
        refused("refused-even-disabled", rules({"search": "(a", "enabled": False}), 25, "$.rules[0].search"),
        refused("refused-search-before-replace", rules({"search": "(a", "replace": r"\q"}), 25, "$.rules[0].search"),
        refused(
            "refused-first-rule-first",
            rules({"search": "a", "replace": r"\q"}, {"search": "(a"}),
            25,
            "$.rules[0].replace",
        ),
        refused("refused-allow", rules({"search": "a", "allow": ["a", "a**"]}), 25, "$.rules[0].allow[1]"),
        refused("refused-allow-for-all-first", rules({"search": "(a"}, allow=["a**"]), 25, "$.allow[0]"),
        refused("refused-size", rules({"search": "((a{100}){100}){100}"}), 26, "$.rules[0].search"),
        refused(
            "refused-size-of-all",
            rules(*[{"search": "a{1000}b{1000}c{1000}d{1000}e{1000}"}] * 21),
            26,
            "$.rules[19].search",
        ),
        refused("refused-syntax", rules({"search": "a", "syntax": "perl"}), 24, "$.rules[0].syntax"),
        refused("refused-flags", rules({"search": "a", "flags": "ix"}), 24, "$.rules[0].flags"),
        refused("refused-flag-twice", rules({"search": "a", "flags": "ii"}), 24, "$.rules[0].flags"),
        refused("refused-action", rules({"search": "a", "action": "drop"}), 24, "$.rules[0].action"),
        refused("refused-key", rules({"search": "a", "colour": 1}), 22, "$.rules[0].colour"),
        refused("refused-no-search", rules({"replace": "a"}), 22, "$.rules[0].search"),
        refused("refused-no-replace", {"words": [{"search": "a"}]}, 22, "$.words[0].replace"),
        refused("refused-empty-search", rules({"search": ""}), 24, "$.rules[0].search"),
        refused("refused-type", rules({"search": "a", "literal": 1}), 23, "$.rules[0].literal"),
        refused("refused-null-literal", rules({"search": "a", "literal": None}), 23, "$.rules[0].literal"),
    ]
