"""The codecs in Python: the readable twin of rustlib/engines/compression, on the standard library and known packages.

What decompression may give is bounded before it begins. Compressed bytes may differ from the engine's; what they hold,
and every error, may not. Tests: tests/parity/test_compression_parity.py, tests/vectors/codec/compression.jsonl.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyplugins.compression import _settings
from pyplugins.compression._formats import Decode, Encode, decoder, encoder, package
from pyplugins.compression._settings import Settings
from pyplugins.compression._tables import AUTO, Facts, codecs
from pyplugins.core.codec import Buffer, as_bytes
from pyplugins.core.description import version
from pyplugins.core.faults import fault

#: Output that is free of the limit on the ratio: a small text may well be a thousand equal letters.
_FREE_BYTES = 1 << 20
#: Output of one step.
_STEP = 65536
#: Input of which the rest is carried from step to step: each one copies it.
_PIECE = 16384


class CompressionPython:
    """A configured codec; any number of threads may use it."""

    implementation = "python"
    binding: str | None = None

    def __init__(self, name: str, config_json: str) -> None:
        self.name = name
        self._settings = _settings.read(name, config_json)
        self._closed = False
        if name != AUTO:
            decoder(name, self._settings)  # a package that is missing is missed here

    def compress(self, data: Buffer) -> bytes:
        """The compressed data."""
        given = as_bytes(data, self.implementation)
        engine = self._encoder(len(given))
        return engine.push(given) + engine.finish()

    def decompress(self, data: Buffer) -> bytes:
        """What the data holds."""
        stream = self.decompressor()
        return stream.push(data) + stream.finish()

    def compressor(self) -> PythonStream:
        """A stream that compresses."""
        return PythonStream(self._encoder(None))

    def decompressor(self) -> PythonStream:
        """A stream that decompresses."""
        self._live()
        return PythonStream(Decoder(None if self.name == AUTO else codecs()[self.name], self._settings))

    def describe(self) -> dict[str, Any]:
        """Name, version, level, limits."""
        self._live()
        keys = ("max_output_bytes", "max_ratio", "max_window_log")
        limits = {key: getattr(self._settings, key) for key in keys}
        return {"codec": self.name, "version": version(), "level": self._settings.level, "limits": limits}

    def close(self) -> None:
        """The codec takes no further calls."""
        self._closed = True

    def _encoder(self, size: int | None) -> Encode:
        self._live()
        if self.name == AUTO:
            raise fault("unsupported")
        return encoder(self.name, self._settings, size)

    def _live(self) -> None:
        if self._closed:
            raise fault("bad_handle", a=1)


class PythonStream:
    """Data that arrives in chunks. After an error or its end it takes nothing more."""

    def __init__(self, engine: Encode | Decoder) -> None:
        self._engine = engine
        self._over = False

    def push(self, chunk: Buffer) -> bytes:
        """Takes a chunk; what it has led to."""
        given = as_bytes(chunk, "python")
        self._enter()
        output = self._engine.push(given)
        self._over = False
        return output

    def finish(self) -> bytes:
        """Ends the data; the rest of the output."""
        self._enter()
        return self._engine.finish()

    def _enter(self) -> None:
        """A stream is over until the call at hand has gone well."""
        if self._over:
            raise fault("finished")
        self._over = True


class Decoder:
    """Twin of decoder.rs: how much may come out, where a stream ends, and what may follow it."""

    def __init__(self, facts: Facts | None, settings: Settings) -> None:
        self._settings = settings
        #: `None` until the data has told.
        self._facts = facts
        #: `None` between two compressed streams, too.
        self._stream: Decode | None = None
        #: Streams that are complete.
        self._complete = 0
        #: Bytes too few to tell what they begin.
        self._head = b""
        self._read = 0
        self._written = 0
        #: What was written before the open stream.
        self._written_before = 0

    def push(self, chunk: bytes) -> bytes:
        """Takes a chunk, all of which counts for the ratio from the beginning."""
        self._read += len(chunk)
        out: list[bytes] = []
        for at in range(0, max(len(chunk), 1), _PIECE):
            self._take(chunk[at : at + _PIECE], out)
        return b"".join(out)

    def _take(self, rest: bytes, out: list[bytes]) -> None:
        while rest or self._stream is not None:
            if self._stream is None:
                begun, rest = self._begin(rest)
                if not begun:
                    break
            before = self._complete
            rest = self._run(rest, out)
            if self._complete == before:
                break

    def finish(self) -> bytes:
        """The data ends here."""
        if self._stream is not None:
            if not self._stream.may_end():
                raise fault("codec_truncated")
        elif (self._head or not self._complete) and not (self._facts and self._facts.name == "identity"):
            raise fault("codec_truncated")
        return b""

    def _begin(self, rest: bytes) -> tuple[bool, bytes]:
        """Opens the next stream once its first bytes are there; whether it did, and what is to be read next."""
        if self._facts is not None and not self._complete:
            self._stream = decoder(self._facts.name, self._settings)
            return True, rest
        for index in range(len(rest)):
            self._head += rest[index : index + 1]
            facts = detect(self._head)
            if isinstance(facts, Facts) and (not self._complete or self._is_ours(facts)):
                return True, self._open(facts) + rest[index + 1 :]
            if facts is None and (not self._complete or self._may_be_ours()):
                continue
            raise fault("codec_trailing" if self._complete else "codec_unknown")
        return False, b""

    def _is_ours(self, facts: Facts) -> bool:
        """A further stream may begin behind a complete one, and it is of the same format."""
        return self._may_continue() and self._facts is not None and self._facts.name == facts.name

    def _may_be_ours(self) -> bool:
        """What is in the head may still become the beginning of one."""
        if not self._may_continue() or self._facts is None:
            return False
        skippable = self._facts.name == "zstd" and 0x50 <= self._head[0] <= 0x5F
        return skippable or self._facts.magic.startswith(self._head)

    def _may_continue(self) -> bool:
        return self._settings.concatenated and self._facts is not None and self._facts.concatenated

    def _open(self, facts: Facts) -> bytes:
        """Opens a stream; the bytes it begins with."""
        self._facts = facts
        self._stream = decoder(facts.name, self._settings)
        head, self._head = self._head, b""
        return head

    def _run(self, data: bytes, out: list[bytes]) -> bytes:
        """Runs the open stream over `data` until it needs more or is complete; what it has not read."""
        while self._stream is not None:
            room = max(min(_STEP, self._settings.max_output_bytes - self._written + 1), 1)
            output, rest, ended = self._stream.step(data, room)
            moved = bool(output) or len(rest) < len(data)
            data = rest
            if output:
                out.append(output)
                self._written += len(output)
            announced = self._stream.announced
            self._check(announced)
            if ended:
                # libzstd does not compare when the last block is empty.
                if announced is not None and announced != self._written - self._written_before:
                    raise fault("codec_data")
                self._written_before = self._written
                self._stream = None
                self._complete += 1
            elif not moved:
                break
        return data

    def _check(self, announced: int | None) -> None:
        """The limits, for what has come out and for what is announced."""
        settings = self._settings
        if max(self._written, announced or 0) > settings.max_output_bytes:
            raise fault("codec_output", b=settings.max_output_bytes)
        if self._written > max(_FREE_BYTES, self._read * settings.max_ratio):
            raise fault("codec_ratio", b=settings.max_ratio)


def detect(head: bytes) -> Facts | str | None:
    """The format whose stream begins with `head`; `None` when more bytes are needed to tell, ``"unknown"`` for none.

    Raw deflate, brotli and identity begin with anything.
    """
    undecided = False
    for facts in codecs().values():
        if facts.magic and head.startswith(facts.magic):
            return facts
        undecided = undecided or facts.magic.startswith(head)
    if 0x50 <= head[0] <= 0x5F and b"\x2a\x4d\x18".startswith(head[1:4]):
        return codecs()["zstd"] if len(head) >= 4 else None
    if undecided or len(head) < 2:
        return None
    return codecs()["zlib"] if _is_zlib(head[0], head[1]) else "unknown"


def _is_zlib(cmf: int, flags: int) -> bool:
    """RFC 1950: method 8, a window of at most 32 KiB, no dictionary, and the check bits."""
    return cmf & 15 == 8 and cmf >> 4 <= 7 and not flags & 0x20 and (cmf << 8 | flags) % 31 == 0


def train(samples: Sequence[bytes], max_bytes: int) -> bytes:
    """A zstd dictionary.

    Raises:
        UsageError: the samples are too few or too small.
        ImportError: `zstandard` is not installed.
    """
    library = package("zstd")
    try:
        dictionary: bytes = library.train_dictionary(max_bytes, list(samples)).as_bytes()
    except (library.ZstdError, ValueError):
        raise fault("codec_samples") from None
    return dictionary
