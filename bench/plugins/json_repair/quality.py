"""How much is repaired exactly, beside the peers: the held-out collection of `tests/quality/json`.

Tests: tests/quality/json/test_json_quality.py holds ours to its bounds.
"""

from __future__ import annotations

from collections.abc import Iterable

#: The figure.
EXACT = "documents repaired exactly, %"
_PEERS = {"json_repair": "json_repair", "repairjson": "repairjson", "fast_json_repair": "fast_json_repair"}
_PEERS["jsonrepair"] = "jsonrepair (npm)"


def quality(subjects: Iterable[str]) -> dict[str, dict[str, float]]:
    """The share of documents whose value each subject recovers, a peer in its own dialect, ours in `python`."""
    from tests.quality.json import engines, measure
    from tests.quality.json.corpus import pairs

    collection = pairs("heldout")
    texts = [pair.text for pair in collection]
    shares = {}
    for name in subjects:
        peer = _PEERS.get(name)
        repair, dialect = (engines.peer(peer), engines.PEERS[peer]) if peer else (engines.ours(name), "python")
        shares[name] = 100 * measure.score(collection, repair(texts), dialect).share
    return {EXACT: shares}
