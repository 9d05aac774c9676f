"""The README tells the truth: its Python runs, its links lead somewhere, its tables are complete."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from gw_tests import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "rustlib/README.md", "examples/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "pyplugins").glob("*/README.md")),
    *sorted((ROOT / "rustlib/engines").glob("*/RULES.md")),
]


def blocks(language: str) -> list[str]:
    """The code blocks of one language."""
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    assert "Grüße von" in capsys.readouterr().out


def test_the_python_of_the_page_on_embedding_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/embedding.md").read_text(encoding="utf-8")
    exec(compile(page.partition("```python\n")[2].partition("```")[0], "embedding.md", "exec"), {})
    assert capsys.readouterr().out == "Mail j***e@example.com\n"


def test_the_configuration_line_is_the_one_of_the_shipped_chain() -> None:
    (line,) = blocks("yaml")
    chain = yaml.safe_load((ROOT / "plugins/config.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(line)["kind"] == chain["plugins"][0]["kind"]


def test_the_c_lines_call_what_the_header_declares() -> None:
    header = (ROOT / "include/gwplugins.h").read_text(encoding="utf-8")
    names = set(re.findall(r"\b(?:gwp|GWP)_\w+", "".join(blocks("c"))))
    assert len(names) > 5
    assert not [name for name in names if not re.search(rf"\b{name}\b", header)]


def test_every_type_is_in_the_table() -> None:
    types = json.loads((ROOT / "rustlib/engines/pii_filter/rules/types.json").read_text(encoding="utf-8"))
    table = README.partition("## What `pii_filter` finds")[2].partition("## How fast")[0]
    assert not [row["name"] for row in types if f"`{row['name']}`" not in table]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, section = link.partition("#")
        if path.startswith(("http://", "https://", "mailto:")):
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} of {page.name}"
        if section and target.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert section in anchors, f"{link} of {page.name}"


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = [page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md"]
    assert not [name for name in pages if f"]({name})" not in index]
