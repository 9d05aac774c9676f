"""What is scanned under a directory, and what is left out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from pyplugins.cli.scanning import Failed, Skipped
from pyplugins.cli.walk import HIDDEN, LINK, SPECIAL, Rules, targets


def files(root: Path, *paths: str, **rules: object) -> list[str]:
    found = targets(paths or [str(root)], Rules(**rules))  # type: ignore[arg-type]
    return [os.path.relpath(target.path, root) for target in found if target.verdict is None]


def verdicts(root: Path, **rules: object) -> dict[str, Skipped | Failed]:
    found = targets([str(root)], Rules(**rules))  # type: ignore[arg-type]
    return {os.path.relpath(target.path, root): target.verdict for target in found if target.verdict is not None}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ["b.log", "a.txt", "sub/c.log", "sub/deep/d.txt", ".env", ".git/config", ".cache/x.log", "CVS/Entries"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    return tmp_path


def test_order_is_by_name_and_hidden_directories_are_left_out(tree: Path) -> None:
    assert files(tree) == [".env", "a.txt", "b.log", "sub/c.log", "sub/deep/d.txt"]
    assert verdicts(tree) == {".cache": HIDDEN, ".git": HIDDEN, "CVS": HIDDEN}


def test_hidden_directories_on_request_but_never_version_control(tree: Path) -> None:
    assert files(tree, hidden=True) == [".cache/x.log", ".env", "a.txt", "b.log", "sub/c.log", "sub/deep/d.txt"]


def test_a_named_path_is_always_taken(tree: Path) -> None:
    named = [str(tree / ".git" / "config"), str(tree / ".cache")]
    assert files(tree, *named) == [".git/config", ".cache/x.log"]
    assert files(tree, str(tree / "a.txt"), include=["*.log"]) == ["a.txt"]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (["*.log"], [], ["b.log", "sub/c.log"]),
        (["*.log", "*.txt"], ["b.*"], ["a.txt", "sub/c.log", "sub/deep/d.txt"]),
        ([], ["sub"], [".env", "a.txt", "b.log"]),
        ([], ["sub/deep"], [".env", "a.txt", "b.log", "sub/c.log"]),
        (["sub/*"], [], ["sub/c.log", "sub/deep/d.txt"]),
        ([], ["deep", ".env"], ["a.txt", "b.log", "sub/c.log"]),
    ],
)
def test_globs(tree: Path, include: Sequence[str], exclude: Sequence[str], expected: list[str]) -> None:
    assert files(tree, include=include, exclude=exclude) == expected


def test_links_are_left_out_unless_followed(tree: Path) -> None:
    (tree / "sub" / "to_a").symlink_to(tree / "a.txt")
    (tree / "sub" / "up").symlink_to(tree, target_is_directory=True)
    assert "sub/to_a" not in files(tree)
    assert verdicts(tree)["sub/up"] == LINK
    followed = files(tree, follow=True)
    assert followed == [".env", "a.txt", "b.log", "sub/c.log", "sub/deep/d.txt", "sub/to_a"]


def test_links_that_lead_nowhere_or_round_are_told_when_followed(tree: Path) -> None:
    (tree / "dead").symlink_to(tree / "gone")
    (tree / "self").symlink_to(tree / "self")
    assert {verdicts(tree)[name] for name in ("dead", "self")} == {LINK}
    told = verdicts(tree, follow=True)
    assert isinstance(told["dead"], Failed)
    assert isinstance(told["self"], Failed)


def test_pipes_in_a_directory_are_left_out(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    assert verdicts(tree)["pipe"] == SPECIAL


def test_a_very_deep_directory(tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(300):
        path = path / "d"
    path.mkdir(parents=True)
    (path / "f").write_text("x", encoding="utf-8")
    assert len(files(tmp_path)) == 1


def test_an_unreadable_directory_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readable = os.scandir

    def refuse(path: str) -> object:  # the superuser, as which tests may run, is refused nothing
        if path.endswith("sub"):
            raise PermissionError(13, "Permission denied", path)
        return readable(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert verdicts(tree)["sub"] == Failed("Permission denied")
    assert "a.txt" in files(tree)
