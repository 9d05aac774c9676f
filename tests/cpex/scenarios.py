"""Scenarios for both managers. As a script: runs them with the framework that GWPLUGINS_FRAMEWORK names, prints JSON.

The plugin classes here are written against ``pyplugins.framework`` only, so the same source runs in both.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pyplugins import framework
from pyplugins.framework import Plugin, PluginContext, PluginResult, PluginViolation, ToolPreInvokePayload

PII = "pyplugins.pii_filter.pii_filter.PIIFilterPlugin"
MAIL, SSN = "alice@example.com", "219-09-9999"
DIRTY = f"mail {MAIL} ssn {SSN}"
IMAGE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"


class Appends(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        args = {**dict((payload.args or {}).items()), self.name: len(payload.args or {})}
        return framework.ToolPreInvokeResult(
            modified_payload=payload.model_copy(update={"args": args}),
            metadata={self.name: 1, "last": self.name},
            retry_delay_ms=self.priority,
        )


class Renames(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        changed = payload.model_copy(update={"name": "renamed", "args": {"text": "new"}})
        return framework.ToolPreInvokeResult(modified_payload=changed)


class MutatesTop(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        assert payload.args is not None
        payload.args["text"] = "mutated"
        return framework.ToolPreInvokeResult()


class Denies(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        return framework.ToolPreInvokeResult(
            continue_processing=False,
            violation=PluginViolation(reason="no", description="not this", code="DENIED", details={"n": 1}),
            metadata={self.name: "denied"},
        )


class DeniesWithoutWords(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        return framework.ToolPreInvokeResult(continue_processing=False)


class RaisesViolation(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        raise framework.PluginViolationError("no", PluginViolation(reason="no", description="d", code="RAISED"))


class Raises(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        raise ValueError("broken")


class Hangs(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        await asyncio.Event().wait()
        raise AssertionError("not reached")


class KeepsState(Plugin):
    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        context.set_state("runs", context.get_state("runs", 0) + 1)
        context.global_context.state[self.name] = context.get_state("runs")
        return framework.ToolPreInvokeResult(metadata={self.name: context.get_state("runs")})


class Sees(Plugin):
    """Notes what it was given."""

    seen: ClassVar[list[Any]] = []

    async def tool_pre_invoke(self, payload: ToolPreInvokePayload, context: PluginContext) -> PluginResult[Any]:
        self.seen.append(dict((payload.args or {}).items()))
        return framework.ToolPreInvokeResult(http_headers={"X-Seen": "1"})


class SeesExtensions(Plugin):
    async def tool_pre_invoke(self, payload: Any, context: PluginContext, extensions: Any) -> PluginResult[Any]:
        seen = sorted(name for name in ("request", "http", "custom") if getattr(extensions, name, None) is not None)
        return framework.ToolPreInvokeResult(metadata={"seen": seen})


@dataclass
class Scenario:
    """A chain, a payload, and how it is invoked."""

    plugins: list[dict[str, Any]]
    hook: str = "tool_pre_invoke"
    payload: dict[str, Any] = field(
        default_factory=lambda: {"name": "t", "args": {"text": DIRTY, "n": [1, {"x": MAIL}]}}
    )
    context: dict[str, Any] = field(default_factory=dict)
    policies: dict[str, list[str]] | None = None
    default_policy: str | None = None
    timeout: float = 5
    times: int = 1
    traced: bool = True
    exceptions: bool = False


def own(kind: type[Plugin], name: str = "", **fields: Any) -> dict[str, Any]:
    kind_name = f"scenarios.{kind.__name__}"
    return {"name": name or kind.__name__, "kind": kind_name, "hooks": ["tool_pre_invoke"], **fields}


def pii(
    *, hook: str = "tool_pre_invoke", name: str = "pii", config: dict[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    return {"name": name, "kind": PII, "hooks": [hook], "config": config or {}, **fields}


def result_of(hook: str) -> dict[str, Any]:
    """A payload of each hook that a gateway would send, with something to find and something to leave alone."""
    blocks = [
        {"type": "text", "text": DIRTY},
        {"type": "image", "data": IMAGE, "mimeType": "image/png"},
        {"type": "resource", "resource": {"uri": "x://y", "text": DIRTY}},
    ]
    messages = [{"role": "user", "content": block} for block in blocks]
    return {
        "prompt_pre_fetch": {"prompt_id": "p", "args": {"text": DIRTY}},
        "prompt_post_fetch": {"prompt_id": "p", "result": {"description": "d", "messages": messages}},
        "tool_pre_invoke": {"name": "t", "args": {"text": DIRTY, "n": {"l": [DIRTY, 5]}}},
        "tool_post_invoke": {"name": "t", "result": {"content": blocks, "structuredContent": {"a": [DIRTY]}}},
        "resource_pre_fetch": {"uri": f"file:///{MAIL}", "metadata": {"a": DIRTY}},
        "resource_post_fetch": {"uri": "u", "content": {"contents": [{"uri": "u", "text": DIRTY}]}},
    }[hook]


HOOKS = (
    "prompt_pre_fetch", "prompt_post_fetch", "tool_pre_invoke",
    "tool_post_invoke", "resource_pre_fetch", "resource_post_fetch",
)  # fmt: skip
FIELDS = {
    "prompt_pre_fetch": "args",
    "tool_pre_invoke": "args",
    "resource_pre_fetch": "uri",
    "resource_post_fetch": "content",
}
MODES = ("sequential", "transform", "audit", "concurrent", "fire_and_forget", "disabled")
OLDER_MODES = ("enforce", "permissive", "enforce_ignore_error")


def scenarios() -> dict[str, Scenario]:
    every: dict[str, Scenario] = {}
    for hook in HOOKS:
        policy = {hook: [FIELDS.get(hook, "result")]}
        for label, config in (("masks", {}), ("blocks", {"block_on_detection": True})):
            chain = [pii(hook=hook, config=config)]
            every[f"pii {label} {hook}"] = Scenario(chain, hook, result_of(hook))
            every[f"pii {label} {hook} untraced"] = Scenario(chain, hook, result_of(hook), traced=False)
            every[f"pii {label} {hook} isolated"] = Scenario(chain, hook, result_of(hook), policies=policy)
        every[f"pii {hook} not writable"] = Scenario(
            [pii(hook=hook)], hook, result_of(hook), policies={hook: ["other"]}
        )
        every[f"pii {hook} deny"] = Scenario([pii(hook=hook)], hook, result_of(hook), default_policy="deny")
        every[f"pii {hook} over a limit"] = Scenario(
            [pii(hook=hook, config={"max_text_bytes": 9})], hook, result_of(hook)
        )
    for mode in (*MODES, *OLDER_MODES):
        every[f"{mode} pii masks"] = Scenario([pii(mode=mode)])
        every[f"{mode} pii blocks"] = Scenario([pii(mode=mode, config={"block_on_detection": True}), own(Appends)])
        every[f"{mode} modifies"] = Scenario(
            [own(Appends, "B", mode=mode, priority=2), own(Appends, "A", mode=mode, priority=1)]
        )
        every[f"{mode} denies"] = Scenario(
            [own(Appends), own(Denies, mode=mode, priority=200), own(Appends, "C", priority=300)]
        )
        every[f"{mode} denies as exception"] = Scenario([own(Appends), own(Denies, mode=mode)], exceptions=True)
        every[f"{mode} denies without words"] = Scenario([own(DeniesWithoutWords, mode=mode)])
        for on_error in ("fail", "ignore", "disable"):
            for kind in (Raises, Hangs):
                chain = [own(kind, mode=mode, on_error=on_error), own(Appends, priority=200)]
                every[f"{mode} {kind.__name__} {on_error}"] = Scenario(chain, timeout=0.05, times=2)
        chain = [pii(mode=mode, on_error="ignore", config={"max_text_bytes": 9}), own(Appends)]
        every[f"{mode} pii over a limit ignored"] = Scenario(chain)
    for mode in ("sequential", "transform", "audit", "concurrent"):
        every[f"{mode} raises a violation"] = Scenario([own(RaisesViolation, mode=mode)])
    every["enforce_ignore_error Raises"] = Scenario([own(Raises, mode="enforce_ignore_error"), own(Appends)])
    every["two filters"] = Scenario(
        [pii(name="a", config={"detect_ssn": False}), pii(name="b", config={"detect_email": False})]
    )
    every["mask, then append"] = Scenario([own(Appends, priority=2), pii(priority=1)])
    every["mutates under a policy"] = Scenario([own(MutatesTop)], policies={"tool_pre_invoke": ["args"]})
    for writable in (["args"], ["name"], ["args", "name"], []):
        every[f"writable {writable}"] = Scenario([own(Renames)], policies={"tool_pre_invoke": writable})
    every["deny by default"] = Scenario([own(Renames)], default_policy="deny")
    every["state"] = Scenario([own(KeepsState, "A"), own(KeepsState, "B", mode="audit")], times=3)
    every["extensions"] = Scenario([own(SeesExtensions)])
    every["extensions with capability"] = Scenario([own(SeesExtensions, capabilities=["read_headers"])])
    for mode in MODES:
        every[f"{mode} sees"] = Scenario([pii(priority=1), own(Sees, mode=mode, priority=2)])
    every["no plugins"] = Scenario([])
    for label, condition, context in (
        ("tool", {"tools": ["t"]}, {}),
        ("other tool", {"tools": ["u"]}, {}),
        ("server", {"server_ids": ["s"]}, {"server_id": "s"}),
        ("other server", {"server_ids": ["s"]}, {"server_id": "x"}),
        ("tenant", {"tenant_ids": ["n"]}, {"tenant_id": "n"}),
        ("no tenant", {"tenant_ids": ["n"]}, {}),
        ("user", {"user_patterns": ["admin"]}, {"user": "admin@example.com"}),
        ("other user", {"user_patterns": ["admin"]}, {"user": "bob@example.com"}),
        ("content type", {"content_types": ["text/html"]}, {"content_type": "Text/HTML; charset=x"}),
        ("no content type", {"content_types": ["text/html"]}, {}),
    ):
        every[f"condition {label}"] = Scenario([pii(conditions=[condition])], context=context)
    return every


RECORD = ("plugin_name", "hook_name", "mode", "status", "requested_allow", "effective_allow", "matched", "applied",
          "payload_modified", "error_code")  # fmt: skip


def dumped(model: Any) -> Any:
    return None if model is None else model.model_dump(mode="json")


async def outcome(scenario: Scenario) -> dict[str, Any]:
    """Everything a host can see, without ids and times."""
    policies = scenario.policies and {
        hook: framework.HookPayloadPolicy(writable_fields=frozenset(names)) for hook, names in scenario.policies.items()
    }
    config = framework.Config(plugins=[framework.PluginConfig(**entry) for entry in scenario.plugins])
    options: Any = {
        "timeout": scenario.timeout,
        "hook_policies": policies,
        "default_hook_policy": scenario.default_policy,
    }
    manager = framework.TenantPluginManager(config, **options)
    await manager.initialize()
    seen = (
        sys.modules["scenarios"].Sees.seen if "scenarios" in sys.modules else []
    )  # the copy that the manager imported
    seen.clear()
    payload = framework.get_hook_registry().json_to_payload(scenario.hook, scenario.payload)
    context = framework.GlobalContext(request_id="r", **scenario.context)
    request = framework.RequestExtension(trace_id="t") if scenario.traced else None
    extensions = framework.Extensions(request=request, http=framework.HttpExtension(), custom={"a": 1})
    told: dict[str, Any] = {"runs": []}
    contexts: Any = None
    for _ in range(scenario.times):
        try:
            result, contexts = await manager.invoke_hook(
                scenario.hook, payload, context, contexts, scenario.exceptions, extensions
            )
        except framework.PluginViolationError as refused:
            told["runs"].append({"refused": str(refused), "violation": dumped(refused.violation)})
        except framework.PluginError as failed:
            told["runs"].append({"failed": failed.error.plugin_name})
        else:
            errors = await result.wait_for_background_tasks()
            told["runs"].append(
                {
                    "continue": result.continue_processing,
                    "payload": dumped(result.modified_payload),
                    "violation": dumped(result.violation),
                    "by": result.violation.plugin_name if result.violation else None,
                    "metadata": result.metadata,
                    "headers": result.http_headers,
                    "retry": result.retry_delay_ms,
                    "executions": [{name: getattr(run, name) for name in RECORD} for run in result.executions],
                    "background": sorted(error.plugin_name for error in errors),
                }
            )
    told["input"] = dumped(payload)
    told["state"] = dict(context.state)
    told["seen"] = [*seen]
    await manager.shutdown()
    return told


async def example_chain(config: Path, traffic: Path) -> dict[str, Any]:
    """The example configuration over the recorded traffic."""
    manager = framework.PluginManager(str(config))
    await manager.initialize()
    told = {}
    for file in sorted(traffic / f"{hook}.jsonl" for hook in HOOKS):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            entry = json.loads(line)
            payload = framework.get_hook_registry().json_to_payload(entry["hook"], entry["payload"])
            context = framework.GlobalContext(request_id="r")
            result, _ = await manager.invoke_hook(entry["hook"], payload, context)
            told[f"{file.name}:{number}"] = [result.continue_processing, dumped(result.modified_payload)]
    await manager.shutdown()
    return told


async def main(root: Path) -> dict[str, Any]:
    told: dict[str, Any] = {name: await outcome(scenario) for name, scenario in scenarios().items()}
    return {
        "framework": framework.FRAMEWORK,
        "scenarios": told,
        "examples": await example_chain(root / "plugins" / "config.yaml", root / "examples" / "traffic"),
    }


if __name__ == "__main__":
    logging.disable()
    json.dump(asyncio.run(main(Path(sys.argv[1]))), sys.stdout)
