"""The section of regex_filter: our filter beside Python's `re` as the gateway's search-and-replace plugin uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from bench.plugin import OWN, Concurrency, Memory, Plugin, Workload
from bench.plugins.regex_filter.rules import RULES, payload, text
from bench.plugins.regex_filter.subjects import SUBJECTS, compiled
from bench.processes import Process
from bench.promises import Against, Everywhere, Speed, Threads, Within
from bench.texts import KIB, MIB
from bench.verify import answers, same


def _on(rules: str, words: str, name: str, size: int, **more: Any) -> Workload:
    return Workload(words, f"process {rules}", _text(name, size), **more)


def _text(name: str, size: int) -> Callable[[], str]:
    return lambda: text(name, size)


OWN_USE = "10 rules, 4 KiB, 1 % hits"
WORDS = "1,000 literal words, 4 KiB, 1 % hits"
WORDS_LONG = "1,000 literal words, 1 MiB, 1 % hits"
RUSSIAN = "unicode: \\b[A-Z]{2}\\d{6}\\b, Russian, 1 MiB"
NOT_ASCII = (
    RUSSIAN,
    "unicode: \\b[A-Z]{2}\\d{6}\\b, German, 1 MiB",
    "unicode: \\b[A-Z]{2}\\d{6}\\b, Chinese, 1 MiB",
    "unicode: (?i)\\b with a Russian word, 1 MiB",
    "10 rules, Russian, 1 MiB",
)
HOSTILE = "(a+)+$ on 50,000 letters a and one b"

WORKLOADS = (
    _on("ten", OWN_USE, "hits", 4 * KIB, named=True),
    _on("thousand", WORDS, "literals", 4 * KIB, named=True),
    _on("passport", RUSSIAN, "russian", MIB, fresh=True, named=True),
    _on("passport", NOT_ASCII[1], "german", MIB, fresh=True),
    _on("passport", NOT_ASCII[2], "chinese", MIB, fresh=True),
    _on("russian word", NOT_ASCII[3], "russian", MIB, fresh=True),
    _on("ten", NOT_ASCII[4], "russian", MIB, fresh=True),
    _on("ten", "10 rules, 200 B, clean", "prose", 200),
    _on("ten", "10 rules, 64 KiB, clean", "prose", 64 * KIB),
    _on("ten", "10 rules, 64 KiB, 1 % hits", "hits", 64 * KIB),
    _on("ten", "10 rules, 64 KiB, 12 % hits", "dense", 64 * KIB),
    _on("ten", "10 rules, log lines, 1 MiB", "log", MIB),
    _on("thousand", WORDS_LONG, "literals", MIB),
    _on("thousand", "1,000 literal words, 200 B, clean", "prose", 200),
    _on("one word", "one literal word, 1 MiB", "prose", MIB),
    _on("alternation", "\\b(?:winter|summer|spring|autumn)\\b, 1 MiB", "prose", MIB),
    _on("dates", "dates with groups in the template, log lines, 1 MiB", "log", MIB),
    _on("classes", "[aeiou]{3,}, 1 MiB", "prose", MIB),
    _on("ignore case", "(?i) four words, log lines, 1 MiB", "log", MIB),
    _on("lines", "(?m) whole lines, log lines, 1 MiB", "log", MIB),
    Workload("process_nested, 10 rules, 40 strings", "nested", payload),
    Workload("process_many, 10 rules, log lines of 64 KiB", "many", lambda: text("log", 64 * KIB).split("\n")),
    Workload("new filter, 10 rules", "new", lambda: None),
    _on("nested loop", HOSTILE, "nested loop", 50_001, subjects=OWN),
)


def verify(processes: Mapping[str, Process], plugin: Plugin, workloads: Iterable[Workload]) -> dict[str, Any]:
    """All give the same text, which is that of `re` where `re` takes part; counts are the replacements made."""
    agreed = {}
    for workload in workloads:
        if workload.operation != "new":
            same(workload.name, answers(processes, plugin, workload))
            agreed[workload.name] = {"findings": {"replaced": _replaced(workload)}}
    return agreed


def _replaced(workload: Workload) -> int:
    """How many replacements `re` makes, rule by rule; the pattern that would never end makes none."""
    if "re" not in (workload.subjects or SUBJECTS):
        return 0
    rules = compiled(RULES[workload.operation.removeprefix("process ")] if " " in workload.operation else RULES["ten"])
    total = 0
    for one in workload.texts():
        for pattern, replacement in rules:
            one, count = pattern.subn(replacement, one)
            total += count
    return total


PLUGIN = Plugin(
    name="regex_filter",
    subjects=SUBJECTS,
    workloads=WORKLOADS,
    verify=verify,
    verified="all gave the same text, byte for byte",
    verified_title=("What all agree on, before timing", "replacements"),
    promises=(
        Against("re", "Python re, in sequence", 8, (OWN_USE,)),
        Against("re", "Python re, in sequence", 30, (WORDS, WORDS_LONG)),
        Everywhere("every text", "re", "Python re, in sequence", 1),
        Speed(50, NOT_ASCII),
        Within(10, (HOSTILE,)),
        Within(500, (HOSTILE,), mine="python"),
        Threads("two threads, 64 KiB with 1 % hits", 1.7),
    ),
    concurrency=Concurrency(
        subjects=("cffi", "ctypes", "re"),
        threads="10 rules, 64 KiB, 1 % hits",
        threads_title="10 rules on 64 KiB with 1 % hits",
        spin="10 rules, 200 B, clean",
        spin_title="A call with 10 rules and 200 bytes",
    ),
    memory=Memory("process ten", "warm up", {name: partial(text, name) for name in ("log", "russian")}),
)
