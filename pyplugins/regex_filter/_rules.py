"""The rules of a configuration, and one rule's pass over a text.

Twin of rustlib/engines/regex_filter/src/{settings,rule,literal}.rs. Rules are read in order, of each: syntax, flags,
search, replace, allow. It must never skip a rule that is wrong, enabled or not.
Tests: tests/unit/test_regex_filter_parts.py, tests/vectors/regex_filter.jsonl.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pyplugins.core.faults import fault
from pyplugins.core.overlap import AUDIT, BLOCK, REPLACE
from pyplugins.core.pattern import Options, Pattern, PatternSet, Span, TooMuchWork, parsed, tree
from pyplugins.regex_filter._origins import Edit, T
from pyplugins.regex_filter._template import Template
from pyplugins.regex_filter._text import ASCII, EXACT, UNICODE, Views, fold, is_word

#: Limits of one pattern.
OPTIONS = Options(max_bytes=4_096, max_alternatives=1_000, max_quantifiers=256, max_size=20_000)
#: Size of all patterns together, and bytes of all literals, as in Rust.
MAX_TOTAL_SIZE = 200_000
MAX_LITERAL_BYTES = 2_000_000

#: For fewer whole words than this a text is not taken apart into words.
MANY_WORDS = 64

ACTIONS = {"audit": AUDIT, "replace": REPLACE, "block": BLOCK}
FLAGS = "ims"

_CAPITALS = {code: code - 32 for code in range(0x61, 0x7B)}

#: Characters and escaped signs: a pattern of nothing else is plain text.
_PLAIN = re.compile(r"(?:[^\\^$.|()\[{*+?]|\\[^0-9A-Za-z<>\x80-\U0010ffff])+\Z")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

#: The groups of a match, made only when asked for.
Groups = Callable[[], Sequence[Span | None]]


class Literal:
    """Plain text: exact, or with letters in any case; alone, or only as a whole word."""

    runs = "literal"
    names: Sequence[str | None] = (None,)

    def __init__(self, text: str, options: Options) -> None:
        self.case = EXACT if not options.ignore_case else UNICODE if options.unicode else ASCII
        self._needle = fold(text, self.case)
        #: A whole word of ASCII is one of the words that a text falls into.
        self.is_token = options.whole_word and not options.unicode and all(is_word(char, False) for char in text)
        self._options = options

    def matches(self, views: Views) -> Iterator[tuple[Span, Groups]]:
        """Each occurrence, left to right and apart."""
        text, view, needle = views.text, views.of(self.case), self._needle
        at = view.find(needle)
        while at >= 0:
            end = at + len(needle)
            if self._fits(text, at, end):
                yield (at, end), _no_groups
                at = view.find(needle, end)
            else:
                at = view.find(needle, at + 1)

    def replaced(self, views: Views, template: Template, most: int) -> tuple[int, str] | None:
        """How many occurrences there are, and the text with all of them replaced; None when that takes a closer look.

        Only for a template without groups and a rule that excuses nothing.
        """
        if self._options.whole_word or self.case != EXACT or template.plain is None:
            return None
        count = views.text.count(self._needle)
        return count, views.text.replace(self._needle, template.plain) if 0 < count <= most else views.text

    def is_absent(self, views: Views) -> bool:
        """Whether a quick look shows that nothing matches."""
        if self.is_token:
            return self._needle not in views.tokens(self.case)
        return self._needle not in views.of(self.case)

    def _fits(self, text: str, start: int, end: int) -> bool:
        if not self._options.whole_word:
            return True
        scripts = self._options.unicode
        beside = (start > 0 and is_word(text[start - 1], scripts)) or (end < len(text) and is_word(text[end], scripts))
        return not beside


class Portable:
    """A portable pattern."""

    runs = "pattern"

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self.names: list[str | None] = [None] * (pattern.group_count + 1)
        for name, index in pattern.group_names.items():
            self.names[index] = name

        #: What every match starts with, as it is or in capitals, and the view that shows it.
        self._lead = pattern.prefix, EXACT
        if not pattern.prefix and pattern.capital_prefix:
            self._lead = pattern.capital_prefix, ASCII
        self._needs = tree.needed(pattern.node)

    def replaced(self, views: Views, template: Template, most: int) -> tuple[int, str] | None:
        """How many matches there are, and the text with all of them replaced; None when that takes a closer look."""
        compiled = self.pattern.compiled
        if compiled is None or self.pattern.can_be_empty or template.source is None:
            return None
        text, count = compiled.subn(template.source, views.text)
        return count, text

    def is_absent(self, views: Views) -> bool:
        """Whether a quick look shows that nothing matches."""
        lead, case = self._lead
        return self._needs not in views.text or (bool(lead) and lead not in views.of(case))

    def matches(self, views: Views) -> Iterator[tuple[Span, Groups]]:
        """Each match, by the iteration rule of docs/patterns.md."""
        text, pattern = views.text, self.pattern
        for span in _all(pattern, text):
            yield span, lambda start=span[0]: pattern.captures_at(text, start) or ()  # type: ignore[misc]


def _all(pattern: Pattern, text: str) -> Iterator[Span]:
    try:
        yield from pattern.limited(text)
    except TooMuchWork:
        raise fault("pattern_work") from None


def _no_groups() -> Sequence[Span | None]:
    return ()


class Pass(NamedTuple):
    """What one rule did to one text: matches that are not excused, and what changes."""

    found: list[Span]
    edits: list[Edit[str]]


@dataclass(frozen=True)
class Rule:
    """One rule."""

    name: str
    enabled: bool
    action: int
    search: Any
    template: Template
    preserve_case: bool
    #: A match in which one of them matches is excused: the rule's own, and those of all rules.
    allow: tuple[PatternSet, ...]

    def pass_over(self, views: Views, most_findings: int, size: Callable[[str], int], most_bytes: int) -> Pass:
        """All matches in the text.

        Raises:
            InputTooLarge: more findings, or a larger text, than the limit.
        """
        text = views.text
        if self.search.is_absent(views):
            return Pass([], [])
        found: list[Span] = []
        edits: list[Edit[str]] = []
        written = 0
        for span, groups in self.search.matches(views):
            start, end = span
            if any(allow.is_match(text[start:end]) for allow in self.allow):
                continue
            found.append(span)
            if len(found) > most_findings:
                break
            if self.action != REPLACE or written > most_bytes:
                continue
            new = self.template.expand(text, span, groups)
            if self.preserve_case:
                new = follow_case(text[start:end], new)
            if new != text[start:end]:
                edits.append((start, end, new))
                written += len(new)
        if len(found) > most_findings:
            raise fault("too_many_findings", a=len(found), b=most_findings)
        if edits and self._is_over(text, edits, size, most_bytes):
            raise fault("output_too_large", b=most_bytes)
        return Pass(found, edits)

    def rewrite(self, views: Views, most_findings: int, size: Callable[[str], int], most_bytes: int) -> tuple[int, str]:
        """`pass_over` for those who want the text alone: how many matches, and the text they leave.

        Raises:
            InputTooLarge: more findings, or a larger text, than the limit.
        """
        if self.search.is_absent(views):
            return 0, views.text
        quick: tuple[int, str] | None = None
        if self._is_simple():
            quick = self.search.replaced(views, self.template, most_findings)
        if quick is None or 4 * len(quick[1]) > most_bytes or quick[0] > most_findings:
            found, edits = self.pass_over(views, most_findings, size, most_bytes)
            return len(found), rewrite(views.text, edits) if edits else views.text
        return quick

    def _is_simple(self) -> bool:
        return self.action == REPLACE and not (self.allow or self.preserve_case)

    @staticmethod
    def _is_over(text: str, edits: list[Edit[str]], size: Callable[[str], int], most_bytes: int) -> bool:
        # A character is at most four bytes.
        if 4 * (len(text) + sum(len(new) for _, _, new in edits)) <= most_bytes:
            return False
        removed = sum(size(text[start:end]) for start, end, _ in edits)
        return size(text) - removed + sum(size(new) for _, _, new in edits) > most_bytes


def rewrite(text: T, edits: list[Edit[T]]) -> T:
    """The text with its edits made."""
    pieces: list[T] = []
    at = 0
    for start, end, new in edits:
        pieces += (text[at:start], new)
        at = end
    pieces.append(text[at:])
    return text[:0].join(pieces)


def follow_case(found: str, new: str) -> str:
    """Writes a replacement as the match is written: in capitals when the match has at least two letters and all are
    capitals; with a capital when its first letter is one. ASCII letters only.

    >>> follow_case("SECRET", "word"), follow_case("Secret", "[word]"), follow_case("secret", "word")
    ('WORD', '[Word]', 'word')
    """
    letters = [char for char in found if char.isascii() and char.isalpha()]
    if not letters or not letters[0].isupper():
        return new
    if len(letters) > 1 and all(char.isupper() for char in letters):
        return new.translate(_CAPITALS)
    for at, char in enumerate(new):
        if char.isascii() and char.isalpha():
            return new[:at] + char.upper() + new[at + 1 :]
    return new


def plain_text(pattern: str) -> tuple[str, bool] | None:
    r"""The text that a pattern stands for, if it is nothing but characters; and with ``\b`` around a word, that it must
    be whole.

    >>> plain_text(r"a\.b"), plain_text(r"\bword\b"), plain_text("a.b")
    (('a.b', False), ('word', True), None)
    """
    whole = len(pattern) > 4 and pattern.startswith("\\b") and pattern.endswith("\\b")
    inside = pattern[2:-2] if whole else pattern
    if not _PLAIN.match(inside):
        return None
    text = _ESCAPED.sub(r"\1", inside)
    if whole and not (is_word(text[0], False) and is_word(text[-1], False)):
        return None
    return text, whole


def read(settings: Mapping[str, Any]) -> list[Rule]:
    """The rules of a configuration that the schema has accepted: `words`, then `rules`.

    Raises:
        ConfigError: the first rule that is wrong; `path` names it.
    """
    reader = _Reader(settings)
    rules = [
        reader.rule(row, f"{key}[{index}]") for key in ("words", "rules") for index, row in enumerate(settings[key])
    ]
    tokens = [rule.search for rule in rules if isinstance(rule.search, Literal) and rule.search.is_token]
    if len(tokens) < MANY_WORDS:
        for literal in tokens:
            literal.is_token = False
    return rules


class _Reader:
    """Reads rules one after the other."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._total_size = 0
        self._literal_bytes = 0
        self._options = replace(
            OPTIONS,
            ignore_case=settings["ignore_case"],
            whole_word=settings["whole_word"],
            unicode=settings["unicode"],
        )
        self._allow = self._patterns(settings["allow"], "$.allow", self._options)

    def rule(self, row: Mapping[str, Any], place: str) -> Rule:
        path = f"$.{place}"
        if row.get("syntax") == "python":
            raise fault("pattern_python", f"{path}.syntax")
        flags = row.get("flags", "")
        if len(set(flags)) < len(flags) or set(flags).difference(FLAGS):
            raise fault("config_enum", f"{path}.flags")
        options = self.options(row, flags)
        search = self._search(row, options, f"{path}.search")
        return Rule(
            name=row.get("name") or place,
            enabled=row.get("enabled", True),
            action=ACTIONS[row.get("action") or self._settings["action"]],
            search=search,
            template=self._template(row, search, f"{path}.replace"),
            preserve_case=row.get("preserve_case", False),
            allow=tuple(
                one
                for one in (self._patterns(row.get("allow", ()), f"{path}.allow", options), self._allow)
                if one.patterns
            ),
        )

    def options(self, row: Mapping[str, Any], flags: str) -> Options:
        """What the row says, and the configuration where it says nothing."""

        def truth(key: str) -> bool:
            own = row.get(key)
            return bool(getattr(self._options, key) if own is None else own)

        return replace(
            self._options,
            ignore_case=truth("ignore_case") or "i" in flags,
            whole_word=truth("whole_word"),
            unicode=truth("unicode"),
            multi_line="m" in flags,
            dot_all="s" in flags,
        )

    def _search(self, row: Mapping[str, Any], options: Options, path: str) -> Literal | Portable:
        text = row["search"]
        if not row.get("literal"):
            plain = plain_text(text)
            if plain is None:
                return Portable(self._pattern(text, options, path))
            text, whole = plain
            options = replace(options, whole_word=options.whole_word or whole)
        self._literal_bytes += len(text.encode())
        if self._literal_bytes > MAX_LITERAL_BYTES:
            raise fault("pattern_size", path, self._literal_bytes, MAX_LITERAL_BYTES)
        return Literal(text, options)

    def _template(self, row: Mapping[str, Any], search: Literal | Portable, path: str) -> Template:
        text = row.get("replace")
        if text is None:
            return Template((self._settings["redaction_text"],))
        return Template((text,)) if row.get("literal") else Template.parse(text, search.names, path)

    def _patterns(self, texts: Sequence[str], path: str, options: Options) -> PatternSet:
        """Excuses are read within the match, therefore without its surroundings."""
        inside = replace(options, whole_word=False, multi_line=False, dot_all=False)
        return PatternSet([self._pattern(text, inside, f"{path}[{index}]") for index, text in enumerate(texts)])

    def _pattern(self, text: str, options: Options, path: str) -> Pattern:
        pattern = parsed(text, path, options)
        self._total_size += pattern.size
        if self._total_size > MAX_TOTAL_SIZE:
            raise fault("pattern_size", path, self._total_size, MAX_TOTAL_SIZE)
        return pattern
