"""A pure-Python engine of a few lines, as the tests of `pyplugins.core` need one: it replaces e-mail addresses."""

from __future__ import annotations

import re
from typing import Any

from pyplugins.core.guard import PythonGuard
from pyplugins.core.overlap import Candidate

MAIL = "ann@example.com"
_MAIL = re.compile(r"[a-z]+@[a-z]+\.(?:com|org)")


class Toy(PythonGuard):
    """Finds what the e-mail rule of the PII filter finds in the texts of these tests."""

    reach = 40

    def __init__(self, **limits: int) -> None:
        usual = {"max_text_bytes": 10_485_760, "max_findings": 1_000_000}
        rules = [{"name": "email", "group": "email", "attributes": {"mask_strategy": "redact"}}]
        super().__init__("toy", {"kind": "toy", "version": "0", "rules": rules, "limits": usual | limits})

    def find(self, text: str, start: int = 0) -> list[Candidate]:
        return [Candidate(found.start(), found.end(), 0) for found in _MAIL.finditer(text, start)]

    def replacement(self, value: str, candidate: Candidate, errors: str) -> str | None:
        return "[REDACTED]"


def described(guard: Any) -> dict[str, Any]:
    """What the guard says about itself."""
    told: dict[str, Any] = guard.describe()
    return told
