"""Opens a plugin chain, with whichever framework there is, and refuses one that is not whole.

Tests: tests/unit/test_mcp_chain.py, tests/cli/test_run.py.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pyplugins import framework


async def opened(config: str | os.PathLike[str]) -> Any:
    """A manager of its own with the plugins of this file, initialised.

    Raises:
        ConfigError: the file is missing or wrong (embedded framework).
        RuntimeError: a plugin did not load, or the file is wrong (cpex).
        OSError: there is no such file (cpex).
    """
    file = os.fspath(config)
    if framework.FRAMEWORK == "cpex" and not Path(file).is_file():
        raise FileNotFoundError(f"{file}: cannot be read: no such file")  # cpex would take it for an empty chain
    try:
        # cpex's PluginManager is one for the whole process; this one is its own in both frameworks.
        manager = framework.TenantPluginManager(file)
        await started(manager)
    except Exception as why:
        if file in str(why):
            raise
        raise RuntimeError(f"{file}: {' '.join(str(why).split())}") from why
    return manager


async def started(manager: Any) -> None:
    """Initialises a manager and refuses it unless every plugin is there.

    Raises:
        RuntimeError: a plugin did not load.
    """
    await manager.initialize()
    try:
        refuse_gaps(manager)
    except BaseException:
        await manager.shutdown()
        raise


def refuse_gaps(manager: Any) -> None:
    """A guard that is not there must be noticed: cpex leaves out a plugin that does not load.

    Raises:
        RuntimeError: names the plugins that are missing.
    """
    chain = manager.config
    wanted = [one for one in (chain.plugins if chain else None) or [] if one.mode is not framework.PluginMode.DISABLED]
    missing = [one.name for one in wanted if manager.get_plugin(one.name) is None]
    if missing:
        raise RuntimeError(f"plugins that did not load: {', '.join(missing)}; gwplugins check-config tells why")
