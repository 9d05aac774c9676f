"""What a chain says about one message. Nothing here holds a value that was found.

Tests: tests/unit/test_mcp_chain.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Code of a message that does not have the form MCP gives it, so that no plugin could read it.
MALFORMED = "MALFORMED"
#: Code of a message that a plugin failed to read.
NOT_CHECKED = "NOT_CHECKED"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message must not go on."""

    #: Name of the plugin in its configuration; empty when the message is malformed.
    plugin: str
    code: str
    reason: str
    #: The message was not checked, because a plugin failed or because it is malformed. Nothing is said about it.
    failed: bool = False

    @property
    def message(self) -> str:
        """One line for people."""
        if self.plugin and self.failed:
            return f"not checked, plugin {self.plugin} failed: {self.code}: {self.reason}"
        return f"refused by plugin {self.plugin}: {self.code}: {self.reason}" if self.plugin else self.reason

    def data(self) -> dict[str, str]:
        """The same for programs: `plugin`, `code`, `reason`."""
        return {"plugin": self.plugin, "code": self.code, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Run:
    """One plugin that read a part of a message."""

    #: Its execution record.
    record: Any
    #: What the plugins of this reading told, by their usual keys.
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a message may go on, and as what."""

    #: What goes on: the very object that was given when nothing changed, `None` when it was refused.
    data: Any
    changed: bool = False
    refusal: Refusal | None = None
    #: In their order: a message of several parts goes through a plugin several times.
    runs: tuple[Run, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether it may go on."""
        return self.refusal is None


class Refused(Exception):
    """Ends the walk through a message; caught by `Chain`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def malformed(what: str) -> Refused:
    """A message that no plugin could read; `what` names the field, never its value."""
    return Refused(Refusal("", MALFORMED, what, failed=True))
