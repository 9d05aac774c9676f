"""Reads the configuration file of a plugin chain: the file format of cpex, checked strictly.

Every complaint names the file, the plugin and the key. Nothing is guessed and nothing is left out silently: a guard
that is configured wrongly must be noticed when it is loaded. Tests: tests/unit/test_framework_config.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pyplugins.errors import error_for
from pyplugins.framework.embedded._model import FieldError, texts
from pyplugins.framework.embedded.models import Config, PluginConfig

# Codes of rustlib/core/rules/messages.json.
_SYNTAX, _KEY, _VALUE = 21, 22, 24

_TOP_LEVEL = frozenset({"plugins", "plugin_dirs"})
# Sections for other parts of a host, which cpex reads or skips; they say nothing about a chain in this process.
_NOT_OURS = frozenset({"plugin_settings", "server_settings", "grpc_server_settings", "unix_socket_server_settings"})
# Plugins that live in another process; only cpex can reach them.
_REMOTE_KINDS = frozenset({"external", "isolated_venv"})
_REMOTE_KEYS = frozenset({"mcp", "grpc", "unix_socket"})

_TEMPLATE = re.compile(
    r"""\{\{\s*env(?:
        \.(?P<dotted>[A-Za-z_]\w*)
      | \[\s*(?P<q1>['"])(?P<indexed>\w+)(?P=q1)\s*\]
      | \.get\(\s*(?P<q2>['"])(?P<got>\w+)(?P=q2)\s*(?:,\s*(?P<q3>['"])(?P<default>[^'"]*)(?P=q3)\s*)?\)
    )\s*\}\}""",
    re.VERBOSE,
)
_TEMPLATE_START = re.compile(r"\{[{%#]")


class ConfigLoader:
    """Reads configuration files; named as in cpex."""

    @staticmethod
    def load_config(config: str | os.PathLike[str], use_jinja: bool = True) -> Config:
        """The configuration in the file ``config``.

        Arguments:
            use_jinja: fill in ``{{ env.NAME }}``, ``{{ env['NAME'] }}`` and ``{{ env.get('NAME', 'default') }}``.

        Raises:
            ConfigError: the file is missing, is not YAML, or says something that is not understood.
        """
        path = os.fspath(config)
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as why:
            reason = why.strerror if isinstance(why, OSError) else "not UTF-8"
            raise error_for(_SYNTAX, f"{path}: cannot be read: {reason}") from None
        if use_jinja:
            text = _fill_in(text, path)
        return read(_parse(text, path), path)


def read(data: Any, source: str = "configuration") -> Config:
    """The configuration in parsed form; ``source`` names it in errors.

    Raises:
        ConfigError: see ``ConfigLoader.load_config``.
    """
    if not isinstance(data, Mapping):
        raise error_for(_VALUE, f"{source}: must be a mapping with the key plugins", path="$")
    for key in data:
        if key not in _TOP_LEVEL | _NOT_OURS:
            raise error_for(_KEY, f"{source}: {key}: unknown key", path=f"$.{key}")
    entries = data.get("plugins") or []
    if not isinstance(entries, list):
        raise error_for(_VALUE, f"{source}: plugins: must be a list", path="$.plugins")
    try:
        plugin_dirs = texts(data.get("plugin_dirs") or [])
    except ValueError as why:
        raise error_for(_VALUE, f"{source}: plugin_dirs: {why}", path="$.plugin_dirs") from None
    plugins = [_plugin(entry, index, source) for index, entry in enumerate(entries)]
    _refuse_twins(plugins, source)
    return Config(plugins=plugins, plugin_dirs=plugin_dirs, source=source)


def _plugin(entry: Any, index: int, source: str) -> PluginConfig:
    path = f"$.plugins[{index}]"
    name = entry.get("name") if isinstance(entry, Mapping) else None
    label = f"{source}: plugin {name!r}" if isinstance(name, str) else f"{source}: plugins[{index}]"
    if isinstance(entry, Mapping):
        _refuse_remote(entry, label, path)
        # A key that is written with no value means the default, as it does for cpex's users.
        entry = {key: value for key, value in entry.items() if value is not None}
    try:
        return PluginConfig.model_validate(entry)
    except FieldError as why:
        code = _KEY if why.unknown or why.why == "is required" else _VALUE
        raise error_for(code, f"{label}: {why.field}: {why.why}", path=f"{path}.{why.field}") from None


def _refuse_remote(entry: Mapping[Any, Any], label: str, path: str) -> None:
    for key in _REMOTE_KEYS & set(entry):
        raise error_for(
            _KEY,
            f"{label}: {key}: plugins in another process need cpex (pip install gwplugins[cpex])",
            path=f"{path}.{key}",
        )
    if entry.get("kind") in _REMOTE_KINDS:
        raise error_for(
            _VALUE,
            f"{label}: kind: plugins in another process need cpex (pip install gwplugins[cpex])",
            path=f"{path}.kind",
        )


def _refuse_twins(plugins: list[PluginConfig], source: str) -> None:
    seen: set[str] = set()
    for index, plugin in enumerate(plugins):
        if plugin.name in seen:
            raise error_for(
                _VALUE, f"{source}: plugin {plugin.name!r}: name: is used twice", path=f"$.plugins[{index}].name"
            )
        seen.add(plugin.name)


def _fill_in(text: str, path: str) -> str:
    """``text`` with environment variables put in, comment lines left alone; any other template is refused."""
    lines = text.splitlines(keepends=True)
    return "".join(
        line if line.lstrip().startswith("#") else _filled(line, f"{path}: line {number}")
        for number, line in enumerate(lines, 1)
    )


def _filled(line: str, place: str) -> str:
    def value(found: re.Match[str]) -> str:
        name = found["dotted"] or found["indexed"] or found["got"]
        filled = os.environ.get(name, found["default"])
        if filled is None:
            raise error_for(_SYNTAX, f"{place}: environment variable {name} is not set")
        return filled

    if _TEMPLATE_START.search(_TEMPLATE.sub("", line)):
        raise error_for(
            _SYNTAX,
            f"{place}: without cpex only {{{{ env.NAME }}}} and {{{{ env.get('NAME', 'default') }}}} are understood",
        )
    return _TEMPLATE.sub(value, line)


class _StrictLoader(yaml.SafeLoader):
    """Plain YAML data, and a key that is written twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(None, None, "key is written twice", key_node.start_mark)
            if isinstance(key, Hashable):
                seen.add(key)
        return super().construct_mapping(node, deep)


def _parse(text: str, path: str) -> Any:
    try:
        data = yaml.load(text, _StrictLoader)  # a SafeLoader
    except yaml.YAMLError as why:
        mark = getattr(why, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise error_for(_SYNTAX, f"{path}: {place}{getattr(why, 'problem', None) or 'not YAML'}") from None
    return {} if data is None else data
