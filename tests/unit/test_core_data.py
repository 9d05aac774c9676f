"""Data files are found in a checkout and in an installed package, the checkout's originals first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyplugins.core import data


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(data, "_PACKAGE", str(tmp_path / "pyplugins"))
    monkeypatch.setattr(data, "_SOURCES", str(tmp_path / "rustlib"))
    data.load.cache_clear()
    yield tmp_path
    data.load.cache_clear()


def put(file: Path, value: object) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(value), encoding="utf-8")


def test_originals_win_over_copies(places: Path) -> None:
    put(places / "pyplugins/some/rules/a.json", "copy")
    assert data.load("some", "a.json") == "copy"
    data.load.cache_clear()
    put(places / "rustlib/engines/some/rules/a.json", "original")
    assert data.load("some", "a.json") == "original"


def test_shared_data(places: Path) -> None:
    put(places / "rustlib/core/rules/a.json", "é")
    assert data.load("core", "a.json") == "é"


def test_a_missing_file_is_named_without_a_path(places: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"^gwplugins data file some/b\.json is missing$"):
        data.load("some", "b.json")
