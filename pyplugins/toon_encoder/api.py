"""The direct API: `ToonEncoder`, `ToonEncoderRust`, `ToonEncoderPython`. Tests: tests/unit/test_toon_encoder.py."""

from __future__ import annotations

from typing import Any

from pyplugins.core.protocol import Guard
from pyplugins.direct import DirectGuard

__all__ = ["ToonEncoder", "ToonEncoderPython", "ToonEncoderRust"]


class ToonEncoder(DirectGuard):
    """FILL IN: what it does; see `DirectGuard` for arguments, attributes and errors.

    >>> ToonEncoder().process("FILL IN: a text")
    'FILL IN: what becomes of it'
    """

    kind = "toon_encoder"

    @staticmethod
    def _python(config: str) -> Guard:
        from pyplugins.toon_encoder.fallback import ToonEncoderFallback

        return ToonEncoderFallback.open(config)


class ToonEncoderRust(ToonEncoder):
    """`ToonEncoder` of the native library, never of Python."""

    def __init__(self, config: Any = None, implementation: str = "rust") -> None:
        super().__init__(config, implementation)


class ToonEncoderPython(ToonEncoder):
    """`ToonEncoder` in pure Python.

    >>> ToonEncoderPython().implementation
    'python'
    """

    def __init__(self, config: Any = None, implementation: str = "python") -> None:
        super().__init__(config, implementation)
