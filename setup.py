"""Builds the package: the Rust library by cargo, the cffi extension against it, rule data beside the code reading it.

Whatever cannot be built is left out and named in `pyplugins/_build_info.py`, so that the package says at run time why
it is not native; `GWPLUGINS_REQUIRE_NATIVE=1` makes that an error instead. The version stands in rustlib/Cargo.toml
only; everything else about the project is in pyproject.toml. Tests: tests/packaging/.
"""

from __future__ import annotations

import ast
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools_rust import Binding, RustExtension
from setuptools_rust.build import build_rust

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # PEP 517 runs this file without its folder on the path

import build_ffi  # noqa: E402

WORKSPACE = tomllib.loads((ROOT / "rustlib/Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]
REQUIRE_NATIVE = os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") not in ("", "0")
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
CPYTHON = platform.python_implementation() == "CPython"
#: Oldest CPython whose stable ABI the extension uses.
ABI3 = "cp311"

BANNER = """
==============================================================================
 gwplugins is built WITHOUT its native library: {why}
 The pure-Python implementation gives the same answers, several times slower.
 GWPLUGINS_REQUIRE_NATIVE=1 makes this an error.
==============================================================================
"""


def library_name() -> str:
    """Plain name of the shared library on this system."""
    return {"darwin": "libgwplugins.dylib", "win32": "gwplugins.dll"}.get(sys.platform, "libgwplugins.so")


def no_cargo() -> str | None:
    """Why the Rust library cannot be built here; `None` when it should be tried."""
    cargo = os.environ.get("CARGO", "cargo")
    if shutil.which(cargo) is None:
        return "cargo is not installed (https://rustup.rs)"
    try:
        said = subprocess.run([cargo, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        return f"cargo does not run ({error})"
    needed = WORKSPACE["rust-version"]
    found = re.match(r"cargo (\d+)\.(\d+)", said)  # a wrapper such as cargo-zigbuild tells its own version
    if found and tuple(map(int, found.groups())) < tuple(map(int, needed.split(".")[:2])):
        return f"{said.strip()} is too old: Rust {needed} or newer is needed"
    return None


class Outcome:
    """What of the native code this build has made."""

    library = False
    extension = False
    #: bdist_wheel and setuptools-rust run the build commands again; once is enough.
    tried_rust = False
    done = False
    #: Why something is missing; empty when all is there.
    why = ""

    def missing(self, why: str) -> None:
        """Notes what is missing, loudly; an error when native code is required."""
        self.why = why
        message = BANNER.format(why=why)
        if REQUIRE_NATIVE:
            raise SystemExit(message.replace("makes this an error.", "is set, so this is an error."))
        print(message, file=sys.stderr)

    def write(self, package: Path) -> None:
        """Leaves the facts in the package for `gwplugins doctor` and the loader."""
        package.mkdir(parents=True, exist_ok=True)
        text = (
            '"""Written by setup.py."""\n\n'
            f"VERSION = {WORKSPACE['version']!r}\n"
            f"LIBRARY = {self.library!r}\n"
            f"EXTENSION = {self.extension!r}\n"
            f"WHY_NOT_NATIVE = {self.why!r}\n"
        )
        (package / "_build_info.py").write_text(text, encoding="utf-8")


OUTCOME = Outcome()


class BuildPy(build_py):
    """Adds the rule data and the build facts to what Python files there are."""

    def run(self) -> None:
        super().run()
        package = ROOT / "pyplugins" if self.editable_mode else Path(self.build_lib, "pyplugins")
        remove_native(package)
        if not self.editable_mode:  # a checkout reads the originals
            copy_rules(package)
        OUTCOME.write(package)


def remove_native(package: Path) -> None:
    """Removes what an earlier build left: it would be used, or shipped, as if this one had made it."""
    for stale in (*package.glob("native/*gwplugins*"), *package.glob("native/_gwp*")):
        stale.unlink()


def copy_rules(package: Path) -> None:
    """Copies each engine's rules, JSON and Lua, into the plugin of the same name, and the shared ones into `core`."""
    sources = [(ROOT / "rustlib/core", "core")]
    sources += [(engine, engine.name) for engine in sorted((ROOT / "rustlib/engines").iterdir())]
    for source, name in sources:
        if not (ROOT / "pyplugins" / name).is_dir():
            continue
        target = package / name / "rules"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for file in sorted((source / "rules").iterdir()):
            if file.suffix in (".json", ".lua"):
                shutil.copyfile(file, target / file.name)


class BuildRust(build_rust):
    """Puts the library under its plain name beside the extension; setuptools-rust would name it like an extension."""

    def run(self) -> None:
        # setuptools-rust runs this command after the C extensions; BuildExt has run it before them already.
        if not OUTCOME.tried_rust:
            OUTCOME.tried_rust = True
            super().run()

    def get_dylib_ext_path(self, ext: RustExtension, target_fname: str) -> str:
        beside = self.get_finalized_command("build_ext").get_ext_fullpath("pyplugins.native._gwp")
        return str(Path(beside).with_name(library_name()))


class BuildExt(build_ext):
    """Builds the library first, then the extension that links to it; either may be missing afterwards."""

    def run(self) -> None:
        if OUTCOME.done:
            return
        OUTCOME.done = True
        in_place = bool(self.inplace)
        folder = Path(self.get_ext_fullpath("pyplugins.native._gwp")).parent
        self._build_library(folder)
        extensions, self.extensions = self.extensions, self.extensions if OUTCOME.library and CPYTHON else []
        self._build_extension()
        self.extensions = extensions
        OUTCOME.write(ROOT / "pyplugins" if in_place else Path(self.build_lib, "pyplugins"))

    def _build_library(self, folder: Path) -> None:
        build_rust_command: Any = self.get_finalized_command("build_rust")
        build_rust_command.inplace = self.inplace
        try:
            self.run_command("build_rust")
            OUTCOME.library = (folder / library_name()).is_file()
        except Exception as error:  # whatever it is, the pure-Python package works
            OUTCOME.missing(f"the Rust library could not be built ({first_line(error)})")

    def _build_extension(self) -> None:
        if not self.extensions:
            return
        (extension,) = self.extensions
        extension.library_dirs.append(str(Path(self.get_ext_fullpath(extension.name)).parent))
        Path(self.build_temp).mkdir(parents=True, exist_ok=True)
        generated = Path(self.build_temp, "_gwp.c")
        build_ffi.ffibuilder().emit_c_code(str(generated))
        extension.sources.insert(0, str(generated))
        try:
            super().run()
            OUTCOME.extension = True
        except Exception as error:
            OUTCOME.missing(f"the cffi extension could not be built ({first_line(error)}); ctypes is used instead")

    def get_outputs(self) -> list[str]:
        made = super().get_outputs() if OUTCOME.extension else []
        folder = Path(self.get_ext_fullpath("pyplugins.native._gwp")).parent
        return made + ([str(folder / library_name())] if OUTCOME.library else [])


def first_line(error: BaseException) -> str:
    """What a user needs of a build error; the whole of it is in the build log."""
    lines = str(error).strip().splitlines()
    return next((line for line in lines if line.startswith("error")), lines[0] if lines else type(error).__name__)[:200]


class BdistWheel(bdist_wheel):
    """Tags the wheel by what is in it, which is known after the build only."""

    def run(self) -> None:
        self.run_command("build")
        self.root_is_pure = not OUTCOME.library
        if self.root_is_pure:  # what was declared and could not be built must not make it a platform's wheel
            distribution: Any = self.distribution
            distribution.has_ext_modules = lambda: False
        super().run()

    def get_tag(self) -> tuple[str, str, str]:
        if not OUTCOME.library:
            return "py3", "none", "any"
        self.root_is_pure = False
        interpreter, abi, system = super().get_tag()
        if not OUTCOME.extension:
            return "py3", "none", system
        return (interpreter, abi, system) if FREE_THREADED else (ABI3, "abi3", system)


def extension() -> Extension:
    """The cffi extension with the C edge in the same file; stable ABI, except on free-threaded Pythons without one."""
    macros: list[tuple[str, str | None]] = [] if FREE_THREADED else [("Py_LIMITED_API", "0x030b0000")]
    linux = sys.platform.startswith("linux")
    return Extension(
        "pyplugins.native._gwp",
        sources=[str(path.relative_to(ROOT)) for path in sorted((ROOT / "pyplugins/native/edge").glob("*.c"))],
        depends=["include/gwplugins.h", "pyplugins/native/edge/edge.h", "pyplugins/native/edge/transcode.h"],
        include_dirs=["include", "pyplugins/native/edge"],
        libraries=["gwplugins"],
        runtime_library_dirs=["$ORIGIN"] if linux else [],
        # Without "now" a missing gwp_* symbol would show at the first call instead of at import.
        extra_link_args=["-Wl,-z,now", "-Wl,-s"]
        if linux
        else ["-Wl,-rpath,@loader_path"]
        if sys.platform == "darwin"
        else [],
        extra_compile_args=[] if sys.platform == "win32" else ["-std=c11", "-fvisibility=hidden"],
        define_macros=macros,
        py_limited_api=not FREE_THREADED,
    )


def entry_points() -> dict[str, list[str]]:
    """The command, and every plugin class for cpex to find, under the name of its module.

    The folder of a plugin is one that has a module of its own name; a class of a public module in it whose name ends in
    ``Plugin`` is a plugin class.
    """
    plugins = []
    for file in sorted((ROOT / "pyplugins").glob("*/[!_]*.py")):
        package = file.parent.name
        if file.with_stem(package).exists():
            tree = ast.parse(file.read_text(encoding="utf-8"))
            names = [node.name for node in tree.body if isinstance(node, ast.ClassDef) and node.name.endswith("Plugin")]
            plugins += [f"{file.stem} = pyplugins.{package}.{file.stem}:{name}" for name in names]
    return {"console_scripts": ["gwplugins = pyplugins.cli:main"], "cpex.plugins": plugins}


def native() -> dict[str, Any]:
    """The native parts to try; nothing when there is no cargo."""
    why = no_cargo()
    if why is not None:
        OUTCOME.missing(why)
        return {}
    rust = RustExtension(
        "pyplugins.native.libgwplugins",
        path="rustlib/abi/Cargo.toml",
        binding=Binding.NoBinding,
        debug=False,
        # The codecs are C inside.
        args=["--locked"] if has_c_compiler() else ["--locked", "--no-default-features", "--features", "rust_only"],
    )
    return {"rust_extensions": [rust], "ext_modules": [extension()]}


def has_c_compiler() -> bool:
    """Whether there is the compiler that build scripts of crates call."""
    try:
        asked = subprocess.run([*shlex.split(os.environ.get("CC") or "cc"), "--version"], capture_output=True)
    except OSError:
        return False
    return asked.returncode == 0


if __name__ == "__main__":
    setup(
        version=WORKSPACE["version"],
        entry_points=entry_points(),
        cmdclass={"build_py": BuildPy, "build_rust": BuildRust, "build_ext": BuildExt, "bdist_wheel": BdistWheel},
        **native(),
    )
