"""The direct API: `RegexFilter`, `RegexFilterRust`, `RegexFilterPython`."""

from __future__ import annotations

from pyplugins.core.protocol import Guard
from pyplugins.direct import DirectGuard


class RegexFilter(DirectGuard):
    """x"""

    kind = "regex_filter"

    @staticmethod
    def _python(config: str) -> Guard:
        from pyplugins.regex_filter.fallback import RegexFilterPython as Fallback

        return Fallback.open(config)
