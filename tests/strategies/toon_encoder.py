"""Texts and configurations for toon_encoder: near-misses of every rule, glued together in every way.

Nothing here may know what an engine would find.
"""

from __future__ import annotations

from random import Random
from typing import Any

import gw_vectors

#: Texts of the vectors: what somebody thought worth a row.
SEEDS = [row["input"] for row in gw_vectors.rows("toon_encoder") if row.get("input")]
#: FILL IN: what the rules are about, whole and in parts.
PIECES = ("a", "1", " ", "\n", "é", "\ud800", "\U0001f600")


def text(rng: Random) -> str:
    """Some pieces, glued; now and then a character lost or doubled."""
    whole = "".join(rng.choice(SEEDS if rng.random() < 0.2 else PIECES) for _ in range(rng.randint(1, 8)))
    while whole and rng.random() < 0.3:
        at = rng.randrange(len(whole))
        whole = whole[:at] + rng.choice(("", whole[at] * 2)) + whole[at + 1 :]
    return whole


def config(rng: Random) -> dict[str, Any]:
    """FILL IN: mostly the defaults; else any switches and small limits."""
    chosen: dict[str, Any] = {}
    if rng.random() < 0.1:
        chosen["max_findings"] = rng.randint(1, 3)
    if rng.random() < 0.1:
        chosen["max_text_bytes"] = rng.randint(1, 200)
    return chosen
