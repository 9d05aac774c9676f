"""Configuration files: what is accepted, and errors that name file, plugin and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyplugins.errors import ConfigError
from pyplugins.framework.embedded.config import ConfigLoader, read
from pyplugins.framework.embedded.models import OnError, PluginMode

ROOT = Path(__file__).resolve().parents[2]

FULL = """
plugins:
  - name: A
    kind: pkg.mod.Cls
    description: d
    author: a
    namespace: n
    version: "1"
    hooks: [tool_pre_invoke, tool_post_invoke]
    tags: [t]
    mode: transform
    on_error: ignore
    priority: 7
    max_content_size: 5
    conditions: [{tools: [x], server_ids: [s]}]
    applied_to: {tools: []}
    capabilities: [read_headers]
    config: {k: [1, {n: null}]}
  - name: B
    kind: pkg.mod.Cls
    conditions:
    config:
plugin_dirs: [plugins]
plugin_settings: {plugin_timeout: 5}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def load(file: Path, text: str) -> object:
    file.write_text(text, encoding="utf-8")
    return ConfigLoader.load_config(str(file))


def test_everything_that_may_be_written(file: Path) -> None:
    file.write_text(FULL, encoding="utf-8")
    config = ConfigLoader.load_config(file)
    first, second = config.plugins
    assert (first.mode, first.on_error, first.priority) == (PluginMode.TRANSFORM, OnError.IGNORE, 7)
    assert first.conditions[0].tools == {"x"}
    assert first.capabilities == {"read_headers"}
    assert first.config == {"k": [1, {"n": None}]}
    assert (second.conditions, second.config, second.hooks) == ([], None, [])
    assert config.plugin_dirs == ["plugins"]
    assert config.source == str(file)


def test_an_empty_file_is_an_empty_chain(file: Path) -> None:
    file.write_text("# nothing yet\n", encoding="utf-8")
    assert ConfigLoader.load_config(file).plugins == []


