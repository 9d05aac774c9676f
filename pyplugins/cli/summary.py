"""What a whole run found, left out and failed at; it decides the exit code. Tests: tests/cli/test_formats.py."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pyplugins.cli import exits


@dataclass
class Summary:
    """Counts of one run."""

    files: int = 0
    files_with_findings: int = 0
    bytes: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    #: Path and reason.
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """An error weighs more than findings: what failed has not been checked."""
        if self.errors:
            return exits.ERROR
        return exits.FINDINGS if self.findings else exits.CLEAN

    def public(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "files": self.files,
            "files_with_findings": self.files_with_findings,
            "bytes": self.bytes,
            "findings": dict(sorted(self.findings.items())),
            "skipped": dict(sorted(self.skipped.items())),
            "errors": [{"path": exits.printable(path), "message": why} for path, why in self.errors],
            "exit_code": self.exit_code,
        }

    def line(self) -> str:
        """One line for a reader."""
        parts = [f"{_count(self.findings.total(), 'finding')}{_list(self.findings)} in {self._where()}"]
        parts += [f"{_count(number, reason)} skipped" for reason, number in sorted(self.skipped.items())]
        if self.errors:
            parts.append(_count(len(self.errors), "error"))
        return "; ".join(parts)

    def _where(self) -> str:
        return (
            f"{self.files_with_findings} of {_count(self.files, 'file')}"
            if self.findings
            else _count(self.files, "file")
        )


def _list(counts: Counter[str]) -> str:
    return f" ({', '.join(f'{number} {rule}' for rule, number in counts.most_common())})" if counts else ""


def _count(number: int, what: str) -> str:
    if number == 1:
        return f"1 {what}"
    return f"{number} {what[:-1]}ies" if what.endswith("y") else f"{number} {what}s"
