"""Twin of rustlib/engines/compression/src/settings.rs: the configuration of a codec, read by `rules/codec.json`.

Tests: tests/unit/test_compression_api.py, tests/parity/test_compression_parity.py.
"""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

from pyplugins.compression._tables import AUTO, Facts, codecs
from pyplugins.core import config, data
from pyplugins.core.faults import fault

_DICTIONARY_MAGIC = b"\x37\xa4\x30\xec"


class Settings(NamedTuple):
    """What a codec was told."""

    #: `None` for a format without levels.
    level: int | None
    checksum: bool
    max_output_bytes: int
    max_ratio: int
    max_window_log: int
    concatenated: bool
    dictionary: bytes


def read(name: str, config_json: str) -> Settings:
    """The settings of the codec `name`.

    Raises:
        ConfigError: there is no such codec, or a value is wrong; `path` names it.
        ImportError: there is a dictionary, and the package that knows whether it is one is not installed.
    """
    facts = codecs().get(name)
    if facts is None and name != AUTO:
        raise fault("unknown_codec")
    taken = config.read(data.load("compression", "codec.json"), config_json or "{}")
    dictionary = _from_base64(taken["dictionary"] or "")
    if dictionary and name not in ("zstd", AUTO):
        raise fault("codec_dictionary_format", "$.dictionary")
    if not _is_dictionary(dictionary):
        raise fault("codec_dictionary_damaged", "$.dictionary")
    return Settings(**taken | {"dictionary": dictionary, "level": _level(facts, taken["level"])})


def _is_dictionary(data: bytes) -> bool:
    """What begins like a trained dictionary (RFC 8878, 5) has to be one; the rest is content that texts may repeat."""
    if not data.startswith(_DICTIONARY_MAGIC):
        return True
    from pyplugins.compression._formats import package

    library = package("zstd")
    dictionary = library.ZstdCompressionDict(data)
    try:
        dictionary.precompute_compress(level=1)
        library.ZstdDecompressor(dict_data=dictionary)
    except library.ZstdError:
        return False
    return True


def _level(facts: Facts | None, wanted: int | None) -> int | None:
    levels = facts.levels if facts else None
    least, most = levels or (0, 0)
    if wanted is not None and not least <= wanted <= most:
        raise fault("codec_level", "$.level")
    if facts is None or levels is None:
        return None
    return facts.default_level if wanted is None else wanted


def _from_base64(text: str) -> bytes:
    try:
        if len(text) % 4:
            raise binascii.Error
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise fault("codec_base64", "$.dictionary") from None
