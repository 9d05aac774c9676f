"""The plugin framework: cpex's own classes when cpex is installed, an embedded one with the same names otherwise.

This module is the one place that decides; ``FRAMEWORK`` says how. ``GWPLUGINS_FRAMEWORK=embedded|cpex`` forces a side.
A cpex that is installed but cannot be imported is an error, not a reason to fall back: a plugin class of the wrong
framework would be refused by the gateway that loads it.

Names are resolved on first use, so that a plugin class costs only what it needs (asyncio and yaml come with the
manager). Must never be imported by an engine. Tests: tests/unit/test_framework_choice.py, tests/cpex/.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import TYPE_CHECKING, Any

from pyplugins.framework._names import NAMES

if TYPE_CHECKING:
    from pyplugins.framework.embedded.base import HookRef as HookRef
    from pyplugins.framework.embedded.base import Plugin as Plugin
    from pyplugins.framework.embedded.base import PluginRef as PluginRef
    from pyplugins.framework.embedded.base import hook as hook
    from pyplugins.framework.embedded.config import ConfigLoader as ConfigLoader
    from pyplugins.framework.embedded.errors import PluginError as PluginError
    from pyplugins.framework.embedded.errors import PluginViolationError as PluginViolationError
    from pyplugins.framework.embedded.errors import convert_exception_to_error as convert_exception_to_error
    from pyplugins.framework.embedded.extensions import Extensions as Extensions
    from pyplugins.framework.embedded.extensions import HttpExtension as HttpExtension
    from pyplugins.framework.embedded.extensions import RequestExtension as RequestExtension
    from pyplugins.framework.embedded.manager import PluginManager as PluginManager
    from pyplugins.framework.embedded.manager import TenantPluginManager as TenantPluginManager
    from pyplugins.framework.embedded.models import Config as Config
    from pyplugins.framework.embedded.models import ControlExecutionRecord as ControlExecutionRecord
    from pyplugins.framework.embedded.models import ControlExecutionStatus as ControlExecutionStatus
    from pyplugins.framework.embedded.models import GlobalContext as GlobalContext
    from pyplugins.framework.embedded.models import OnError as OnError
    from pyplugins.framework.embedded.models import PluginCondition as PluginCondition
    from pyplugins.framework.embedded.models import PluginConfig as PluginConfig
    from pyplugins.framework.embedded.models import PluginContext as PluginContext
    from pyplugins.framework.embedded.models import PluginContextTable as PluginContextTable
    from pyplugins.framework.embedded.models import PluginErrorModel as PluginErrorModel
    from pyplugins.framework.embedded.models import PluginMode as PluginMode
    from pyplugins.framework.embedded.models import PluginResult as PluginResult
    from pyplugins.framework.embedded.models import PluginViolation as PluginViolation
    from pyplugins.framework.embedded.models import UserContext as UserContext
    from pyplugins.framework.embedded.payloads import HookRegistry as HookRegistry
    from pyplugins.framework.embedded.payloads import PluginPayload as PluginPayload
    from pyplugins.framework.embedded.payloads import PromptHookType as PromptHookType
    from pyplugins.framework.embedded.payloads import PromptPosthookPayload as PromptPosthookPayload
    from pyplugins.framework.embedded.payloads import PromptPosthookResult as PromptPosthookResult
    from pyplugins.framework.embedded.payloads import PromptPrehookPayload as PromptPrehookPayload
    from pyplugins.framework.embedded.payloads import PromptPrehookResult as PromptPrehookResult
    from pyplugins.framework.embedded.payloads import ResourceHookType as ResourceHookType
    from pyplugins.framework.embedded.payloads import ResourcePostFetchPayload as ResourcePostFetchPayload
    from pyplugins.framework.embedded.payloads import ResourcePostFetchResult as ResourcePostFetchResult
    from pyplugins.framework.embedded.payloads import ResourcePreFetchPayload as ResourcePreFetchPayload
    from pyplugins.framework.embedded.payloads import ResourcePreFetchResult as ResourcePreFetchResult
    from pyplugins.framework.embedded.payloads import ToolHookType as ToolHookType
    from pyplugins.framework.embedded.payloads import ToolPostInvokePayload as ToolPostInvokePayload
    from pyplugins.framework.embedded.payloads import ToolPostInvokeResult as ToolPostInvokeResult
    from pyplugins.framework.embedded.payloads import ToolPreInvokePayload as ToolPreInvokePayload
    from pyplugins.framework.embedded.payloads import ToolPreInvokeResult as ToolPreInvokeResult
    from pyplugins.framework.embedded.payloads import get_hook_registry as get_hook_registry
    from pyplugins.framework.embedded.policy import HookPayloadPolicy as HookPayloadPolicy


def _choose(wanted: str) -> str:
    """``"cpex"`` or ``"embedded"``.

    Raises:
        ImportError: the wanted framework is unknown or not installed.
    """
    if wanted not in ("", "auto", "embedded", "cpex"):
        raise ImportError(f"GWPLUGINS_FRAMEWORK={wanted!r}: must be embedded or cpex")
    if wanted == "embedded":
        return "embedded"
    spec = importlib.util.find_spec("cpex")
    installed = spec is not None and spec.origin is not None  # a folder that happens to be called cpex is none
    if wanted == "cpex" and not installed:
        raise ImportError("GWPLUGINS_FRAMEWORK=cpex, but cpex is not installed: pip install gwplugins[cpex]")
    return "cpex" if installed else "embedded"


FRAMEWORK = _choose(os.environ.get("GWPLUGINS_FRAMEWORK", ""))


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    embedded, cpex = NAMES[name]
    if FRAMEWORK == "embedded":
        module = importlib.import_module(f"{__name__}.embedded.{embedded}")
    else:
        try:
            module = importlib.import_module(f"cpex.framework.{cpex}")
        except ImportError as why:
            raise ImportError(
                f"cpex is installed but does not load: {why}; "
                "GWPLUGINS_FRAMEWORK=embedded uses the embedded framework instead"
            ) from why
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *NAMES})


__all__ = ["FRAMEWORK", *NAMES]
