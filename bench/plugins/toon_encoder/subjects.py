"""Our encoder, and the two libraries of PyPI: JSON text in, TOON out, and back.

The peers encode values, so that reading the JSON is part of their way, as it is in the gateway's plugin; both ways end
in a text. What is decoded each has encoded itself before. Tests: tests/bench/test_verify.py.
"""

from __future__ import annotations

import importlib
import json
from functools import partial
from typing import Any

from bench.plugin import Opened, Subject, own, versions

_LIMITS = {"min_size_bytes": 0, "max_size_bytes": 10485760}


def _own(implementation: str) -> Opened:
    encoder = importlib.import_module("pyplugins.toon_encoder").ToonEncoder
    encode = encoder(_LIMITS, implementation)
    decode = encoder({"direction": "decode", "strict": True}, implementation)
    return Opened(
        {
            "encode": encode.process,
            "decode": decode.process,
            "process_many": encode.process_many,
            "new": lambda _: encoder({}, implementation),
        },
        prepare={"decode": encode.process},
    )


def _library(module: str, package: str) -> Opened:
    library = importlib.import_module(module)

    def encode(text: str) -> Any:
        return library.encode(json.loads(text))

    def decode(text: str) -> str:
        return json.dumps(library.decode(text), ensure_ascii=False, separators=(",", ":"))

    return Opened({"encode": encode, "decode": decode}, prepare={"decode": encode}, versions=versions(package))


SUBJECTS = {
    **own(_own, "pyplugins.toon_encoder.ToonEncoder"),
    "toon_format": Subject(
        "toon-format",
        partial(_library, "toon_format", "toon-format"),
        "peers",
        colour="#c2410c",
        program="from toon_format import encode as d; d([])",
    ),
    "python_toon": Subject(
        "python-toon",
        partial(_library, "toon", "python-toon"),
        "peers",
        colour="#6d28d9",
        program="from toon import encode as d; d([])",
    ),
}
