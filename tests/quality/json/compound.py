"""Several mistakes of different kinds in one larger document, each in a place of its own.

For: `corpus.py`, the collection `fresh`. Never: puts two mistakes where one hides the other.
Tests: `test_json_quality.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .making import Case, Maker, is_word, is_words, strings
from .tokens import Token, following, places, text

Edit = Callable[[Maker, list[Token], set[int]], bool]


def _free(found: list[int], taken: set[int]) -> list[int]:
    """Places with nothing changed at them or beside them."""
    return [at for at in found if not taken & {at - 2, at - 1, at, at + 1, at + 2}]


def _spell(maker: Maker, made: list[Token], taken: set[int], found: list[int], how: Callable[[Token], str]) -> bool:
    left = _free(found, taken)
    if not left:
        return False
    at = maker.rng.choice(left)
    made[at] = made[at].spelled(how(made[at]))
    taken.add(at)
    return True


def _bare_key(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    return _spell(maker, made, taken, strings(made, is_word, "key"), lambda t: str(t.value))


def _open_key(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    return _spell(maker, made, taken, strings(made, is_word, "key"), lambda t: t.text[1:])


def _single(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    plain = strings(made, lambda s: s.isprintable() and not set(s) & set("'\"\\"), "key", "str")
    return _spell(maker, made, taken, plain, lambda t: f"'{t.value}'")


def _curly(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    plain = strings(made, lambda s: s.isprintable() and not set(s) & set("'\"\\“”"), "key", "str")
    return _spell(maker, made, taken, plain, lambda t: f"“{t.value}”")


def _bare_value(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    return _spell(maker, made, taken, strings(made, is_words, "str"), lambda t: str(t.value))


def _no_comma(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    quoted = [
        at for at in places(made, ",") if made[following(made, at)].kind == "key" and made[at - 1].text[-1:] in '"}]'
    ]
    return _spell(maker, made, taken, quoted, lambda t: " ")


def _doubled_comma(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    before_key = [at for at in places(made, ",") if made[following(made, at)].kind == "key"]
    return _spell(maker, made, taken, before_key, lambda t: ",,")


def _trailing(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    full = [at for at in places(made, "}", "]") if made[at].value]
    return _spell(maker, made, taken, full, lambda t: "," + t.text)


def _ellipsis(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    full = [at for at in places(made, "]") if made[at].value]
    return _spell(maker, made, taken, full, lambda t: ", ..." + t.text)


def _comment(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    return _spell(maker, made, taken, places(made, ",", "{", "["), lambda t: f"{t.text} /* {maker.say('comment')} */ ")


def _line_comment(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    sign = maker.rng.choice(("//", "#"))
    return _spell(maker, made, taken, places(made, ",", "{"), lambda t: f"{t.text} {sign} {maker.say('comment')}\n")


def _constant(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    return _spell(maker, made, taken, places(made, "const"), lambda t: str(t.value))


def _mongodb(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    return _spell(maker, made, taken, places(made, "num"), lambda t: f"NumberLong({t.text})")


def _joined(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    plain = strings(made, lambda s: len(s) > 3 and s.isprintable() and not set(s) & set("\"\\'"), "str")
    return _spell(maker, made, taken, plain, lambda t: f"{json.dumps(t.value[:2])} + {json.dumps(t.value[2:])}")


def _broken_line(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    lines = strings(made, lambda s: "\n" in s, "str")
    return _spell(maker, made, taken, lines, lambda t: t.text.replace("\\n", "\n"))


def _odd_space(maker: Maker, made: list[Token], taken: set[int]) -> bool:
    return _spell(
        maker, made, taken, places(made, ":", ","), lambda t: t.text + maker.rng.choice("\u00a0\u3000\x00\x07")
    )


EDITS: tuple[Edit, ...] = (
    *(_bare_key, _open_key, _single, _curly, _bare_value, _no_comma, _doubled_comma, _trailing, _ellipsis),
    *(_comment, _line_comment, _constant, _mongodb, _joined, _broken_line, _odd_space),
)


def compound(maker: Maker, values: list[Any], count: int) -> Case | None:
    """`count` different mistakes in a document of several parts; sometimes without its end, or with text around."""
    value: Any = {f"part{number}": one for number, one in enumerate(values)}
    made = maker.tokens(value)
    taken: set[int] = set()
    done = 0
    for edit in maker.rng.sample(EDITS, len(EDITS)):
        done += done < count and edit(maker, made, taken)
    if done < count:
        return None
    while maker.rng.random() < 0.3 and made[-1].kind in ("}", "ws") and len(made) - 1 not in taken:
        made.pop()
    body = text(made)
    around = maker.rng.random()
    if around < 0.2:
        body = f"{maker.say('before').rstrip()}\n```json\n{body}\n```{maker.say('after')}"
    elif around < 0.3:
        body = f"{maker.say('before')}{body}"
    elif around < 0.4:
        body = f"\ufeff{body}\n"
    return Case(body, value)
