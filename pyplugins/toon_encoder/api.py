"""The direct API: `ToonEncoder`, `ToonEncoderRust`, `ToonEncoderPython`. Tests: tests/unit/test_toon_encoder.py."""

from __future__ import annotations

from typing import Any

from pyplugins.core.protocol import Guard
from pyplugins.direct import DirectGuard

__all__ = ["ToonEncoder", "ToonEncoderPython", "ToonEncoderRust"]


class ToonEncoder(DirectGuard):
    """Writes a JSON text as TOON, or with ``{"direction": "decode"}`` a TOON text as JSON; see `DirectGuard` for
    arguments, attributes and errors.

    A text that is converted has one finding, `encoded` or `decoded`: its span is the whole text, its detail
    ``{"input_bytes", "output_bytes"}`` in UTF-8 bytes. Every other text has none and is left as it is; with
    ``{"strict": true}`` one that is not JSON (not TOON) is an `InputTooLarge`, a `ValueError`.

    >>> text = '{"users": [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}]}'
    >>> print(ToonEncoder({"min_size_bytes": 0}).process(text))
    users[2]{id,name}:
      1,Ada
      2,Bob
    >>> ToonEncoder({"direction": "decode"}).process("id: 1\\ntags[2]: a,b")
    '{"id":1,"tags":["a","b"]}'
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
