"""Data through one hook of a chain, and the life of the chain behind it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from gw_middleware import MAIL, MASK

from pyplugins.framework import PluginManager
from pyplugins.integrations._gate import HOOKS, Gate
from pyplugins.mcp import Outcome, Scope
from pyplugins.mcp.outcome import Refused

File = Callable[..., str]
Run = Callable[..., Any]
DATA = [MAIL, {"a": [MAIL, 1]}, [MAIL, "b"], [{"type": "text", "text": MAIL}], {}, [], "", None, 5]


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_data_of_any_kind_comes_back(hook: str, chain_file: File, run: Run) -> None:
    gate = Gate(chain_file([hook]))

    async def talk() -> None:
        for data in DATA:
            new = await gate.ask(hook, "name", data, Scope())
            assert str(new) == str(data).replace(MAIL, MASK)
            assert new is data or MAIL in str(data)
        assert await gate.ask(None, "name", MAIL, Scope()) == MAIL
        await gate.stop()

    run(talk())


@pytest.mark.parametrize("arguments", [{"mail": MAIL}, {"body": MAIL}, {}, [MAIL], MAIL, None])
def test_arguments_of_tools(arguments: Any, chain_file: File, run: Run) -> None:
    gate = Gate(chain_file(["tool_pre_invoke"]))
    new = run(gate.ask_tool("find", arguments, Scope()))
    assert str(new) == str(arguments).replace(MAIL, MASK)


def test_it_starts_once_and_again_after_a_stop(chain_file: File, run: Run) -> None:
    gate = Gate(chain_file())

    async def talk() -> None:
        chains = await asyncio.gather(*(gate.start() for _ in range(10)))
        manager = chains[0].manager
        assert all(chain.manager is manager for chain in chains)
        await gate.stop()
        await gate.stop()
        assert await gate.ask("tool_post_invoke", "name", MAIL, Scope()) == MASK
        assert chains[0].manager is not manager

    run(talk())


def test_a_manager_stays_its_owners(chain_file: File, run: Run) -> None:
    manager = PluginManager(chain_file())

    async def talk() -> None:
        await manager.initialize()
        gate = Gate(manager)
        assert await gate.ask("tool_post_invoke", "name", MAIL, Scope()) == MASK
        await gate.stop()
        assert manager.initialized
        await manager.shutdown()

    run(talk())


def test_a_chain_that_does_not_load_passes_nothing(chain_file: File, run: Run) -> None:
    gate = Gate(chain_file(detect_ssn="yes"))
    for _ in range(2):
        with pytest.raises(Exception, match="detect_ssn"):
            run(gate.ask("tool_post_invoke", "name", MAIL, Scope()))


def test_a_plugin_that_changes_the_shape_is_refused(
    run: Run, chain_file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(chain_file())

    async def talk() -> None:
        chain = await gate.start()

        async def strange(*_: Any, **__: Any) -> Any:
            return Outcome({"content": []}, True)

        monkeypatch.setattr(chain, "result", strange)
        with pytest.raises(Refused, match="NOT_CHECKED"):
            await gate.ask("tool_post_invoke", "name", MAIL, Scope())

    run(talk())


@pytest.mark.parametrize(("module", "missing"), [("fastmcp", "fastmcp"), ("litellm", "litellm")])
def test_a_missing_framework_names_the_extra(module: str, missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; import pyplugins.integrations.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"ImportError: pyplugins.integrations.{module}" in done.stderr
    assert f"pip install 'gwplugins[{module}]'" in done.stderr


def test_asgi_needs_no_framework() -> None:
    code = "import sys; sys.modules['starlette'] = None; import pyplugins.integrations.asgi"
    subprocess.run([sys.executable, "-c", code], check=True)
