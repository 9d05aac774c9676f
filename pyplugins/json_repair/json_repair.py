"""The JSON repair as a plugin: tool results that should be JSON become JSON.

Drop-in for ``plugins.json_repair.json_repair.JSONRepairPlugin`` of the gateway: the same hook and metadata. A result is
repaired when it is a text that begins like an object or array, and nothing but white space, comments and the marks of a
code block stand around it; ``extract`` lifts JSON out of prose too. It must never turn a text that is no JSON into
something else. No log line or metadata holds scanned text. Tests: tests/unit/test_json_repair_plugin.py.
"""

from __future__ import annotations

from typing import Any

from pyplugins.core.protocol import Guard
from pyplugins.core.result import Finding
from pyplugins.framework import Extensions
from pyplugins.framework.content import fields_of, with_fields
from pyplugins.framework.guarding import Found, GuardPlugin, Stage, Verdict, is_traced
from pyplugins.json_repair.api import JSONRepair

#: The one hook that has something to repair.
_HOOK = "tool_post_invoke"

#: Keys of the schema that the plugin class reads and the engine does not, with their defaults.
_OWN = {"extract": False, "mcp_content": True, "refuse_guesses": False}

#: Edits of a text that holds more than one JSON document, or none.
_NOT_A_DOCUMENT = frozenset({"no_json", "prose"})


class JSONRepairPlugin(GuardPlugin):
    """Repairs JSON in tool results.

    Arguments:
        config: its ``config`` holds the keys of README.md.

    Raises:
        ConfigError: a value is wrong; the message names the key.
    """

    kind = "json_repair"

    def open_guard(self, config: dict[str, Any]) -> Guard:
        """The repair."""
        guard = JSONRepair(config)
        self.extract, self.mcp_content, self.refuse_guesses = (config.get(key, value) for key, value in _OWN.items())
        return guard

    def judge(self, stage: Stage, found: Found, extensions: Extensions | None) -> Verdict:
        """Nothing is refused: a text that cannot be repaired is left as it is."""
        return None, {}

    def answer(self, stage: Stage, payload: Any, extensions: Extensions | None) -> Any:
        """The repaired result, and the peer's mark in the metadata; for traces also how many edits of each kind."""
        if stage.hook != _HOOK:
            return stage.result()
        edits: dict[str, int] = {}
        changed, result = self._repaired(payload.result, edits)
        if not changed:
            return stage.result()
        told: dict[str, Any] = {"repaired": True}
        if is_traced(extensions):
            told[self.kind] = {"edits": dict(sorted(edits.items()))}
        return stage.result(modified_payload=payload.model_copy(update={"result": result}), metadata=told)

    def _repaired(self, value: Any, edits: dict[str, int]) -> tuple[bool, Any]:
        """A result that is a text; of an MCP result, the texts of its content."""
        if isinstance(value, str):
            return self._repaired_text(value, edits)
        blocks = fields_of(value).get("content") if self.mcp_content else None
        if not isinstance(blocks, (list, tuple)):
            return False, value
        answers = [self._repaired_block(block, edits) for block in blocks]
        if not any(changed for changed, _ in answers):
            return False, value
        return True, with_fields(value, {"content": type(blocks)(block for _, block in answers)})

    def _repaired_block(self, block: Any, edits: dict[str, int]) -> tuple[bool, Any]:
        fields = fields_of(block)
        text = fields.get("text")
        if fields.get("type") != "text" or not isinstance(text, str):
            return False, block
        changed, new = self._repaired_text(text, edits)
        return changed, with_fields(block, {"text": new}) if changed else block

    def _repaired_text(self, text: str, edits: dict[str, int]) -> tuple[bool, str]:
        # Most texts are no JSON at all: one that holds no bracket and no key has nothing to repair.
        if "{" not in text and "[" not in text and ":" not in text:
            return False, text
        result = self.guard.scan(text)
        if not result.changed or not self._is_document(result.findings, result.output):
            return False, text
        for finding in result.findings:
            edits[finding.rule] = edits.get(finding.rule, 0) + 1
        return True, result.output

    def _is_document(self, findings: tuple[Finding, ...], output: str) -> bool:
        """The text was meant to be an object or array, and nothing else."""
        if self.refuse_guesses and any(finding.guess for finding in findings):
            return False
        if not output.lstrip().startswith(("{", "[")):
            return False
        rules = {finding.rule for finding in findings}
        return "no_json" not in rules if self.extract else not rules & _NOT_A_DOCUMENT
