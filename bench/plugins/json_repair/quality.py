"""How much is repaired exactly, beside the peers: the held-out collection of `tests/quality/json`.

Tests: tests/quality/json/test_json_quality.py holds ours to its bounds.
"""

from __future__ import annotations

from collections.abc import Iterable

#: Figures: each in the dialect it is meant for, and ours in the other one.
EXACT, EXACT_JS = "documents repaired exactly, %", "ours with dialect js, %"
#: The dialect in which ours are measured, by figure.
OURS = {EXACT: "python", EXACT_JS: "js"}
_PEERS = {"json_repair": "json_repair", "repairjson": "repairjson", "fast_json_repair": "fast_json_repair"}
_PEERS["jsonrepair"] = "jsonrepair (npm)"


def quality(subjects: Iterable[str]) -> dict[str, dict[str, float]]:
    """The share of documents whose value each subject recovers: a peer in its own dialect, ours in both."""
    from tests.quality.json import engines, measure
    from tests.quality.json.corpus import pairs

    collection = pairs("heldout")
    texts = [pair.text for pair in collection]
    figures: dict[str, dict[str, float]] = {EXACT: {}, EXACT_JS: {}}
    for name in subjects:
        peer = _PEERS.get(name)
        if peer:
            asked = {EXACT: (engines.peer(peer), engines.PEERS[peer])}
        else:
            asked = {figure: (engines.ours(name, dialect), dialect) for figure, dialect in OURS.items()}
        for figure, (repair, dialect) in asked.items():
            figures[figure][name] = 100 * measure.score(collection, repair(texts), dialect).share
    return figures
