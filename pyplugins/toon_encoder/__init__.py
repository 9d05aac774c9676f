"""Writes JSON as TOON (Token-Oriented Object Notation), which takes a model fewer tokens, and TOON as JSON.

`encode`, `decode` and `estimate_token_savings` are drop-ins for the functions of these names of the gateway's plugin;
`ToonEncoder` is the direct API, `ToonEncoderPlugin` the plugin class; importing the first loads no framework.
README.md says what is written. Tests: tests/unit/test_toon_encoder*.py, tests/parity/test_toon_encoder_parity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyplugins import lazy

if TYPE_CHECKING:
    from pyplugins.toon_encoder.api import ToonEncoder, ToonEncoderPython, ToonEncoderRust
    from pyplugins.toon_encoder.functions import (
        decode,
        decode_to_json,
        encode,
        encode_json,
        estimate_token_savings,
    )
    from pyplugins.toon_encoder.toon_encoder import ToonEncoderPlugin

__all__ = [
    "ToonEncoder",
    "ToonEncoderPlugin",
    "ToonEncoderPython",
    "ToonEncoderRust",
    "decode",
    "decode_to_json",
    "encode",
    "encode_json",
    "estimate_token_savings",
]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "ToonEncoder": "api",
        "ToonEncoderPlugin": "toon_encoder",
        "ToonEncoderPython": "api",
        "ToonEncoderRust": "api",
        "decode": "functions",
        "decode_to_json": "functions",
        "encode": "functions",
        "encode_json": "functions",
        "estimate_token_savings": "functions",
    },
)
