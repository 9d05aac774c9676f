"""Turns include/gwplugins.h into what Python needs: the cffi extension's source and the ctypes prototypes.

Nobody types a declaration by hand: setup.py calls `ffibuilder`, and `python build_ffi.py --check` fails when
`pyplugins/native/_decls.py` does not say what the header says (`--write` renews it). Whatever the header holds that is
not recognised here stops the build. Tests: tests/unit/test_native_decls.py.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cffi import FFI

ROOT = Path(__file__).resolve().parent
HEADER = ROOT / "include/gwplugins.h"
DECLS = ROOT / "pyplugins/native/_decls.py"

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_DEFINE = re.compile(r"#define\s+(GWP_\w+)\s+\(?(-?(?:0[xX][0-9a-fA-F]+|\d+))[uUlL]*\)?\s*$")
_GUARD = re.compile(r"#(?:ifndef|define)\s+\w+_H_?\s*$|#pragma\s+once\s*$|#include\s+<\w+\.h>\s*$|#endif\s*$")
_MARKER_DEFINE = re.compile(r"#define\s+GWP_(?:BEGIN|END)_DECLS\b")
_MARKER = re.compile(r"GWP_(?:BEGIN|END)_DECLS$")
_STRUCT = re.compile(r"typedef\s+struct\s*\w*\s*\{([^}]*)\}\s*(\w+)\s*;")
_OPAQUE = re.compile(r"typedef\s+struct\s+(\w+)\s+(\w+)\s*;")
_ALIAS = re.compile(r"typedef\s+(\w+)\s+(\w+)\s*;")
_FUNCTION = re.compile(r"([\w\s]+?[\s*]+)(gwp_\w+)\s*\(([^()]*)\)\s*;")
_PARAMETER = re.compile(r"(?:const\s+)?(?:struct\s+)?(\w+)\s*((?:\*\s*(?:const\s+)?)*)(\w*)$")

#: C type -> (ctypes name, struct format letter)
_SCALARS = {
    "int32_t": ("c_int32", "i"),
    "uint32_t": ("c_uint32", "I"),
    "uint64_t": ("c_uint64", "Q"),
    "int64_t": ("c_int64", "q"),
    "size_t": ("c_size_t", ""),
    "char": ("c_char", ""),
    "uint8_t": ("c_uint8", "B"),
    "bool": ("c_bool", "?"),
}


class HeaderError(ValueError):
    """The header holds something this file does not know."""


class Record(NamedTuple):
    """A struct that crosses the ABI by value: its fields, C type and name."""

    name: str
    fields: list[tuple[str, str]]


class Function(NamedTuple):
    """A function: its result and parameters, each a C type and its stars."""

    name: str
    result: tuple[str, int]
    parameters: list[tuple[str, int]]


class Declarations(NamedTuple):
    """Everything the header declares."""

    constants: dict[str, int]
    handles: list[str]
    aliases: dict[str, str]
    records: list[Record]
    functions: list[Function]
    #: The declarations proper, as cffi reads them.
    body: str


def read_header(text: str) -> Declarations:
    """Takes the header apart.

    Raises:
        HeaderError: a line or declaration is not recognised.
    """
    constants: dict[str, int] = {}
    body = "\n".join(_declaration_lines(_COMMENT.sub("", text), constants))
    rest = body
    records = [Record(match[2], _fields(match[1])) for match in _STRUCT.finditer(rest)]
    rest = _STRUCT.sub("", rest)
    handles = [match[2] for match in _OPAQUE.finditer(rest)]
    rest = _OPAQUE.sub("", rest)
    aliases = {match[2]: match[1] for match in _ALIAS.finditer(rest)}
    rest = _ALIAS.sub("", rest)
    functions = [_function(match) for match in _FUNCTION.finditer(rest)]
    rest = _FUNCTION.sub("", rest).strip()
    if rest:
        raise HeaderError(f"not recognised: {rest.splitlines()[0]!r}")
    return Declarations(constants, handles, aliases, records, functions, body)


def _declaration_lines(text: str, constants: dict[str, int]) -> Iterator[str]:
    """Lines that are no preprocessor lines; integer defines go to `constants`, C++ blocks nowhere."""
    lines = iter(text.splitlines())
    for line in lines:
        stripped = line.strip()
        if stripped.replace(" ", "") == "#ifdef__cplusplus":
            _skip_block(lines)
        elif define := _DEFINE.match(stripped):
            constants[define[1]] = int(define[2], 0)
        elif stripped.startswith("#"):
            if not _GUARD.match(stripped):
                raise HeaderError(f"not recognised: {stripped!r}")
        elif stripped and not _MARKER.match(stripped):
            yield line


def _skip_block(lines: Iterator[str]) -> None:
    """Goes behind a block that may define the markers and nothing else that C would see."""
    for line in lines:
        stripped = line.strip()
        if stripped.startswith("#endif"):
            return
        if stripped and stripped != "#else" and not _MARKER_DEFINE.match(stripped):
            raise HeaderError(f"not recognised in a C++ block: {stripped!r}")
    raise HeaderError("a C++ block does not end")


def _fields(body: str) -> list[tuple[str, str]]:
    fields = []
    for line in filter(None, map(str.strip, body.split(";"))):
        parts = line.split()
        if len(parts) != 2 or not parts[1].isidentifier() or not _SCALARS.get(parts[0], ("", ""))[1]:
            raise HeaderError(f"not recognised: field {line!r}")
        fields.append((parts[0], parts[1]))
    return fields


def _typed(text: str) -> tuple[str, int]:
    match = _PARAMETER.match(text.strip())
    if match is None:
        raise HeaderError(f"not recognised: {text!r}")
    return match[1], match[2].count("*")


def _function(match: re.Match[str]) -> Function:
    parameters = [] if match[3].strip() in ("", "void") else [_typed(part) for part in match[3].split(",")]
    return Function(match[2], _typed(match[1]), parameters)


# --- cffi ---


def ffibuilder() -> FFI:
    """The builder of `pyplugins.native._gwp`; setup.py compiles what it emits together with the C edge."""
    from cffi import FFI

    header = read_header(HEADER.read_text(encoding="utf-8"))
    builder = FFI()
    defines = "\n".join(f"#define {name} {value}" for name, value in header.constants.items())
    builder.cdef(f"{defines}\n{header.body}")
    builder.set_source("pyplugins.native._gwp", '#include "gwplugins.h"')
    return builder


# --- ctypes ---

_TEMPLATE = '''\
"""Generated by build_ffi.py from include/gwplugins.h: do not edit, run `python build_ffi.py --write`."""

from __future__ import annotations

from ctypes import CDLL, POINTER, {names}
from typing import Any, Final

{constants}

#: `struct` formats of the records, native byte order.
RECORDS: Final[dict[str, str]] = {{
{records}
}}

#: Result and parameters of every function.
FUNCTIONS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {{
{functions}
}}


def declare(library: CDLL) -> None:
    """Gives every function its prototype; AttributeError names the first one that is missing."""
    for name, (result, parameters) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = parameters
'''


def ctypes_module(header: Declarations) -> str:
    """The text of `_decls.py`."""
    functions = [
        (f.name, _ctype(header, *f.result), [_ctype(header, *p) for p in f.parameters]) for f in header.functions
    ]
    used = {
        name
        for _, result, parameters in functions
        for text in (result, *parameters)
        for name in re.findall(r"c_\w+", text)
    }
    return _TEMPLATE.format(
        names=", ".join(sorted(used)),
        constants="\n".join(f"{name}: Final = {value}" for name, value in header.constants.items()),
        records="\n".join(
            f'    "{r.name}": "={"".join(_SCALARS[kind][1] for kind, _ in r.fields)}",' for r in header.records
        ),
        functions="\n".join(
            f'    "{name}": ({result}, {_tuple(parameters)}),' for name, result, parameters in functions
        ),
    )


def _tuple(items: list[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _ctype(header: Declarations, kind: str, stars: int) -> str:
    """Bytes go in as they are, handles and whatever is written through a pointer to a pointer are addresses."""
    kind = header.aliases.get(kind, kind)
    if stars == 0:
        return "None" if kind == "void" else _SCALARS[kind][0]
    if stars == 1 and kind in ("uint8_t", "char"):
        return "c_char_p"
    if stars == 1 and kind in _SCALARS:
        return f"POINTER({_SCALARS[kind][0]})"
    known = kind in ("uint8_t", "char", *header.handles, *(record.name for record in header.records))
    if not known or stars > 2:
        raise HeaderError(f"not recognised: {kind}{'*' * stars}")
    return "c_void_p" if stars == 1 else "POINTER(c_void_p)"


def main(arguments: list[str]) -> int:
    """`--check` compares `_decls.py` with the header, `--write` renews it."""
    wanted = ctypes_module(read_header(HEADER.read_text(encoding="utf-8")))
    if arguments == ["--write"]:
        DECLS.write_text(wanted, encoding="utf-8")
        return 0
    if arguments != ["--check"]:
        print("usage: python build_ffi.py --check | --write", file=sys.stderr)
        return 2
    if DECLS.is_file() and DECLS.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{DECLS.relative_to(ROOT)} does not match the header; run: python build_ffi.py --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
