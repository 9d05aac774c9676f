"""Feeding a guard: a stream and the whole text find the same, whatever the chunks; errors become events."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import pytest

from pyplugins.cli import scanning
from pyplugins.cli.detector import Detector
from pyplugins.cli.scanning import Batch, Failed, Reading, Skipped, chunks_of, found_in, scan_file
from pyplugins.cli.settings import Settings

TEXT = ("Grüße von jane.roe@example.com\n" + "x" * 700 + " a.b@example.org, SSN 123-45-6789\r\n" * 30).encode()


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(Settings("pii_filter", {}, "python"))


def test_records_do_not_depend_on_the_chunks(detector: Detector) -> None:
    def records(size: int) -> list[object]:
        chunks = (TEXT[at : at + size] for at in range(0, len(TEXT), size))
        return [record for _, found in found_in("f", detector, chunks, Reading()) for record in found]

    whole = detector.guard.scan(TEXT).findings
    expected = records(len(TEXT))
    assert [(r.rule, r.start, r.end) for r in expected] == [(f.rule, f.start, f.end) for f in whole]  # type: ignore[attr-defined]
    for size in (1, 7, 64, 1000):
        assert records(size) == expected


def test_a_default_limit_is_lifted_for_streams_and_one_that_is_set_stays() -> None:
    assert Detector(Settings("pii_filter", {})).guard.describe()["limits"]["max_text_bytes"] == 1 << 40
    limited = Detector(Settings("pii_filter", {"max_text_bytes": 10}))
    assert limited.guard.describe()["limits"]["max_text_bytes"] == 10


def test_what_cannot_be_read_is_an_event(detector: Detector, tmp_path: Path) -> None:
    assert list(scan_file(str(tmp_path), detector, Reading())) == [Failed("Is a directory")]
    assert list(scan_file(str(tmp_path / "no"), detector, Reading())) == [Failed("No such file or directory")]


def test_a_read_that_fails_midway_keeps_what_was_found(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(source: object) -> object:
        yield TEXT * 20
        raise OSError(5, "Input/output error")

    (tmp_path / "f").touch()
    monkeypatch.setattr(scanning, "chunks_of", failing)
    events = list(scan_file(str(tmp_path / "f"), detector, Reading()))
    assert isinstance(events[0], Batch)
    assert events[0].records
    assert events[-1] == Failed("Input/output error")


def test_an_engine_that_fails_tells_nothing_of_the_text(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: object) -> object:
        raise LookupError("jane.roe@example.com")
        yield

    (tmp_path / "f").write_bytes(TEXT)
    monkeypatch.setattr(detector, "parts", failing)
    (event,) = scan_file(str(tmp_path / "f"), detector, Reading())
    assert isinstance(event, Failed)
    assert "LookupError" in event.why
    assert "jane" not in event.why


def test_events_can_be_sent(detector: Detector, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(TEXT)
    events = list(scan_file(str(tmp_path / "f"), detector, Reading(show_values=True)))
    assert pickle.loads(pickle.dumps([*events, Skipped("x"), Failed("y")]))[:-2] == events


def test_an_empty_file(detector: Detector, tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    events = list(scan_file(str(tmp_path / "f"), detector, Reading()))
    assert all(isinstance(event, Batch) and not event.records and not event.read for event in events)


def test_nul_late_in_a_file_is_not_binary(detector: Detector, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 9000 + b"\0 a.b@example.org")
    events = list(scan_file(str(tmp_path / "f"), detector, Reading()))
    assert sum(len(event.records) for event in events if isinstance(event, Batch)) == 1


def test_chunks_come_as_soon_as_there_is_something() -> None:
    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self.parts = [b"", b"b", b"a"]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            part = self.parts.pop()
            buffer[: len(part)] = part
            return len(part)

    assert list(chunks_of(io.BufferedReader(Slow()))) == [b"a", b"b"]
