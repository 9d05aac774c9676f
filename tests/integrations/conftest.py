"""Chains for the tests of the middleware, and a way to run their coroutines.

Runs in the environment of `python tools/environment.py middleware`: the frameworks are the real ones.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from gw_middleware import PII, plugin
from gw_tests import HOOKS


@pytest.fixture
def chain_file(tmp_path: Path) -> Callable[..., str]:
    """Writes a configuration file: a PII filter on some hooks, all by default, and perhaps other plugins behind it."""

    def write(hooks: list[str] | None = None, more: tuple[dict[str, Any], ...] = (), **config: Any) -> str:
        file = tmp_path / "chain.yaml"
        first = plugin(PII, "PII", HOOKS if hooks is None else hooks, 10, **config)
        file.write_text(json.dumps({"plugins": [first, *more], "plugin_dirs": []}))  # JSON is YAML
        return str(file)

    return write


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a coroutine in a loop of its own, for half a minute at most."""

    def run_it(coroutine: Coroutine[Any, Any, Any]) -> Any:
        async def limited() -> Any:
            async with asyncio.timeout(30):
                return await coroutine

        return asyncio.run(limited())

    return run_it