ENTRY = "plugins:\n  - {name: A, kind: a.B, "
WRONG = {
    "not yaml": ("plugins: [", 21, "line ", ""),
    "a list": ("- a", 24, "must be a mapping", "$"),
    "unknown top key": ("plugin: []", 22, "plugin: unknown key", "$.plugin"),
    "plugins is no list": ("plugins: {a: 1}", 24, "plugins: must be a list", "$.plugins"),
    "plugin is no mapping": ("plugins: [a]", 24, "plugins[0]", "$.plugins[0].(whole)"),
    "plugin_dirs": ("plugin_dirs: x", 24, "plugin_dirs: must be a list", "$.plugin_dirs"),
    "no kind": ("plugins: [{name: A}]", 22, "'A': kind: is required", "$.plugins[0].kind"),
    "no name": ("plugins: [{kind: a.B}]", 22, "plugins[0]: name: is required", "$.plugins[0].name"),
    "unknown key": (ENTRY + "prio: 1}", 22, "'A': prio: unknown key", "$.plugins[0].prio"),
    "wrong mode": (ENTRY + "mode: strict}", 24, "'A': mode: must be one of", "$.plugins[0].mode"),
    "wrong type": (ENTRY + "priority: '1'}", 24, "'A': priority: must be an integer", "$.plugins[0].priority"),
    "condition": (ENTRY + "conditions: [{tool: [a]}]}", 24, "conditions: [0].tool: unknown", "$.plugins[0].conditions"),
    "two of a name": (ENTRY + "}\n  - {name: A, kind: a.C}", 24, "'A': name: is used twice", "$.plugins[1].name"),
    "key twice": (ENTRY + "kind: a.C}", 21, "key is written twice", ""),
    "external": ("plugins: [{name: A, kind: external}]", 24, "need cpex", "$.plugins[0].kind"),
    "mcp": (ENTRY + "mcp: {proto: STDIO}}", 22, "need cpex", "$.plugins[0].mcp"),
    "python object": ("plugins: !!python/object/apply:os.getcwd []", 21, "line 1", ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named_with_file_plugin_and_key(file: Path, case: str) -> None:
    text, code, words, path = WRONG[case]
    with pytest.raises(ConfigError) as refused:
        load(file, text)
    assert str(refused.value).startswith(str(file))
    assert words in str(refused.value)
    assert (refused.value.code, refused.value.path) == (code, path)


@pytest.mark.parametrize("make", ["missing", "folder", "latin"])
def test_a_file_that_cannot_be_read_is_an_error_and_not_an_empty_chain(tmp_path: Path, make: str) -> None:
    path = tmp_path / "c.yaml"
    if make == "folder":
        path.mkdir()
    elif make == "latin":
        path.write_bytes(b"plugins: [] # \xe9\xff")
    with pytest.raises(ConfigError, match="cannot be read") as refused:
        ConfigLoader.load_config(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{{ env.GWP_T }}", "seven"),
        ("{{env['GWP_T']}}", "seven"),
        ('{{ env["GWP_T"] }}', "seven"),
        ("{{ env.get('GWP_T') }}", "seven"),
        ("{{ env.get('GWP_T', 'eight') }}", "seven"),
        ("{{ env.get('GWP_UNSET', 'eight') }}", "eight"),
        ("{{ env.get('GWP_UNSET', '') }}", ""),
        ("a-{{ env.GWP_T }}-{{ env.GWP_T }}", "a-seven-seven"),
    ],
)
def test_environment_variables_are_filled_in(
    file: Path, monkeypatch: pytest.MonkeyPatch, written: str, value: str
) -> None:
    monkeypatch.setenv("GWP_T", "seven")
    monkeypatch.delenv("GWP_UNSET", raising=False)
    quoted = '"' + written.replace('"', "'") + '"'
    file.write_text(f"plugins:\n- name: A\n  kind: a.B\n  config:\n    k: {quoted}\n", encoding="utf-8")
    assert ConfigLoader.load_config(file).plugins[0].config == {"k": value}
    file.write_text("plugin_dirs: ['{{ env.NOT_ASKED }}']", encoding="utf-8")
    assert ConfigLoader.load_config(file, use_jinja=False).plugin_dirs == ["{{ env.NOT_ASKED }}"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("a: {{ env.GWP_UNSET }}", "line 2: environment variable GWP_UNSET is not set"),
        ("a: {{ env.get('GWP_UNSET') }}", "line 2: environment variable GWP_UNSET is not set"),
        ("a: {{ 7 * 7 }}", "line 2: without cpex only {{ env.NAME }}"),
        ("a: {% if x %}", "line 2: without cpex only {{ env.NAME }}"),
    ],
)
def test_other_templates_and_missing_variables_are_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch, written: str, words: str
) -> None:
    monkeypatch.delenv("GWP_UNSET", raising=False)
    with pytest.raises(ConfigError) as refused:
        load(file, "# first line\n" + written)
    assert words in str(refused.value)


def test_comments_may_speak_of_templates(file: Path) -> None:
    file.write_text("# {{ env.GWP_UNSET }} {% x %}\n  # {{ 1 }}\nplugin_dirs: [a]\n", encoding="utf-8")
    assert ConfigLoader.load_config(file).plugin_dirs == ["a"]


def test_an_error_does_not_quote_a_value(file: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(file, ENTRY + "config: geheim-4711}")
    assert "geheim" not in str(refused.value)


def test_yaml_merges_are_understood(file: Path) -> None:
    file.write_text(
        "plugins:\n- &a {name: A, kind: a.B, priority: 7}\n- {<<: *a, name: B}\n- {<<: [*a], name: C}\n",
        encoding="utf-8",
    )
    assert [(p.name, p.priority) for p in ConfigLoader.load_config(file).plugins] == [("A", 7), ("B", 7), ("C", 7)]


def test_parsed_configuration_needs_no_file() -> None:
    assert read({"plugins": [{"name": "A", "kind": "a.B"}]}).plugins[0].name == "A"


def test_the_example_configuration_is_valid() -> None:
    config = ConfigLoader.load_config(ROOT / "plugins" / "config.yaml")
    assert config.plugins[0].kind == "pyplugins.pii_filter.pii_filter.PIIFilterPlugin"
