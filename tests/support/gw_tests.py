"""What test modules import: where the repository is, and how to leave out what a machine cannot do.

This folder is on the search path of the tests (pyproject.toml), the repository itself is not: the installed package is
tested. It must never import from the checkout.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NoReturn

import pytest

from pyplugins.native import status

ROOT = Path(__file__).resolve().parents[2]
#: The hooks of MCP, in the order in which they run.
HOOKS = [
    "prompt_pre_fetch",
    "prompt_post_fetch",
    "tool_pre_invoke",
    "tool_post_invoke",
    "resource_pre_fetch",
    "resource_post_fetch",
]


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def missing(reason: str) -> NoReturn:
    """Skips the test, or fails it where everything native is required."""
    if os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") not in ("", "0"):
        pytest.fail(f"GWPLUGINS_REQUIRE_NATIVE is set, but {reason}")
    pytest.skip(reason)


def need_binding(name: str) -> None:
    """Goes on only if this binding works here."""
    attempt = status()["attempts"][name]
    if not attempt["works"]:
        missing(f"{name} does not work here: {attempt['why']}")
