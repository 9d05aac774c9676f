"""The public names of the framework and where each lives, in the embedded framework and in cpex.

Adding a name here makes it importable from ``pyplugins.framework`` in both. Tests: tests/unit/test_framework_choice.py.
"""

from __future__ import annotations

# name: (module of pyplugins.framework.embedded, module of cpex.framework)
NAMES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("Plugin", "PluginRef", "HookRef"), ("base", "base")),
    "hook": ("base", "decorator"),
    **dict.fromkeys(("PluginError", "PluginViolationError", "convert_exception_to_error"), ("errors", "errors")),
    **dict.fromkeys(
        (
            "Config",
            "ControlExecutionRecord",
            "ControlExecutionStatus",
            "GlobalContext",
            "OnError",
            "PluginCondition",
            "PluginConfig",
            "PluginContext",
            "PluginContextTable",
            "PluginErrorModel",
            "PluginMode",
            "PluginResult",
            "PluginViolation",
            "UserContext",
        ),
        ("models", "models"),
    ),
    "PluginPayload": ("payloads", "models"),
    **dict.fromkeys(
        (
            "PromptHookType",
            "PromptPosthookPayload",
            "PromptPosthookResult",
            "PromptPrehookPayload",
            "PromptPrehookResult",
        ),
        ("payloads", "hooks.prompts"),
    ),
    **dict.fromkeys(
        (
            "ToolHookType",
            "ToolPostInvokePayload",
            "ToolPostInvokeResult",
            "ToolPreInvokePayload",
            "ToolPreInvokeResult",
        ),
        ("payloads", "hooks.tools"),
    ),
    **dict.fromkeys(
        (
            "ResourceHookType",
            "ResourcePostFetchPayload",
            "ResourcePostFetchResult",
            "ResourcePreFetchPayload",
            "ResourcePreFetchResult",
        ),
        ("payloads", "hooks.resources"),
    ),
    **dict.fromkeys(("HookRegistry", "get_hook_registry"), ("payloads", "hooks.registry")),
    **dict.fromkeys(("Extensions", "HttpExtension", "RequestExtension"), ("extensions", "extensions")),
    "HookPayloadPolicy": ("policy", "hooks.policies"),
    "ConfigLoader": ("config", "loader.config"),
    **dict.fromkeys(("PluginManager", "TenantPluginManager"), ("manager", "manager")),
}
