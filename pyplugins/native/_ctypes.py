"""The ctypes binding: any Python, any library file of the right ABI; prototypes come from the header by `_decls`.

Texts are joined into batches and findings are read as packed records, because each foreign call costs more than a short
scan. Handles belong to owner objects; `free` is called by their finaliser only. Tests: tests/unit/test_native_*.py.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from ctypes import CDLL, byref, c_size_t, c_void_p
from itertools import accumulate
from struct import calcsize, iter_unpack
from typing import Any, NamedTuple

from pyplugins.core import units
from pyplugins.core.faults import fault
from pyplugins.core.guard import Answer, BaseGuard
from pyplugins.core.limiter import Limiter
from pyplugins.core.overlap import Candidate
from pyplugins.core.result import StreamPart
from pyplugins.native import _decls
from pyplugins.native._ctypes_calls import CtypesCalls, Handle
from pyplugins.native.binding import Binding, check_abi, named_library, own_library
from pyplugins.native.codec import functions
from pyplugins.native.limiter import NativeLimiter

#: A batch is sent when it has grown to this many bytes; one longer text makes a batch of its own.
_BATCH_BYTES = 262_144


def load() -> Binding:
    """Opens the library that `GWPLUGINS_LIBRARY` names, or the package's own.

    Raises:
        NotPresent: the package has no library.
        ImportError: the file does not load, lacks a function, or is of another ABI.
    """
    file = named_library() or own_library()
    try:
        lib = CDLL(file)
        _decls.declare(lib)
    except (OSError, AttributeError) as error:
        raise ImportError(f"{file} is no usable gwplugins library: {error}") from None
    version = check_abi(lib, _decls, file)
    library = _Library(lib)
    indices = range(lib.gwp_kind_count())
    kinds = {library.view("gwp_kind_name", i).decode(): library.view("gwp_kind_schema", i).decode() for i in indices}
    name = lib.gwp_version().decode()
    codecs = functions(library, None, lib.gwp_codec_count())
    return Binding("ctypes", file, name, version, kinds, library.open, library.limiters(), codecs)


class _Contents(NamedTuple):
    """What a call left in a result, copied out of it; records as the header lists their fields."""

    findings: bytes
    items: list[tuple[int, ...]]
    output: bytes
    details: dict[int, Any]


class _Library(CtypesCalls):
    """What guards and limiters ask of the library, with what a call left in a result turned into values."""

    def open(self, kind: str, config_json: str) -> CtypesGuard:
        """Makes a guard."""
        name, config = kind.encode(), config_json.encode("utf-8", units.STR_ERRORS)
        return CtypesGuard(self, self.made("gwp_guard_new", "gwp_guard_free", name, config), kind)

    def limiters(self) -> Callable[[str], Limiter] | None:
        """What makes limiters; `None` when the library was built without."""
        address, length = c_void_p(), c_size_t()
        status = self._lib.gwp_limiter_schema(byref(address), byref(length), None)
        return self.open_limiter if status == _decls.GWP_OK else None

    def open_limiter(self, config_json: str) -> Limiter:
        """Makes a limiter."""
        config = config_json.encode("utf-8", units.STR_ERRORS)
        handle = self.made("gwp_limiter_new", "gwp_limiter_free", config)
        return CtypesLimiter(self, handle, handle)

    def stream(self, guard: Handle, flags: int) -> Handle:
        """Begins a stream."""
        return self.made("gwp_stream_new", "gwp_stream_free", guard, flags)

    def describe(self, guard: Handle) -> dict[str, Any]:
        """What the guard says about itself."""
        described: dict[str, Any] = json.loads(self.view("gwp_guard_describe", guard))
        return described

    def scan(self, guard: Handle, texts: Sequence[bytes], flags: int) -> _Contents:
        """Scans texts as one batch."""
        ends = array("Q", accumulate(map(len, texts), initial=0))
        arguments = (guard, b"".join(texts), ends, len(texts), flags)
        return self._collected("gwp_guard_scan_batch", *arguments, details=bool(flags & _decls.GWP_DETAILS))

    def push(self, stream: Handle, chunk: bytes) -> _Contents:
        """Adds a chunk to a stream."""
        return self._collected("gwp_stream_push", stream, chunk, details=True)

    def finish(self, stream: Handle) -> _Contents:
        """Ends a stream."""
        return self._collected("gwp_stream_finish", stream, details=True)

    def _collected(self, function: str, *arguments: Any, details: bool) -> _Contents:
        result = self.result()
        self.call(function, *arguments, result)
        contents = self._contents(result, details)
        self.keep(result, len(contents.output) + len(contents.findings))
        return contents

    def _contents(self, result: Handle, details: bool) -> _Contents:
        items = self.records("gwp_result_items", calcsize(_ITEM), result)
        verdicts = list(iter_unpack(_ITEM, items))
        # Clean texts are the common case: their verdicts say that there is nothing else to ask for.
        found, changed = any(row[0] for row in verdicts), any(row[2] or row[5] for row in verdicts)
        findings = self.records("gwp_result_findings", calcsize(_FINDING), result) if found else b""
        output = self.view("gwp_result_output", result) if changed else b""
        wanted = {row[5] for row in iter_unpack(_FINDING, findings) if row[5]} if details else set()
        read = {index: json.loads(self.view("gwp_result_detail", result, index)) for index in wanted}
        return _Contents(findings, verdicts, output, read)


_FINDING, _ITEM = _decls.RECORDS["gwp_finding"], _decls.RECORDS["gwp_item"]


class CtypesGuard(BaseGuard):
    """A guard of the library. `close` drops our reference; a call under way holds its own."""

    implementation = "rust"
    binding = "ctypes"

    def __init__(self, library: _Library, handle: Handle, kind: str) -> None:
        super().__init__(kind, library.describe(handle))
        self._library = library
        self._handle: Handle | None = handle

    def close(self) -> None:
        """Drops the reference to the engine."""
        self._handle = None

    def stream(self) -> CtypesStream:
        """A new stream; `UsageError` when this engine must see the whole text."""
        return CtypesStream(self, self._library, self._live())

    def _live(self) -> Handle:
        handle = self._handle
        if handle is None:
            raise fault("bad_handle", implementation=self.implementation)
        return handle

    def _answers(self, texts: Sequence[str | bytes], *, output: bool, details: bool) -> Iterator[Answer]:
        handle = self._live()
        flags = (_decls.GWP_OUTPUT if output else 0) | (_decls.GWP_DETAILS if details else 0)
        for unit, batch in _batches(texts):
            contents = self._library.scan(handle, batch, flags | unit)
            yield from _answers_in(contents, is_text=unit == _decls.GWP_UNIT_CODE_POINTS)


def _batches(texts: Sequence[str | bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Neighbours of one unit, as bytes, up to the size of a batch."""
    batch: list[bytes] = []
    size, batch_unit = 0, 0
    for text in texts:
        unit = _decls.GWP_UNIT_CODE_POINTS if isinstance(text, str) else _decls.GWP_UNIT_BYTES
        data = text.encode("utf-8", units.STR_ERRORS) if isinstance(text, str) else text
        if batch and (unit != batch_unit or size + len(data) > _BATCH_BYTES):
            yield batch_unit, batch
            batch, size = [], 0
        batch.append(data)
        size += len(data)
        batch_unit = unit
    if batch:
        yield batch_unit, batch


