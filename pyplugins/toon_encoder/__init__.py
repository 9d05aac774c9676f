"""FILL IN: what it does, in one sentence.

`ToonEncoder` is the direct API, `ToonEncoderPlugin` the plugin class; importing the first loads no framework.
README.md says what is found. Tests: tests/unit/test_toon_encoder*.py, tests/parity/test_toon_encoder_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.toon_encoder.api import ToonEncoder, ToonEncoderPython, ToonEncoderRust
    from pyplugins.toon_encoder.toon_encoder import ToonEncoderPlugin

__all__ = ["ToonEncoder", "ToonEncoderPlugin", "ToonEncoderPython", "ToonEncoderRust"]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "ToonEncoder": "api",
        "ToonEncoderPython": "api",
        "ToonEncoderRust": "api",
        "ToonEncoderPlugin": "toon_encoder",
    },
)
