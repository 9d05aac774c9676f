"""What build_ffi.py makes of a header: today's, and headers it must refuse."""

from __future__ import annotations

import ctypes
import importlib.util
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from gw_tests import ROOT, need_binding

from pyplugins.native import _decls
from pyplugins.native.binding import library_file


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("build_ffi", ROOT / "build_ffi.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_ffi"] = module
    spec.loader.exec_module(module)
    return module


build_ffi = _load()

GOOD = """
#ifndef X_H
#define X_H
#include <stdint.h>
#ifdef __cplusplus
#define GWP_BEGIN_DECLS extern "C" {
#else
#define GWP_BEGIN_DECLS
#endif
GWP_BEGIN_DECLS
/* a comment; with gwp_things(void); */
#define GWP_A 5
#define GWP_B (-0x10)
typedef int32_t gwp_status;   // and one more
typedef struct gwp_thing gwp_thing;
typedef struct { uint64_t at; uint32_t kind; } gwp_record;
gwp_status gwp_do(const gwp_thing *thing, const uint8_t *data, size_t len,
                  gwp_thing **out);
void gwp_thing_free(gwp_thing *thing);
const char *gwp_name(void);
#endif
"""


def test_the_committed_declarations_are_the_headers() -> None:
    assert build_ffi.main(["--check"]) == 0


def test_a_difference_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    monkeypatch.setattr(build_ffi, "ROOT", tmp_path)
    monkeypatch.setattr(build_ffi, "DECLS", tmp_path / "_decls.py")
    assert build_ffi.main(["--check"]) == 1
    assert "run: python build_ffi.py --write" in capsys.readouterr().err
    assert build_ffi.main(["--write"]) == 0
    assert build_ffi.main(["--check"]) == 0
    assert build_ffi.main([]) == 2


def test_a_header_is_taken_apart() -> None:
    read = build_ffi.read_header(GOOD)
    assert read.constants == {"GWP_A": 5, "GWP_B": -16}
    assert read.handles == ["gwp_thing"]
    assert read.aliases == {"gwp_status": "int32_t"}
    assert read.records == [("gwp_record", [("uint64_t", "at"), ("uint32_t", "kind")])]
    thing, data, size, out = ("gwp_thing", 1), ("uint8_t", 1), ("size_t", 0), ("gwp_thing", 2)
    assert [(f.name, f.result, f.parameters) for f in read.functions] == [
        ("gwp_do", ("gwp_status", 0), [thing, data, size, out]),
        ("gwp_thing_free", ("void", 0), [("gwp_thing", 1)]),
        ("gwp_name", ("char", 1), []),
    ]
    text = build_ffi.ctypes_module(read)
    assert '"gwp_do": (c_int32, (c_void_p, c_char_p, c_size_t, POINTER(c_void_p))),' in text
    assert '"gwp_record": "=QI",' in text
    compile(text, "_decls.py", "exec")


@pytest.mark.parametrize(
    "line",
    [
        '#define GWP_NAME "text"',
        "#define GWP_MAX(a, b) a",
        "#if defined(_WIN32)",
        "#error no",
        "enum gwp_kind { GWP_X };",
        "typedef int (*gwp_callback)(void);",
        "struct gwp_open { uint64_t at; };",
        "typedef struct { uint64_t at[4]; } gwp_array;",
        "typedef struct { double at; } gwp_float;",
        "extern int32_t gwp_global;",
        "#ifdef __cplusplus\nint32_t gwp_hidden(void);\n#endif",
    ],
)
def test_what_is_not_known_stops_the_build(line: str) -> None:
    with pytest.raises(build_ffi.HeaderError):
        build_ffi.read_header(f"{GOOD}\n{line}\n")


@pytest.mark.parametrize("parameter", ["double x", "gwp_unknown *x", "gwp_thing ***x", "uint16_t x"])
def test_what_ctypes_cannot_have_stops_the_build(parameter: str) -> None:
    read = build_ffi.read_header(f"{GOOD}\nvoid gwp_f({parameter});\n")
    with pytest.raises((build_ffi.HeaderError, KeyError)):
        build_ffi.ctypes_module(read)


def test_records_are_as_long_as_they_are_packed() -> None:
    assert {name: struct.calcsize(layout) for name, layout in _decls.RECORDS.items()} == {
        "gwp_finding": 32,
        "gwp_item": 32,
        "gwp_decision": 56,
        "gwp_limiter_request": 48,
    }


def test_the_library_has_every_function() -> None:
    need_binding("ctypes")
    library = ctypes.CDLL(library_file())
    _decls.declare(library)
    assert library.gwp_abi_version() == _decls.GWP_ABI_VERSION == _decls.GWP_ABI_MAJOR << 16 | _decls.GWP_ABI_MINOR


def test_cffi_reads_the_header() -> None:
    pytest.importorskip("cffi", reason="cffi, which builds the extension, is not installed")
    assert build_ffi.ffibuilder() is not None
