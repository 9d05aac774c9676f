"""The vectors of every plugin, on every implementation that works here."""

from __future__ import annotations

from typing import Any

import gw_vectors
import pytest
from gw_tests import need_binding

from pyplugins.cli import discovery

ROWS = [(plugin, row) for plugin in discovery.scanners() for row in gw_vectors.rows(plugin)]


@pytest.mark.parametrize(("plugin", "row"), ROWS, ids=[f"{plugin}-{row['id']}" for plugin, row in ROWS])
@pytest.mark.parametrize("implementation", ["cffi", "ctypes", "python"])
def test_row(plugin: str, row: dict[str, Any], implementation: str) -> None:
    if implementation != "python":
        need_binding(implementation)
    assert gw_vectors.answer(discovery.api(plugin), row, implementation) == row["expect"]


@pytest.mark.parametrize("plugin", discovery.scanners())
def test_ids_are_unique(plugin: str) -> None:
    ids = [row["id"] for row in gw_vectors.rows(plugin)]
    assert ids
    assert sorted(set(ids)) == sorted(ids)
