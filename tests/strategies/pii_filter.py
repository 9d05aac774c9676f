"""Texts and configurations for the PII filter: near-misses of every type, glued together in every way.

`text(rng)` is fast and serves millions of cases; `texts()` and `configs()` are the same for Hypothesis, which makes
failing cases small. Nothing here may know what an engine would find.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from pyplugins.core import data

_VECTORS = Path(__file__).parents[1] / "vectors/pii_filter.jsonl"
_TABLE = data.load("pii_filter", "labels.json")

#: Texts of the vectors: what somebody thought worth a row.
SEEDS = [row["input"] for row in map(json.loads, _VECTORS.read_text("utf-8").splitlines()) if row.get("input")]
LABELS = [phrase for row in _TABLE["labels"] for phrase in row["labels"]]
FILLERS: list[str] = _TABLE["fillers"]
SEPARATORS: str = _TABLE["separators"]
MONTHS = [name for names in data.load("pii_filter", "months.json")["months"] for name in names]
COUNTRIES = list(data.load("pii_filter", "iban.json")["lengths"])
CODES = list(data.load("pii_filter", "phone.json")["codes"])

#: What parts things: the separators of labels, the gaps of numbers, other scripts, what is no character at all.
GLUE = (
    *(
        "",
        "",
        " ",
        " ",
        "  ",
        "-",
        ".",
        "/",
        ":",
        "::",
        "@",
        "_",
        ",",
        ", ",
        "(",
        ")",
        ") ",
        "+",
        "#",
        "'",
        '"',
        "=",
        "|",
    ),
    *(
        "\t",
        "\n",
        "\0",
        "\u00a0",
        "\u3000",
        "：",
        "（",
        "\u2028",
        "\u200b",
        "<b>",
        "</td><td>",
        ">",
        "[",
        "]",
        "%",
        "T",
    ),
    *(
        "é",
        "ü",
        "я",
        "中",
        "谢谢",
        "안",
        "の",
        "😀",
        "\\",
        "\\n",
        "\\r\\n",
        "\\t",
        "\\b",
        "\\f",
        "\\u00e9",
        "\\ufeff",
        "\\u0020",
        "\\u12",
        "\\x",
        "\x01",
        "\x02",
        "\u0301",
        "\u017f",
        "\u212a",
        "\uff11",
        "\u0661",
        "\ud800",
        "\udcff",
    ),
)
WORDS = (
    "call",
    "from",
    "id",
    "v",
    "x",
    "A",
    "de",
    "del",
    "of",
    "am",
    "no",
    "on",
    "std",
    "interface",
    "face",
    "host.example",
)
TAILS = (
    "x22",
    "-A",
    "a",
    "_",
    ".5",
    ".",
    "..",
    "/",
    ":30",
    " 10:30",
    "T10:30",
    " geboren",
    "г.р.",
    "出生",
    "日",
    "-X",
    "-5",
)


def _digits(rng: Random, most: int = 20) -> str:
    return "".join(rng.choices("0123456789", weights=(2, 3, 2, 1, 2, 2, 1, 1, 1, 1), k=rng.randint(1, most)))


def _grouped(rng: Random) -> str:
    gaps = rng.choice((" ", "-", ".", "/", ":", " -./()", ". ", "  "))
    return "".join(_digits(rng, 6) + rng.choice(gaps) for _ in range(rng.randint(1, 6)))[: rng.randint(3, 30)]


def _date(rng: Random) -> str:
    day, month, year = rng.randint(0, 32), rng.randint(0, 13), rng.choice((rng.randint(1899, 2101), rng.randint(0, 99)))
    mark = rng.choice("/-..  ")
    name = rng.choice(MONTHS)
    named = rng.choice((name, name.upper(), name.title()))
    forms = (
        f"{day}{mark}{month}{mark}{year}",
        f"{year}{mark}{month:02d}{mark}{day:02d}",
        f"{year}{month:02d}{day:02d}",
        f"{day}{rng.choice(('', '.', 'st', 'TH'))} {named} {year}",
        f"{day} de {named} {rng.choice(('de', 'del', 'of'))} {year}",
        f"{named} {day}{rng.choice(('', ',', 'nd'))} {year}",
        f"{year}年{month}月{day}日",
        f"{year} 年 {month} 月 {day} 日",
    )
    return rng.choice(forms)


def _label(rng: Random) -> str:
    label = rng.choice(LABELS)
    label = rng.choice((label, label.upper(), label.title(), label.replace(" ", rng.choice(("_", "-", "")))))
    fillers = "".join(rng.choice((" ", "", "_")) + rng.choice(FILLERS) for _ in range(rng.choice((0, 0, 0, 1, 2, 3))))
    return label + fillers + "".join(rng.choices(SEPARATORS + "   ::", k=rng.choice((0, 1, 1, 2, 2, 9))))


def _address(rng: Random) -> str:
    if rng.random() < 0.5:
        return ".".join(str(rng.randint(0, 260)) for _ in range(rng.randint(3, 5)))
    groups = [f"{rng.getrandbits(rng.choice((4, 8, 16))):x}" for _ in range(rng.randint(1, 9))]
    groups[rng.randrange(len(groups))] = ""
    return rng.choice(("", ":", "::", "[")) + ":".join(groups) + rng.choice(("", ":", "::", "." + _digits(rng, 3)))


def _email(rng: Random) -> str:
    parts = (
        "alice",
        "b",
        "o'brien",
        "..",
        ".",
        "-",
        "用户",
        "üser",
        "почта",
        "a" * 63,
        "x-y",
        "com",
        "de",
        "png",
        "xn--p1ai",
        "c",
        "例え",
    )
    local = "".join(rng.choices(parts, k=rng.randint(0, 3)))
    return local + "@" + ".".join(rng.choices(parts, k=rng.randint(1, 4))) + rng.choice(("", "", "123", "-", "-x"))


def _iban(rng: Random) -> str:
    number = rng.choice(COUNTRIES) + "".join(rng.choices("0123456789ABZ", k=rng.randint(10, 32)))
    gap = rng.choice(("", "", " ", "-"))
    return gap.join(number[place : place + 4] for place in range(0, len(number), 4))


def _seed(rng: Random) -> str:
    seed = rng.choice(SEEDS)
    return seed if rng.random() < 0.7 else seed[rng.randrange(len(seed)) :]


def _international(rng: Random) -> str:
    return "+" + rng.choice(CODES) + rng.choice(("", " ", " (0)", "-", "(")) + _grouped(rng)


_MAKERS = (
    _seed,
    _seed,
    _label,
    _label,
    _digits,
    _grouped,
    _date,
    _address,
    _email,
    _iban,
    _international,
    lambda rng: rng.choice(GLUE),
    lambda rng: rng.choice(WORDS),
    lambda rng: rng.choice(TAILS),
)


def text(rng: Random) -> str:
    """One to five pieces, glued; now and then a character lost, doubled or changed."""
    pieces = []
    for _ in range(rng.randint(1, 5)):
        pieces += (rng.choice(_MAKERS)(rng), rng.choice(GLUE))
    whole = "".join(pieces)
    while whole and rng.random() < 0.3:
        at = rng.randrange(len(whole))
        whole = whole[:at] + rng.choice(("", whole[at] * 2, rng.choice(GLUE), rng.choice("0159aZ"))) + whole[at + 1 :]
    return whole


def config(rng: Random) -> dict[str, Any]:
    """Mostly the defaults; else any switches, strategies, patterns and small limits."""
    if rng.random() < 0.3:
        return {}
    chosen: dict[str, Any] = {"hash_key": "key"}
    strategies = ("redact", "partial", "hash", "tokenize", "remove")
    for row in data.load("pii_filter", "types.json"):
        if rng.random() < 0.15:
            chosen[row["key"]] = False
        if rng.random() < 0.2:
            chosen.setdefault("mask_strategies", {})[row["name"]] = rng.choice(strategies)
    if rng.random() < 0.6:
        chosen["default_mask_strategy"] = rng.choice(strategies)
    if rng.random() < 0.2:
        chosen["redaction_text"] = rng.choice(("", "#", "«✂»", "1", "a@example.com"))
    if rng.random() < 0.2:
        chosen["block_on_detection"] = True
    if rng.random() < 0.3:
        chosen["custom_patterns"] = [_custom(rng) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.2:
        chosen["whitelist_patterns"] = rng.choices(
            ("^a", "example", "\\d{4}$", "555", "[é-ü]", "."), k=rng.randint(1, 2)
        )
    if rng.random() < 0.1:
        chosen["max_findings"] = rng.randint(1, 3)
    if rng.random() < 0.1:
        chosen["max_text_bytes"] = rng.randint(1, 200)
    return chosen


def _custom(rng: Random) -> dict[str, Any]:
    pattern = rng.choice(
        ("EMP-\\d{4}", "\\d{3}", "[a-z]{2,5}@", "\\bcall\\b", "ü+", "...", "(?i)ssn", "\\d{2,4}-\\d{2}", "[^a]\\d")
    )
    made: dict[str, Any] = {"pattern": pattern}
    if rng.random() < 0.4:
        made["mask_strategy"] = rng.choice((None, "partial", "remove", "hash"))
    if rng.random() < 0.2:
        made["enabled"] = rng.random() < 0.5
    return made


def texts() -> st.SearchStrategy[str]:
    """Texts that Hypothesis can make small."""
    pieces = st.one_of(
        st.sampled_from(SEEDS),
        st.sampled_from(LABELS + FILLERS),
        st.sampled_from(GLUE + WORDS + TAILS),
        st.sampled_from(MONTHS),
        st.text(alphabet="0123456789", min_size=1, max_size=20),
        st.text(alphabet="0159 -./():@+_aZ", max_size=12),
        st.text(max_size=4),
    )
    return st.lists(pieces, max_size=6).map("".join)


def configs() -> st.SearchStrategy[dict[str, Any]]:
    """Configurations that the schema accepts."""
    return st.randoms(use_true_random=False).map(config)
