"""Files and file-like objects, compressed and back, chunk by chunk.

What a chunk turns into is held at once: for hostile data that may be all that `max_output_bytes` allows. A reader
raises before it reports the end of data that is not complete. Tests: tests/unit/test_compression_files.py.
"""

from __future__ import annotations

import builtins
import io
import os
from typing import Any, BinaryIO, Literal, overload

from pyplugins.compression.api import Compression
from pyplugins.core.codec import Buffer, CodecStream

#: Compressed bytes read at a time. They seldom turn into much, but 4 KiB of zstd may stand for 128 MiB of zeros, which
#: come out at once unless `max_output_bytes` is less.
READ_BYTES = 4096


@overload
def open(file: Any, mode: Literal["rb"] = "rb", codec: str = "auto", config: Any = None) -> io.BufferedReader: ...
@overload
def open(file: Any, mode: Literal["wb", "xb"], codec: str = "zstd", config: Any = None) -> CompressingWriter: ...


def open(
    file: Any, mode: str = "rb", codec: str | None = None, config: Any = None, implementation: str = "auto"
) -> io.BufferedReader | CompressingWriter:
    """Opens a compressed file.

    Args:
        file: a path, or a binary file object, which stays open when this one is closed.
        mode: ``rb``, ``wb`` or ``xb``.
        codec: name of the codec; ``auto`` when reading and ``zstd`` when writing, unless told.
        config: as for `Compression`, e.g. ``{"level": 9}``.
        implementation: as for `Compression`.

    Raises:
        ValueError: another mode, or the codec or its configuration is refused.
        OSError: the file cannot be opened.
    """
    if mode not in ("rb", "wb", "xb"):
        raise ValueError(f"mode must be rb, wb or xb, not {mode!r}")
    engine = Compression(codec or ("auto" if mode == "rb" else "zstd"), config, implementation)
    # A stream that is refused must not have emptied the file.
    stream = engine.decompressor() if mode == "rb" else engine.compressor()
    is_path = isinstance(file, (str, bytes, os.PathLike))
    inner: Any = builtins.open(file, mode) if is_path else file  # noqa: SIM115
    if mode == "rb":
        return io.BufferedReader(DecompressingReader(inner, stream, owns=is_path), buffer_size=65536)
    return CompressingWriter(inner, stream, owns=is_path)


class CompressingWriter(io.BufferedIOBase):
    """Compresses what is written; only `close` makes it complete.

    Args:
        file: where compressed bytes go.
        stream: compresses.
        owns: close `file` with this.
    """

    def __init__(self, file: BinaryIO, stream: CodecStream, *, owns: bool = False) -> None:
        self._file = file
        self._stream = stream
        self._owns = owns

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Any, /) -> int:
        """Takes bytes; how many those were."""
        self._check()
        view = memoryview(data)
        self._file.write(self._stream.push(view.cast("B") if view.nbytes else b""))
        return view.nbytes

    def close(self) -> None:
        """Writes the rest."""
        if self.closed:
            return
        try:
            self._file.write(self._stream.finish())
        finally:
            try:
                if self._owns:
                    self._file.close()
            finally:
                super().close()

    def _check(self) -> None:
        if self.closed:
            raise ValueError("write to a closed file")


class DecompressingReader(io.RawIOBase):
    """Reads what compressed data holds.

    Args:
        file: where compressed bytes come from.
        stream: decompresses, within its limits.
        owns: close `file` with this.
    """

    def __init__(self, file: BinaryIO, stream: CodecStream, *, owns: bool = False) -> None:
        self._file = file
        self._stream = stream
        self._owns = owns
        self._ready: memoryview = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fills `buffer` as far as one step of decompression does; 0 only at the end of complete data.

        Raises:
            BadData: what `Compression.decompress` says of the data.
            InputTooLarge: a limit is passed.
        """
        while not self._ready and not self._ended:
            self._fill()
        room = memoryview(buffer).cast("B")
        count = min(len(room), len(self._ready))
        room[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def close(self) -> None:
        """Forgets the data."""
        try:
            if self._owns and not self.closed:
                self._file.close()
        finally:
            super().close()

    def _fill(self) -> None:
        chunk: Buffer = self._file.read(READ_BYTES)
        if chunk:
            self._ready = memoryview(self._stream.push(chunk))
            return
        # Raises when something is missing; raises again, as a finished stream, for who goes on reading.
        self._ready = memoryview(self._stream.finish())
        self._ended = True
