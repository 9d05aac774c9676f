"""Installs the library for programs that are not Python: library, headers, pkg-config file, CMake package.

`make install` and `make uninstall` call it; templates are in `tools/install/`. It needs cargo and Python's standard
library, and must never touch the library that the Python package ships. Tests: tests/hosts/test_install.py.

The file is named by the ABI it serves, `libgwplugins.so.MAJOR.MINOR`: a program is bound to the SONAME,
`libgwplugins.so.MAJOR`, so a later library of the same major version takes its place. `libgwplugins.so` is what a
linker looks for.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUST = ROOT / "rustlib"
TEMPLATES = ROOT / "tools/install"


@dataclass(frozen=True)
class System:
    """How a kind of system names libraries; `static_libs` is what `rustc --print native-static-libs` says there."""

    real: str
    soname: str
    link: str
    run_path: str
    static_libs: str
    static: str = "libgwplugins.a"


SYSTEMS = {
    "linux": System(
        real="libgwplugins.so.{major}.{minor}",
        soname="libgwplugins.so.{major}",
        link="libgwplugins.so",
        run_path="",
        static_libs="-lgcc_s -lutil -lrt -lpthread -lm -ldl",
    ),
    "darwin": System(
        real="libgwplugins.{major}.{minor}.dylib",
        soname="libgwplugins.{major}.dylib",
        link="libgwplugins.dylib",
        run_path="@rpath/",
        static_libs="-lSystem -lm",
    ),
}


@dataclass(frozen=True)
class Names:
    """Names and versions of what is installed."""

    version: str
    major: int
    minor: int
    system: System

    @property
    def real(self) -> str:
        """The file itself."""
        return self.system.real.format(major=self.major, minor=self.minor)

    @property
    def soname(self) -> str:
        """The name that programs are bound to."""
        return self.system.soname.format(major=self.major)


@dataclass(frozen=True)
class Places:
    """Where things go; absolute, without the staging folder."""

    prefix: Path
    libdir: Path
    includedir: Path

    @property
    def pkgconfig(self) -> Path:
        """Folder of the pkg-config file."""
        return self.libdir / "pkgconfig"

    @property
    def cmake(self) -> Path:
        """Folder of the CMake package; ours alone."""
        return self.libdir / "cmake/gwplugins"


def names() -> Names:
    """Reads the versions where they are written: the workspace has the library's, the header the ABI's."""
    if sys.platform not in SYSTEMS:
        raise SystemExit(f"make install does not know {sys.platform}: use `cargo build --release -p gwplugins`")
    version = tomllib.loads((RUST / "Cargo.toml").read_text("utf-8"))["workspace"]["package"]["version"]
    header = (ROOT / "include/gwplugins.h").read_text("utf-8")
    abi = dict(re.findall(r"#define GWP_ABI_(MAJOR|MINOR) (\d+)", header))
    return Names(version, int(abi["MAJOR"]), int(abi["MINOR"]), SYSTEMS[sys.platform])


def build(name: Names, cargo_args: list[str]) -> dict[str, Path]:
    """Builds both libraries into a target folder of their own, and returns where they are, by the name they get."""
    cargo = os.environ.get("CARGO", "cargo")
    if shutil.which(cargo) is None:
        raise SystemExit("make install needs cargo (https://rustup.rs)")
    target = Path(os.environ.get("CARGO_TARGET_DIR", RUST / "target")).resolve() / "install"
    command = [cargo, "build", "--locked", "--release", "-p", "gwplugins", "--target-dir", str(target), *cargo_args]
    command.append("--message-format=json-render-diagnostics")
    environ = os.environ | {"GWPLUGINS_SONAME": name.soname}
    told = subprocess.run(command, cwd=RUST, env=environ, stdout=subprocess.PIPE, text=True)
    if told.returncode != 0:
        raise SystemExit(told.returncode)
    messages = [json.loads(line) for line in told.stdout.splitlines()]
    made = [Path(file) for one in messages for file in one.get("filenames", ()) if one["target"]["name"] == "gwplugins"]
    by_suffix = {path.suffix: path for path in made}
    return {name.real: by_suffix[Path(name.system.link).suffix], name.system.static: by_suffix[".a"]}


def links(name: Names) -> dict[str, str]:
    """The symbolic links beside the library, and what they point to."""
    return {name.soname: name.real, name.system.link: name.soname}


def headers() -> dict[Path, Path]:
    """The headers, C and C++, and where they are below the folder of headers."""
    folder = ROOT / "include"
    return {header.relative_to(folder): header for header in sorted(folder.rglob("*.h*"))}


def texts(name: Names, places: Places) -> dict[Path, str]:
    """The files written from templates."""

    def relative(target: Path, start: Path) -> str:
        return Path(os.path.relpath(target, start)).as_posix()

    values = {
        "ABI": f"{name.major}.{name.minor}",
        "VERSION": name.version,
        "MAJOR": name.version.split(".")[0],
        "REAL": name.real,
        "SONAME": name.system.run_path + name.soname,
        "STATIC": name.system.static,
        "STATIC_LIBS": name.system.static_libs,
        "LIBDIR": relative(places.libdir, places.prefix),
        "INCLUDEDIR": relative(places.includedir, places.prefix),
        "PC_TO_PREFIX": relative(places.prefix, places.pkgconfig),
        "CMAKE_TO_PREFIX": relative(places.prefix, places.cmake),
    }
    folders = {".pc": places.pkgconfig, ".cmake": places.cmake}
    filled = {}
    for template in sorted(TEMPLATES.glob("*.in")):
        target = folders[Path(template.stem).suffix] / template.stem
        filled[target] = re.sub("@([A-Z_]+)@", lambda match: values[match[1]], template.read_text("utf-8"))
    return filled


def put(target: Path, data: bytes, mode: int) -> None:
    """Writes a file in one step: a program that runs on the old one keeps it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    fresh.write_bytes(data)
    fresh.chmod(mode)
    fresh.replace(target)


