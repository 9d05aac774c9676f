"""What is built where: with everything, without cargo, without a C compiler, with a broken or too old Rust."""

from __future__ import annotations

import ctypes
import re
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from gw_builds import (
    PLACE,
    Wheel,
    attempt,
    copy_sources,
    environment,
    make_venv,
    need_cargo,
    path_without_cargo,
    run,
)
from gw_tests import ROOT

Build = Callable[..., Wheel]
Install = Callable[..., Path]
WORKSPACE = tomllib.loads((ROOT / "rustlib/Cargo.toml").read_text())["workspace"]["package"]
SYSTEM = sysconfig.get_platform().replace("-", "_").replace(".", "_")

CHOSEN = "from pyplugins.native import status; print(status()['chosen'], status()['why_not_built'])"
USED = (
    "from pyplugins.pii_filter import PIIDetector; detector = PIIDetector({});"
    "print(detector.implementation, detector.binding, detector.mask('to ann@example.com'))"
)


def test_native_wheel(native_wheel: Wheel) -> None:
    assert native_wheel.tag == f"cp311-abi3-{SYSTEM}"
    names = native_wheel.names()
    assert {"pyplugins/native/libgwplugins.so", "pyplugins/native/_gwp.abi3.so", "pyplugins/py.typed"} <= names
    for name in ("core", "pii_filter", "rate_limiter"):
        folder = ROOT / "rustlib" / ("core" if name == "core" else f"engines/{name}") / "rules"
        assert {f"pyplugins/{name}/rules/{file.name}" for file in folder.iterdir()} <= names
    strange = [name for name in names if re.search(r"\.(c|h|rs|toml|o|pyc)$|^(tests|rustlib|build)", name)]
    assert strange == []
    assert "Root-Is-Purelib: false" in native_wheel.text(_info(native_wheel, "WHEEL"))


def test_the_library_is_small(native_wheel: Wheel) -> None:
    """Below 6 MB with all codecs: gateways load it into many processes and images."""
    with zipfile.ZipFile(native_wheel.file) as archive:
        assert archive.getinfo("pyplugins/native/libgwplugins.so").file_size < 6_000_000


def test_the_library_of_the_guards_alone_is_smaller_still() -> None:
    """Below 1.5 MB, as before there were codecs; and it says that it has none."""
    guards = "json_repair,pii_filter,regex_filter,sql_sanitizer,toon_encoder"
    words = ["cargo", "build", "--locked", "--release", "-q", "-p", "gwplugins", "--no-default-features"]
    run(*words, "--features", guards, cwd=ROOT / "rustlib")
    library = PLACE / "cargo/release/libgwplugins.so"
    assert library.stat().st_size < 1_500_000
    loaded = ctypes.CDLL(str(library))
    loaded.gwp_codec_count.restype = ctypes.c_size_t
    assert loaded.gwp_codec_count() == 0


def _info(wheel: Wheel, name: str) -> str:
    (found,) = (file for file in wheel.names() if file.endswith(f".dist-info/{name}"))
    return found


def test_metadata(native_wheel: Wheel, installed: Path) -> None:
    version = WORKSPACE["version"]
    metadata = native_wheel.text(_info(native_wheel, "METADATA"))
    assert f"\nVersion: {version}\n" in metadata
    assert "Requires-Python: >=3.11" in metadata
    required = re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE)
    assert sorted(re.split(r"\W", line)[0] for line in required if "extra ==" not in line) == ["cffi", "pyyaml"]
    points = native_wheel.text(_info(native_wheel, "entry_points.txt"))
    assert "gwplugins = pyplugins.cli:main" in points
    assert "pii_filter = pyplugins.pii_filter.pii_filter:PIIFilterPlugin" in points
    assert run(installed, "-c", "from pyplugins.native import status; print(status()['version'])").strip() == version


def test_native_install_uses_the_extension(installed: Path) -> None:
    assert run(installed, "-c", CHOSEN) == "cffi \n"
    assert run(installed, "-c", USED) == "rust cffi to [REDACTED]\n"


def test_without_cargo(pure_wheel: Wheel, install: Install) -> None:
    assert pure_wheel.tag == "py3-none-any"
    assert [name for name in pure_wheel.names() if re.search(r"\.(so|dylib|dll|pyd)$", name)] == []
    python = install(pure_wheel.file)
    assert run(python, "-c", CHOSEN) == "python cargo is not installed (https://rustup.rs)\n"
    answer = attempt(python, "-c", USED)
    assert answer.stdout == "python None to [REDACTED]\n"
    assert "PII Filter: Using Python implementation (cffi: no libgwplugins.so in the package: cargo is" in answer.stderr
    assert "💡 Build Rust plugins for better performance" in answer.stderr
    rust = attempt(python, "-c", "from pyplugins.pii_filter import PIIDetectorRust; PIIDetectorRust({})")
    assert "ImportError" in rust.stderr
    assert "cargo is not installed" in rust.stderr
    required = attempt(python, "-c", USED, env=environment(GWPLUGINS_REQUIRE_NATIVE="1"))
    assert "ImportError" in required.stderr


