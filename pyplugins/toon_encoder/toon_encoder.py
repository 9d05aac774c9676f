"""toon_encoder as a plugin: a ``ToonEncoder`` on six hooks. No log line, violation or metadata holds scanned text.

Tests: tests/unit/test_toon_encoder.py.
"""

from __future__ import annotations

from typing import Any

from pyplugins.core.protocol import Guard
from pyplugins.framework import Extensions
from pyplugins.framework.guarding import Found, GuardPlugin, Stage, Verdict
from pyplugins.toon_encoder.api import ToonEncoder


class ToonEncoderPlugin(GuardPlugin):
    """FILL IN: what it does to what a gateway passes on.

    Arguments:
        config: its ``config`` holds the keys of the README.

    Raises:
        ConfigError: a value is wrong; the message names the key.
    """

    kind = "toon_encoder"

    def open_guard(self, config: dict[str, Any]) -> Guard:
        """The engine."""
        return ToonEncoder(config)

    def judge(self, stage: Stage, found: Found, extensions: Extensions | None) -> Verdict:
        """FILL IN: a refusal, when the configuration wants one; and what to tell."""
        return None, {}
