"""The vectors of the PII filter: made from their source, and complete. `test_vectors.py` runs them."""

from __future__ import annotations

import json
import sys

from gw_tests import ROOT

from pyplugins.core import data

sys.path.insert(0, str(ROOT / "tests"))
from vectors.pii_filter_rows import __main__ as source
from vectors.pii_filter_rows._write import render

ROWS = [json.loads(line) for line in source.FILE.read_text("utf-8").splitlines()]


def test_the_file_is_what_its_source_writes() -> None:
    assert source.FILE.read_text("utf-8") == render(source.all_rows())


def test_every_type_is_found_and_every_defect_of_the_peers_has_a_row() -> None:
    found = {finding[0] for row in ROWS for finding in row["expect"].get("findings", ())}
    assert found == {kind["name"] for kind in data.load("pii_filter", "types.json")} | {"custom"}
    defects = {row["id"][7:9] for row in ROWS if row["id"].startswith("defect-")}
    assert defects == {f"{number:02}" for number in range(1, 12)}
