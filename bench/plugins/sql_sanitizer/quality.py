"""How good the injection detector is, beside libinjection: the held-out collection of `tests/quality/sql`.

Tests: tests/quality/sql/test_sql_quality.py holds the same figures to the same bounds.
"""

from __future__ import annotations

from collections.abc import Iterable

from bench.plugin import OWN

#: Figures.
RECALL, ALARMS = "attacks found, %", "harmless values taken for attacks, %"


def quality(subjects: Iterable[str]) -> dict[str, dict[str, float]]:
    """Both figures for those of the subjects that judge values."""
    from tests.quality.sql import engines, measure
    from tests.quality.sql.corpus import rows

    collection = rows("heldout")
    values = [row.value for row in collection]
    figures: dict[str, dict[str, float]] = {RECALL: {}, ALARMS: {}}
    for name in subjects:
        if name in OWN:
            score = measure.score(collection, engines.ours(name)(values))
        elif name == "libinjection":
            score = measure.score(collection, engines.libinjection(values))
        else:
            continue
        figures[RECALL][name] = 100 * score.recall
        figures[ALARMS][name] = 100 * score.alarms
    return figures