def link(target: Path, to: str) -> None:
    """Makes a symbolic link in one step."""
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(to)
    fresh.replace(target)


def install(name: Names, places: Places, stage: str, cargo_args: list[str]) -> None:
    """Builds, then puts everything in place."""
    for file, source in build(name, cargo_args).items():
        put(staged(stage, places.libdir / file), source.read_bytes(), 0o755 if file == name.real else 0o644)
    for file, to in links(name).items():
        link(staged(stage, places.libdir / file), to)
    for file, header in headers().items():
        put(staged(stage, places.includedir / file), header.read_bytes(), 0o644)
    for target, text in texts(name, places).items():
        put(staged(stage, target), text.encode(), 0o644)
    print(f"gwplugins {name.version} (ABI {name.major}.{name.minor}) is in {staged(stage, places.prefix)}")


def uninstall(name: Names, places: Places, stage: str) -> None:
    """Removes what `install` puts in place, and the folders that are ours alone."""
    files = [places.libdir / file for file in (name.real, name.system.static, *links(name))]
    files += [places.includedir / file for file in headers()]
    for file in (*files, *texts(name, places)):
        staged(stage, file).unlink(missing_ok=True)
    for folder in (staged(stage, places.cmake), staged(stage, places.includedir / "gwplugins")):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def staged(stage: str, path: Path) -> Path:
    """The path below the staging folder that packagers give."""
    return Path(stage, *path.parts[1:]) if stage else path


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=("install", "uninstall"))
    parser.add_argument("--prefix", required=True, help="such as /usr/local")
    parser.add_argument("--libdir", default="lib", help="below the prefix, or absolute")
    parser.add_argument("--includedir", default="include", help="below the prefix, or absolute")
    parser.add_argument("--destdir", default="", help="staging folder for packagers; not written into any file")
    parser.add_argument("cargo_args", nargs="*", help="after --: more words for cargo build")
    given = parser.parse_args()
    prefix = Path(given.prefix).absolute()
    places = Places(prefix, prefix / given.libdir, prefix / given.includedir)
    if given.action == "install":
        install(names(), places, given.destdir, given.cargo_args)
    else:
        uninstall(names(), places, given.destdir)


if __name__ == "__main__":
    main()
