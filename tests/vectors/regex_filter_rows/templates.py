"""Replacement templates, and case kept."""

from __future__ import annotations

from ._write import Row, refused, row

DATE = r"(?P<y>\d{4})-(\d\d)"


def all_rows() -> list[Row]:
    def template(replace: str) -> dict[str, object]:
        return {"words": [{"search": DATE, "replace": replace}]}

    good = {
        "number": (r"\2/\1", "05/2026"),
        "name": (r"\g<2>/\g<y>", "05/2026"),
        "whole": (r"[\g<0>]", "[2026-05]"),
        "leading-zeros": (r"\g<002>", "05"),
        "digit-behind": (r"\g<2>0", "050"),
        "escapes": (r"\n\t\\\a\b\f\r\v", "\n\t\\\a\b\f\r\v"),
        "octal": (r"\101\0\018\60x", None),
        "octal-high": (r"\377\1", "\u00ff2026"),
        "other-escapes-stay": (r"\.\-\é", r"\.\-\é"),
        "empty": ("", ""),
        "text": ("{$1} é", "{$1} é"),
    }
    rows = [
        row(f"template-{name}", template(replace), "on {w0:2026-05}", f"on {output}")
        for name, (replace, output) in good.items()
        if output is not None
    ]
    rows.append(row("template-octal", template(r"\101\0\018\060x"), "{w0:2026-05}", "A\x00\x0180x"))
    bad = {
        "unknown-escape": r"a\q",
        "hex": r"\x41",
        "trailing-backslash": "ab\\",
        "octal-too-large": r"\400",
        "unfinished": r"\g<y",
        "no-bracket": r"\g",
        "no-name": r"\g<>",
        "bad-name": r"\g<1y>",
        "unknown-name": r"\g<month>",
        "unknown-number": r"\3",
        "two-digits": r"\28",
        "huge-number": r"\g<99999999999999999999999>",
    }
    rows += [
        refused(f"template-refused-{name}", template(replace), 25, "$.words[0].replace")
        for name, replace in bad.items()
    ]
    unmatched = {"words": [{"search": "(a)|(b)", "replace": r"<\1\2>"}]}
    case = {"rules": [{"search": "secret", "replace": "hidden é", "ignore_case": True, "preserve_case": True}]}
    return [
        *rows,
        row("template-group-without-part", unmatched, "{w0:b}{w0:a}", "<b><a>"),
        row("template-last-turn", {"words": [{"search": "(a|b)+", "replace": r"\1"}]}, "{w0:aab}", "b"),
        row(
            "template-is-text-with-literal",
            {"rules": [{"search": "a", "replace": r"\1\q", "literal": True}]},
            "{r0:a}",
            r"\1\q",
        ),
        row(
            "template-reads-the-text-of-now",
            {"words": [{"search": "a", "replace": "b"}, {"search": "(b)c", "replace": r"\1\1"}]},
            "ac",
            "bb",
            [["words[0]", 0, 1, "replace", 1000], ["words[1]", 0, 2, "replace", 1000, "derived"]],
        ),
        row("case-capitals", case, "{r0:SECRET}", "HIDDEN é"),
        row("case-capital", case, "{r0:Secret}", "Hidden é"),
        row("case-small", case, "{r0:secret}", "hidden é"),
        row("case-mixed", case, "{r0:sECRET}", "hidden é"),
        row("case-mixed-capital-first", case, "{r0:SeCRET}", "Hidden é"),
        row(
            "case-one-letter",
            {"rules": [{"search": "i", "replace": "we", "ignore_case": True, "preserve_case": True}]},
            "{r0:I}",
            "We",
        ),
        row(
            "case-behind-others",
            {"rules": [{"search": "-x", "replace": "-yz", "ignore_case": True, "preserve_case": True}]},
            "{r0:-X}",
            "-Yz",
        ),
    ]