def test_without_cargo_native_cannot_be_had(builder: Path, source: Path, tmp_path: Path) -> None:
    command = ("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, source)
    result = attempt(builder, *command, env=environment(PATH=path_without_cargo(), GWPLUGINS_REQUIRE_NATIVE="1"))
    assert result.returncode != 0
    assert "cargo is not installed" in result.stdout + result.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_compiler(build: Build, source: Path, install: Install) -> None:
    need_cargo()
    wheel = build(source, CC="/bin/false")
    assert wheel.tag == f"py3-none-{SYSTEM}"
    assert "pyplugins/native/libgwplugins.so" in wheel.names()
    python = install(wheel.file)
    assert run(python, "-c", CHOSEN).startswith("ctypes the cffi extension could not be built (")
    assert run(python, "-c", USED) == "rust ctypes to [REDACTED]\n"


@pytest.fixture(scope="module")
def broken() -> Path:
    folder = copy_sources(PLACE / "broken")
    with open(folder / "rustlib/core/src/lib.rs", "a", encoding="utf-8") as file:
        file.write("\nthis is no Rust\n")
    return folder


def test_with_broken_rust(build: Build, broken: Path) -> None:
    need_cargo()
    wheel = build(broken)
    assert wheel.tag == "py3-none-any"
    assert "the Rust library could not be built" in wheel.text("pyplugins/_build_info.py")


def test_broken_rust_is_an_error_where_native_is_required(builder: Path, broken: Path, tmp_path: Path) -> None:
    need_cargo()
    command = ("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, broken)
    result = attempt(builder, *command, env=environment(GWPLUGINS_REQUIRE_NATIVE="1"))
    assert result.returncode != 0
    assert "the Rust library could not be built" in result.stdout + result.stderr


def test_too_old_a_cargo_is_named(build: Build, source: Path, tmp_path: Path) -> None:
    old = tmp_path / "cargo"
    old.write_text("#!/bin/sh\necho 'cargo 1.60.0 (d1fd9fe2c 2022-03-01)'\n")
    old.chmod(0o755)
    wheel = build(source, PATH=f"{tmp_path}:{path_without_cargo()}")
    assert wheel.tag == "py3-none-any"
    info = wheel.text("pyplugins/_build_info.py")
    assert (
        f"cargo 1.60.0 (d1fd9fe2c 2022-03-01) is too old: Rust {WORKSPACE['rust-version']} or newer is needed" in info
    )


def test_a_build_ships_nothing_of_an_earlier_one(build: Build, tmp_path: Path) -> None:
    folder = copy_sources(tmp_path / "source")
    for left in ("build/lib/pyplugins/native/libgwplugins.so", "pyplugins/native/libgwplugins.so"):
        (folder / left).parent.mkdir(parents=True, exist_ok=True)
        (folder / left).write_text("left over")
    assert "pyplugins/native/libgwplugins.so" not in build(folder, PATH=path_without_cargo()).names()


def test_a_source_archive_makes_the_same_wheel(builder: Path, build: Build, source: Path, native_wheel: Wheel) -> None:
    out = PLACE / "sdist"
    for old in out.glob("*.tar.gz"):
        old.unlink()
    run(builder, "-m", "build", "--quiet", "--sdist", "--no-isolation", "--outdir", out, source)
    (archive,) = out.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        tar.extractall(out, filter="data")
    assert not [name for name in names if re.search(r"/target/|\.so$|\.pyc$|_build_info", name)]
    wheel = build(out / archive.name.removesuffix(".tar.gz"), GWPLUGINS_REQUIRE_NATIVE="1")
    assert (wheel.tag, wheel.names()) == (native_wheel.tag, native_wheel.names())


def test_editable(builder: Path, native_wheel: Wheel) -> None:
    folder = copy_sources(PLACE / "editable")
    python = make_venv(PLACE / "editable-venv")
    pip = (builder, "-m", "pip", "--python", python, "install", "--quiet")
    run(*pip, "cffi", "pyyaml")
    tools = run(builder, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    env = environment(GWPLUGINS_REQUIRE_NATIVE="1", PYTHONPATH=tools)
    run(*pip, "--no-build-isolation", "--no-deps", "--editable", folder, env=env)
    assert run(python, "-c", USED) == "rust cffi to [REDACTED]\n"
    where = run(python, "-c", "import pyplugins.core.data as data; print(data.path('pii_filter', 'schema.json'))")
    assert where.strip() == str(folder / "rustlib/engines/pii_filter/rules/schema.json")


def test_setup_py_build(builder: Path, source: Path, native_wheel: Wheel, tmp_path: Path) -> None:
    run(builder, "setup.py", "--quiet", "build", "--build-base", tmp_path, cwd=source)
    made = {path.name for path in tmp_path.rglob("*.so")}
    assert made == {"libgwplugins.so", "_gwp.abi3.so"}


def test_pip_install_as_the_readme_says(source: Path, native_wheel: Wheel, tmp_path: Path) -> None:
    """With everything fetched as pip does it, in an environment that has nothing."""
    python = make_venv(tmp_path / "v", with_pip=True)
    run(python, "-m", "pip", "install", "--quiet", source, env=environment(GWPLUGINS_REQUIRE_NATIVE="1"))
    assert run(python, "-c", USED) == "rust cffi to [REDACTED]\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads ELF files")
def test_how_the_files_are_linked(installed: Path) -> None:
    folder = Path(run(installed, "-c", "import pyplugins.native as n; print(n.__path__[0])").strip())
    library = run("readelf", "-d", folder / "libgwplugins.so")
    assert "Library soname: [libgwplugins.so]" in library
    extension = run("readelf", "-d", folder / "_gwp.abi3.so")
    assert "Shared library: [libgwplugins.so]" in extension
    assert re.search(r"(RUNPATH|RPATH).*\$ORIGIN", extension)
    assert "NOW" in extension
    symbols = run("nm", "-D", "--defined-only", folder / "_gwp.abi3.so")
    assert {line.split()[-1] for line in symbols.splitlines()} == {"PyInit__gwp", "PyInit__edge"}
    for file in ("libgwplugins.so", "_gwp.abi3.so"):
        assert ".debug_info" not in run("readelf", "-S", "--wide", folder / file)
