"""Envelopes: compressed values inside JSON, which say what they are and how to open them.

A text becomes a text (the envelope's JSON), anything else a mapping. `open_envelope` gives back what was sealed. An
envelope is opened within limits, like all compressed data. Tests: tests/unit/test_compression_plugin.py.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from pyplugins.compression.api import Compression
from pyplugins.core.faults import fault

#: The one key of an envelope.
KEY = "gwplugins.compressed"
#: What the JSON of an envelope begins with.
_BEGINS = f'{{"{KEY}":'
_TEXT, _JSON, _BYTES = "text/plain; charset=utf-8", "application/json", "application/octet-stream"
#: Bytes around the data of an envelope at most: 146 for zstd, its quotes escaped as in the JSON around a text; other
#: names and larger sizes take some more. What is shorter is not worth trying.
OVERHEAD_BYTES = 160


class Opened(NamedTuple):
    """What was in an envelope."""

    value: Any
    #: Bytes that it was sealed from.
    size: int


def is_envelope(value: Any) -> bool:
    """Whether `seal` made this value, as far as its form tells."""
    if isinstance(value, str):
        return value.startswith(_BEGINS)
    return isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(KEY), Mapping)


def packed(value: Any) -> tuple[bytes, str] | None:
    """The bytes of a value and their media type; `None` for what is neither text, bytes nor JSON.

    >>> packed({"a": 1})
    (b'{"a":1}', 'application/json')
    """
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass"), _TEXT
    if isinstance(value, (bytes, bytearray)):
        return bytes(value), _BYTES
    if not isinstance(value, (dict, list)):
        return None
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        return None
    # Keys that are no text, tuples and the like would come back as something else.
    return (text.encode("utf-8", "surrogatepass"), _JSON) if json.loads(text) == value else None


def seal(value: Any, codec: Compression, *, encoding: str = "base64") -> Any:
    """The envelope of a value; the very value when it would not be smaller, is an envelope already, or is no data.

    Args:
        value: text, bytes, or dicts and lists of what JSON knows.
        codec: compresses.
        encoding: ``base64``, or ``bytes`` for data that never becomes JSON; a text always gets base64.
    """
    content = None if is_envelope(value) else packed(value)
    if content is None:
        return value
    data, media_type = content
    compressed = codec.compress(data)
    is_text = media_type == _TEXT
    as_bytes = encoding == "bytes" and not is_text
    size = len(compressed) if as_bytes else (len(compressed) + 2) // 3 * 4
    if size + OVERHEAD_BYTES >= len(data):
        return value
    body: bytes | str = compressed if as_bytes else base64.b64encode(compressed).decode("ascii")
    facts = {
        "codec": codec.codec,
        "size": len(data),
        "media_type": media_type,
        "encoding": "bytes" if as_bytes else "base64",
        "data": body,
    }
    return f"{_BEGINS}{json.dumps(facts, separators=(',', ':'))}}}" if is_text else {KEY: facts}


def open_envelope(value: Any, *, max_output_bytes: int = 67_108_864, config: Any = None) -> Any:
    """What an envelope holds.

    Args:
        value: an envelope; see `is_envelope`.
        max_output_bytes: most bytes it may hold.
        config: further keys of `Compression`, as a mapping.

    Raises:
        BadData: it is no envelope, its data is damaged, or it is not as large as it says.
        InputTooLarge: it holds more than a limit allows.

    >>> text = "many words " * 100
    >>> open_envelope(seal(text, Compression("zstd"))) == text
    True
    """
    return opened(value, max_output_bytes, config).value


def opened(value: Any, max_output_bytes: int, config: Any = None) -> Opened:
    """`open_envelope`, and what counts for a limit on several envelopes."""
    facts = _facts(value)
    codec, media_type = facts["codec"], facts["media_type"]
    limits = {**(config or {}), "max_output_bytes": max_output_bytes}
    data = _opener(codec, limits).decompress(_data(facts))
    if len(data) != facts["size"]:
        raise fault("codec_data")
    if media_type == _BYTES:
        return Opened(data, len(data))
    try:
        text = data.decode("utf-8", "surrogatepass")
        return Opened(text if media_type == _TEXT else json.loads(text), len(data))
    except (ValueError, RecursionError):
        raise fault("codec_data") from None


def _opener(codec: str, limits: Mapping[str, Any]) -> Compression:
    if codec == "auto":
        raise fault("codec_data")
    try:
        return Compression(codec, limits)
    except ValueError as error:
        # A codec that nobody knows is the sender's doing; a limit that is none is the caller's.
        raise fault("codec_data") if getattr(error, "path", "") == "" else error from None


def _facts(value: Any) -> dict[str, Any]:
    """The inside of an envelope, with every part of the right type.

    A text in another form than `is_envelope` knows is none: the hooks would have let it pass.
    """
    if not is_envelope(value):
        raise fault("codec_data")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise fault("codec_data") from None
    facts = value.get(KEY) if isinstance(value, Mapping) and len(value) == 1 else None
    if not isinstance(facts, Mapping):
        raise fault("codec_data")
    kinds: dict[str, type | tuple[type, ...]] = {
        "codec": str,
        "size": int,
        "media_type": str,
        "encoding": str,
        "data": (str, bytes),
    }
    if set(facts) != set(kinds) or not all(isinstance(facts[key], kind) for key, kind in kinds.items()):
        raise fault("codec_data")
    if facts["media_type"] not in (_TEXT, _JSON, _BYTES):
        raise fault("codec_data")
    return dict(facts.items())


def _data(facts: Mapping[str, Any]) -> bytes:
    data = facts["data"]
    if facts["encoding"] == "bytes" and isinstance(data, bytes):
        return data
    if facts["encoding"] != "base64" or not isinstance(data, str):
        raise fault("codec_data")
    try:
        return base64.b64decode(data.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise fault("codec_data") from None
