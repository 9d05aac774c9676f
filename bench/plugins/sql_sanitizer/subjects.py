"""Our sanitizer and its plugin, cpex-sql-sanitizer's plugin, and libinjection for single values.

Tests: tests/bench/test_verify.py.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

from bench.hooks import Hook
from bench.plugin import Opened, Subject, own, versions

_HOOK: tuple[str, str, dict[str, Any]] = ("tool_pre_invoke", "ToolPreInvokePayload", {})


def _verdict(result: Any) -> dict[str, Any]:
    """Whether the call may go on, and with which arguments."""
    changed = result.modified_payload
    return {"passes": result.continue_processing, "arguments": changed.args if changed else None}


def _own(implementation: str) -> Opened:
    os.environ["GWPLUGINS_IMPL"] = implementation  # the plugin class takes what the loader chooses
    sanitizer_class = importlib.import_module("pyplugins.sql_sanitizer").SQLSanitizer
    statements = sanitizer_class({}, implementation)
    values = sanitizer_class({"detect_injection": True}, implementation).scan
    hook = Hook("pyplugins.framework", "pyplugins.sql_sanitizer.SQLSanitizerPlugin", *_HOOK)
    operations = {
        "hook": hook,
        "scan": statements.scan,
        "injection": values,
        "values": lambda texts: [values(text) for text in texts],
        "new": lambda _: sanitizer_class({}, implementation),
    }
    read = {
        "hook": _verdict,
        "scan": lambda result: [[one.start, one.end] for one in result.findings],
        "injection": lambda result: bool(result.findings),
        "values": lambda results: [bool(result.findings) for result in results],
    }
    return Opened(operations, prepare={"hook": hook.prepare}, read=read)


def _cpex() -> Opened:
    hook = Hook("cpex.framework", "cpex_sql_sanitizer.SQLSanitizerPlugin", *_HOOK)
    packages = versions("cpex", "cpex-sql-sanitizer")
    return Opened({"hook": hook}, prepare={"hook": hook.prepare}, read={"hook": _verdict}, versions=packages)


def _libinjection() -> Opened:
    is_injection = importlib.import_module("libinjection").is_sql_injection
    operations = {"injection": is_injection, "values": lambda texts: [is_injection(text) for text in texts]}
    read = {
        "injection": lambda result: result["is_sqli"],
        "values": lambda results: [result["is_sqli"] for result in results],
    }
    return Opened(operations, read=read, versions=versions("libinjection-python"))


SUBJECTS = {
    **own(_own, "pyplugins.sql_sanitizer.SQLSanitizer"),
    "cpex": Subject(
        "cpex-sql-sanitizer",
        _cpex,
        "peers",
        colour="#c2410c",
        program="from cpex_sql_sanitizer import SqlSanitizerPluginCore as d; d({})",
    ),
    "libinjection": Subject("libinjection", _libinjection, "peers", colour="#6d28d9"),
}
