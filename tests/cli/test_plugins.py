"""`gwplugins plugins`, and how plugins are found: by their data, with nothing central to edit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import pyplugins
from pyplugins.cli import discovery
from pyplugins.cli.exits import Failure

ENGINE = '''
"""A plugin of a test."""
from pyplugins.core.guard import PythonGuard
from pyplugins.core.overlap import Candidate

LIMITS = {"max_text_bytes": 100, "max_nested_depth": 1, "max_collection_items": 1, "max_findings": 9}

class Shout(PythonGuard):
    def __init__(self, config=None, implementation="auto"):
        super().__init__("shouting", {"rules": [{"name": "shout"}], "limits": LIMITS})
    def find(self, text, start=0):
        at = text.find("LOUD", start)
        return [] if at < 0 else [Candidate(at, at + 4, 0)]
    def replacement(self, value, candidate, errors):
        return value.lower()

ShoutRust = ShoutPython = Shout
__all__ = ["Shout", "ShoutPython", "ShoutRust"]
'''
SCHEMA = {"title": "Shouting", "description": "finds what is loud", "type": "object", "properties": {}}


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plugin package called ``shouting``, found beside the real ones."""
    package = tmp_path / "more" / "shouting"
    (package / "rules").mkdir(parents=True)
    (package / "__init__.py").write_text(ENGINE, encoding="utf-8")
    (package / "rules" / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    monkeypatch.setattr(pyplugins, "__path__", [*pyplugins.__path__, str(tmp_path / "more")])
    monkeypatch.setattr("pyplugins.core.data.path", _path_in(tmp_path / "more"))
    yield package
    sys.modules.pop("pyplugins.shouting", None)


def _path_in(folder: Path) -> Any:
    from pyplugins.core import data

    original = data.path
    return lambda plugin, file: (
        folder / plugin / "rules" / file if (folder / plugin).is_dir() else original(plugin, file)
    )


def test_list(cli: Any) -> None:
    ran = cli("plugins")
    assert ran.code == 0
    assert any(line.startswith("pii_filter ") and "PIIDetector" in line for line in ran.text.splitlines())


def test_keys_of_one(cli: Any) -> None:
    ran = cli("plugins", "pii_filter")
    assert ran.code == 0
    for line in (
        "detect_email: boolean = true",
        'default_mask_strategy: redact | partial | hash | tokenize | remove = "redact"',
        "max_text_bytes: integer 1..1099511627776 = 10485760",
        "custom_patterns[].pattern: string",
    ):
        assert line in ran.text


def test_json_holds_the_schema(cli: Any) -> None:
    everything = json.loads(cli("plugins", "--json").text)
    pii = next(row for row in everything if row["name"] == "pii_filter")
    assert pii["class"] == "pyplugins.pii_filter.PIIDetector"
    assert pii["scans"] is True
    assert "detect_email" in pii["schema"]["properties"]
    assert json.loads(cli("plugins", "pii_filter", "--json").text) == [pii]


def test_an_unknown_plugin(cli: Any) -> None:
    ran = cli("plugins", "nothing")
    assert ran.code == 2
    assert "no plugin is called 'nothing'; there are: " in ran.errors[0]


def test_packages_that_are_no_plugins_are_not_listed() -> None:
    assert not {"cli", "core", "framework", "native"} & set(discovery.names())


def test_listing_imports_no_plugin() -> None:
    script = (
        "import sys; from pyplugins.cli import discovery; assert discovery.names();"
        "assert not any(m.startswith('pyplugins.pii_filter') for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).resolve().parents[2])


def test_a_new_plugin_needs_nothing_but_its_package(added: Path) -> None:
    from click.testing import CliRunner

    from pyplugins.cli.app import cli

    assert "shouting" in discovery.names()
    assert discovery.api("shouting").__name__ == "Shout"
    result = CliRunner().invoke(cli, ["scan", "--plugin", "shouting"], input="so LOUD\n")
    assert result.exit_code == 1
    assert result.stdout == "-:1:4: shout  xxxx\n"
    result = CliRunner().invoke(cli, ["redact", "-q", "-p", "shouting"], input="so LOUD\n")
    assert result.stdout == "so loud\n"


def test_an_engine_that_must_see_all_is_given_all_up_to_its_limit(added: Path) -> None:
    from click.testing import CliRunner

    from pyplugins.cli.app import cli

    result = CliRunner().invoke(cli, ["scan", "-p", "shouting"], input="x" * 101)
    assert result.exit_code == 2
    assert "over the limit of 100 bytes" in result.stderr


def test_a_package_without_a_direct_api_is_refused(added: Path) -> None:
    (added / "__init__.py").write_text('__all__ = ["Shout"]\n', encoding="utf-8")
    with pytest.raises(Failure, match="shouting has no direct API"):
        discovery.api("shouting")


def test_a_plugin_that_does_not_scan_is_refused(added: Path) -> None:
    (added / "__init__.py").write_text(
        'class Count: pass\nCountRust = CountPython = Count\n__all__ = ["Count", "CountRust", "CountPython"]\n',
        encoding="utf-8",
    )
    with pytest.raises(Failure, match=r"shouting does not scan text; those that do: .*pii_filter"):
        discovery.scanner("shouting")


@pytest.mark.parametrize("name", ["../core", "", "pii filter", "pii_filter/", "."])
def test_names_are_names(name: str) -> None:
    with pytest.raises(Failure):
        discovery.known(name)
