"""`make install` and `make uninstall`: what lies where, under which names, and that nothing is bound to a place."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest
from gw_hosts import ROOT, find, run

VERSION: str = tomllib.loads((ROOT / "rustlib/Cargo.toml").read_text("utf-8"))["workspace"]["package"]["version"]
ABI = re.findall(r"#define GWP_ABI_(?:MAJOR|MINOR) (\d+)", (ROOT / "include/gwplugins.h").read_text("utf-8"))
SONAME = f"libgwplugins.so.{ABI[0]}"
REAL = f"libgwplugins.so.{ABI[0]}.{ABI[1]}"
HEADERS = {str(path.relative_to(ROOT)) for path in (ROOT / "include").rglob("*.h*")}


def files(folder: Path) -> set[str]:
    """The files and links below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def placed(lib: str) -> set[str]:
    """What is installed, for a library folder."""
    cmake = f"{lib}/cmake/gwplugins/gwplugins-config"
    libraries = {f"{lib}/{name}" for name in ("libgwplugins.a", "libgwplugins.so", SONAME, REAL)}
    return libraries | HEADERS | {f"{lib}/pkgconfig/gwplugins.pc", f"{cmake}.cmake", f"{cmake}-version.cmake"}


def flags(prefix: Path, *words: str) -> str:
    """What pkg-config says about a prefix, its paths without detours."""
    env = {"PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}
    said = run(find("pkg-config"), *words, "gwplugins", cwd=prefix, env=env)
    return re.sub(r"/\S*", lambda path: str(Path(path[0]).resolve()), said.strip())


def test_everything_is_in_its_place(installed: Path) -> None:
    assert files(installed) == placed("lib")


def test_names_are_those_of_a_system_library(installed: Path) -> None:
    lib = installed / "lib"
    assert {name: (lib / name).readlink().name for name in ("libgwplugins.so", SONAME)} == {
        "libgwplugins.so": SONAME,
        SONAME: REAL,
    }
    assert f"Library soname: [{SONAME}]" in run(find("readelf"), "-d", lib / REAL, cwd=lib)


def test_modes(installed: Path) -> None:
    modes = {name: (installed / name).stat().st_mode & 0o777 for name in placed("lib")}
    programs = {f"lib/{name}" for name in ("libgwplugins.so", SONAME, REAL)}
    assert modes == {name: 0o755 if name in programs else 0o644 for name in placed("lib")}


def test_the_library_of_the_package_keeps_its_name(installed: Path) -> None:
    library = ROOT / "pyplugins/native/libgwplugins.so"
    if not library.is_file():
        pytest.skip("the Python package has no library here")
    assert "Library soname: [libgwplugins.so]" in run(find("readelf"), "-d", library, cwd=ROOT)


def test_a_stage_holds_what_the_prefix_would_and_uninstall_removes_it(installed: Path, tmp_path: Path) -> None:
    words = [f"DESTDIR={tmp_path}", "PREFIX=/opt/gw", "LIBDIR=lib/x86_64-linux-gnu"]
    lib = tmp_path / "opt/gw/lib/x86_64-linux-gnu"
    other = str((lib / "libother.so").relative_to(tmp_path))
    run(find("make"), "install", *words, cwd=ROOT, timeout=1800)
    (tmp_path / other).touch()
    assert files(tmp_path) == {f"opt/gw/{name}" for name in placed("lib/x86_64-linux-gnu")} | {other}
    for text in (*tmp_path.rglob("*.pc"), *tmp_path.rglob("*.cmake")):
        assert str(tmp_path) not in text.read_text("utf-8")
    assert "${pcfiledir}/../../.." in (lib / "pkgconfig/gwplugins.pc").read_text("utf-8")
    run(find("make"), "uninstall", *words, cwd=ROOT)
    assert files(tmp_path) == {other}
    assert not (lib / "cmake/gwplugins").exists()
    assert not (tmp_path / "opt/gw/include/gwplugins").exists()


def test_installing_again_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    for _ in range(2):
        run(find("make"), "install", f"PREFIX={tmp_path}", cwd=ROOT, timeout=1800)
    assert files(tmp_path) == placed("lib")


def test_pkg_config_follows_the_prefix_wherever_it_goes(installed: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(installed, tmp_path / "moved", symlinks=True))
    for prefix in (installed, moved):
        assert flags(prefix, "--cflags", "--libs") == f"-I{prefix}/include -L{prefix}/lib -lgwplugins"
    assert flags(installed, "--modversion") == VERSION
    assert flags(installed, "--variable=abi") == ".".join(ABI)


def test_without_cargo_it_says_what_is_missing(tmp_path: Path) -> None:
    run(find("make"), "install", f"PREFIX={tmp_path}", cwd=ROOT, env={"CARGO": "no-such-cargo"}, expect=2)
    assert files(tmp_path) == set()
