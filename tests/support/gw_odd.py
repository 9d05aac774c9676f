"""Texts that break software, written for this project, and those of a list beside the checkout where one lies.

Every engine's parity test reads them. Nothing here may know what an engine would find.
"""

from __future__ import annotations

import json
from functools import cache

from gw_tests import ROOT

#: A public list that is not part of this project; a developer's machine may have it.
BESIDE = ROOT.parent / "shared/data/naughty-strings.json"

#: Empty and blank, control characters, quotes, numbers, scripts, directions, joined and combining characters, what is
#: no character, the syntax of other languages, one sign very often.
OWN = ROOT / "tests/strategies/odd_texts.json"


@cache
def texts() -> tuple[str, ...]:
    """All of them."""
    return tuple(text for path in (OWN, BESIDE) if path.exists() for text in json.loads(path.read_text("utf-8")))