def _answers_in(contents: _Contents, *, is_text: bool) -> Iterator[Answer]:
    """One answer for each item; findings come item by item."""
    found: list[list[Candidate]] = [[] for _ in contents.items]
    for start, end, item, rule, flags, detail in iter_unpack(_FINDING, contents.findings):
        found[item].append(Candidate(start, end, rule, flags, contents.details.get(detail)))
    for index, (_, score, changed, _, start, end) in enumerate(contents.items):
        output = _output(contents.output[start:end], is_text) if changed else None
        yield Answer(found[index], output, score)


def _output(data: bytes, is_text: bool) -> str | bytes:
    return data.decode("utf-8", units.STR_ERRORS) if is_text else data


class CtypesStream:
    """A text that arrives in parts. The first part decides whether it is one of `str` or of `bytes`."""

    def __init__(self, guard: CtypesGuard, library: _Library, handle: Handle) -> None:
        self._guard = guard
        self._library = library
        self._engine = handle
        self._is_text = True
        self._started = False
        self._stream = self._open()

    def push(self, chunk: Any) -> StreamPart[Any]:
        """Takes the next part and releases what is decided."""
        chunk = units.checked(chunk, "rust")
        self._settle(isinstance(chunk, str))
        data = chunk.encode("utf-8", units.STR_ERRORS) if isinstance(chunk, str) else chunk
        return self._part(self._library.push(self._stream, data))

    def finish(self) -> StreamPart[Any]:
        """Releases the rest; afterwards the stream takes nothing more."""
        self._started = True
        return self._part(self._library.finish(self._stream))

    def _open(self) -> Handle:
        unit = _decls.GWP_UNIT_CODE_POINTS if self._is_text else _decls.GWP_UNIT_BYTES
        return self._library.stream(self._engine, _decls.GWP_OUTPUT | _decls.GWP_DETAILS | unit)

    def _settle(self, is_text: bool) -> None:
        if not self._started and is_text != self._is_text:
            self._is_text = is_text
            self._stream = self._open()
        self._started = True
        if is_text != self._is_text:
            raise fault("bad_type", implementation="rust")

    def _part(self, contents: _Contents) -> StreamPart[Any]:
        candidates = (
            Candidate(start, end, rule, flags, contents.details.get(detail))
            for start, end, _, rule, flags, detail in iter_unpack(_FINDING, contents.findings)
        )
        findings = tuple(self._guard.finding(candidate) for candidate in candidates)
        return StreamPart(findings, _output(contents.output, self._is_text))


class CtypesLimiter(NativeLimiter):
    """A limiter of the library. `close` drops our reference; a call under way holds its own."""

    binding = "ctypes"
