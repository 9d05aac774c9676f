"""Every symptom of docs/troubleshooting.md, brought about for real, with the words and the remedy the page promises.

The installed package is copied and damaged, never the installation itself. Builds run on a copy of the sources.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import pyplugins
from pyplugins import native

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
LIBRARIES = ("libgwplugins.*", "gwplugins.dll")
EXTENSIONS = ("_gwp*.so", "_gwp*.pyd")
REQUIRED = os.environ.get("GWPLUGINS_REQUIRE_NATIVE", "") not in ("", "0")

needs_native = pytest.mark.skipif(
    native.status()["chosen"] != "cffi" and not REQUIRED, reason="the native library is not built here"
)
needs_builder = pytest.mark.skipif(
    importlib.util.find_spec("setuptools_rust") is None, reason="building needs setuptools-rust (extra 'dev')"
)

USE = """
import json, logging
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
from pyplugins.pii_filter import PIIDetector
detector = PIIDetector({})
print(json.dumps([detector.implementation, detector.binding, detector.process("SSN 123-45-6789")]))
"""

Run = subprocess.CompletedProcess[str]


class Site:
    """A copy of the installed package in a folder of its own, to be damaged at will."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "pyplugins"
        installed = Path(pyplugins.__file__).parent
        shutil.copytree(installed, self.package, ignore=shutil.ignore_patterns("__pycache__"))
        sources = installed.parent / "rustlib"
        if sources.is_dir():  # a checkout reads its rules there
            (folder / "rustlib").symlink_to(sources)

    def remove(self, *patterns: str) -> None:
        """Takes files of the native folder away."""
        for pattern in patterns:
            for file in (self.package / "native").glob(pattern):
                file.unlink()

    def python(self, *arguments: str, **environment: str) -> Run:
        """Runs Python on this copy, with no GWPLUGINS variable but the given ones."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GWPLUGINS_")}
        env = {**clean, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=env, cwd=self.folder, capture_output=True, text=True, timeout=120)

    def use(self, **environment: str) -> tuple[list[str | None], str]:
        """What a detector says of itself and makes of an SSN, and the log."""
        run = self.python("-c", USE, **environment)
        assert run.returncode == 0, run.stderr
        answer: list[str | None] = json.loads(run.stdout)
        return answer, run.stderr

    def refused(self, code: str = USE, **environment: str) -> str:
        """The ImportError that the program ends with."""
        run = self.python("-c", code, **environment)
        last = run.stderr.strip().splitlines()[-1]
        assert run.returncode == 1
        assert last.startswith("ImportError: ")
        return last

    def doctor(self, **environment: str) -> Run:
        """`gwplugins doctor`."""
        pytest.importorskip("click", reason="the command line needs the extra 'cli'")
        return self.python("-m", "pyplugins.cli", "doctor", **environment)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def bare(site: Site) -> Site:
    """A copy whose native code is gone."""
    site.remove(*LIBRARIES, *EXTENSIONS)
    return site


def _promised(*texts: str) -> None:
    assert not [text for text in texts if text not in PAGE], "docs/troubleshooting.md does not say so"


# --- Library not available -------------------------------------------------------------------------------------------


def test_without_the_library_python_does_the_work_and_the_log_says_so(bare: Site) -> None:
    answer, log = bare.use()
    assert answer == ["python", None, "SSN [REDACTED]"]
    lines = log.splitlines()
    assert lines[0].startswith("WARNING PII Filter: Using Python implementation (cffi: no ")
    assert lines[1:] == ["WARNING 💡 Build Rust plugins for better performance"]
    _promised("PII Filter: Using Python implementation", lines[1])


def test_doctor_names_the_missing_library_and_the_remedy(bare: Site) -> None:
    told = bare.doctor()
    assert told.returncode == 0
    assert "implementation: python" in told.stdout
    assert "gwplugins" in told.stdout
    assert "in the package" in told.stdout
    assert "what to do: install Rust (https://rustup.rs)" in told.stdout
    assert "--force-reinstall --no-cache-dir" in told.stdout
    _promised("https://rustup.rs", "--force-reinstall --no-cache-dir")


def test_a_required_library_that_is_missing_is_an_error(bare: Site) -> None:
    assert "GWPLUGINS_REQUIRE_NATIVE" in bare.refused(GWPLUGINS_REQUIRE_NATIVE="1")
    assert bare.doctor(GWPLUGINS_REQUIRE_NATIVE="1").returncode == 2
    _promised("export GWPLUGINS_REQUIRE_NATIVE=1")


@needs_native
def test_a_library_elsewhere_can_be_named(bare: Site) -> None:
    library = native.status()["library"]
    answer, log = bare.use(GWPLUGINS_LIBRARY=library)
    assert answer == ["rust", "ctypes", "SSN [REDACTED]"]
    assert "✓ PII Filter: Using Rust implementation" in log
    _promised("export GWPLUGINS_LIBRARY=")


# --- Import error ----------------------------------------------------------------------------------------------------


def test_a_file_that_is_no_library_is_an_error_and_no_fallback(site: Site) -> None:
    wrong = site.folder / "libgwplugins.so"
    wrong.write_text("not a library")
    message = site.refused(GWPLUGINS_LIBRARY=str(wrong))
    assert str(wrong) in message
    told = site.doctor(GWPLUGINS_LIBRARY=str(wrong))
    assert told.returncode == 2
    assert "GWPLUGINS_LIBRARY names the library to use: correct it, or unset it" in told.stdout


def test_some_other_library_is_an_error_and_no_fallback(site: Site) -> None:
    other = importlib.util.find_spec("_cffi_backend")
    assert other is not None
    assert other.origin is not None
    message = site.refused(GWPLUGINS_LIBRARY=other.origin)
    assert "gwp_" in message, "the first missing symbol is named"


def test_a_broken_library_in_the_package_is_an_error_and_no_fallback(bare: Site) -> None:
    (bare.package / "native/libgwplugins.so").write_text("not a library")
    assert "libgwplugins.so" in bare.refused()


@pytest.mark.parametrize("wanted", ["rust", "cffi", "ctypes"])
def test_what_is_forced_never_falls_back(bare: Site, wanted: str) -> None:
    assert f"no {wanted} implementation" in bare.refused(GWPLUGINS_IMPL=wanted)


def test_the_rust_class_gives_the_reason(bare: Site) -> None:
    message = bare.refused("from pyplugins.pii_filter import PIIDetectorRust; PIIDetectorRust({})")
    assert "gwplugins" in message
    assert "in the package" in message
    _promised("`PIIDetectorRust`")


def test_another_python_does_not_have_the_package() -> None:
    run = subprocess.run([sys.executable, "-I", "-S", "-c", "import pyplugins"], capture_output=True, text=True)
    assert run.stderr.strip().endswith("No module named 'pyplugins'")
    _promised("No module named 'pyplugins'")


# --- No faster -------------------------------------------------------------------------------------------------------


@needs_native
def test_a_forgotten_variable_keeps_the_library_from_being_used(site: Site) -> None:
    answer, _ = site.use(GWPLUGINS_IMPL="python")
    assert answer[:2] == ["python", None]
    told = site.doctor(GWPLUGINS_IMPL="python").stdout
    assert "GWPLUGINS_IMPL=python keeps the native library, which works, from being used: unset it" in told
    _promised("GWPLUGINS_IMPL=python")


@needs_native
def test_without_the_extension_the_library_is_used_through_ctypes(site: Site) -> None:
    site.remove(*EXTENSIONS)
    answer, _ = site.use()
    assert answer == ["rust", "ctypes", "SSN [REDACTED]"]
    assert "install a C compiler and the Python headers and build again" in site.doctor().stdout


@needs_native
def test_an_undamaged_installation_has_nothing_to_complain_of(site: Site) -> None:
    answer, log = site.use()
    assert answer[:2] == ["rust", "cffi"]
    assert "INFO ✓ PII Filter: Using Rust implementation" in log
    assert site.doctor().stdout.splitlines()[-1] == "all is well"


# --- Build failure ---------------------------------------------------------------------------------------------------

Build = Callable[..., Run]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """`pip wheel` on a copy of the sources, with a cargo of the test's choice."""
    source = tmp_path / "source"
    source.mkdir()
    leave_out = shutil.ignore_patterns("target", "*.so", "__pycache__", "_build_info.py", "*.egg-info")
    for name in ("rustlib", "include", "pyplugins"):
        shutil.copytree(ROOT / name, source / name, ignore=leave_out)
    for name in ("setup.py", "build_ffi.py", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, source)

    def run(cargo: str, *options: str, **environment: str) -> Run:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GWPLUGINS_")}
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
        command += ["--wheel-dir", str(tmp_path / "wheels"), *options, str(source)]
        env = {**clean, "CARGO": cargo, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)

    return run


@needs_builder
def test_without_cargo_the_install_is_pure_python_and_knows_why(build: Build, tmp_path: Path) -> None:
    made = build("no-such-cargo")
    assert made.returncode == 0, made.stderr
    assert "WITHOUT its native library" not in made.stdout + made.stderr, "pip hides what a successful build says"
    (wheel,) = (tmp_path / "wheels").iterdir()
    assert wheel.name.endswith("-py3-none-any.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    env = {name: value for name, value in os.environ.items() if not name.startswith("GWPLUGINS_")}
    env["PYTHONPATH"] = str(site)
    used = subprocess.run([sys.executable, "-c", USE], env=env, cwd=site, capture_output=True, text=True, check=True)
    assert json.loads(used.stdout) == ["python", None, "SSN [REDACTED]"]
    assert "cargo is not installed" in used.stderr
    _promised("py3-none-any", "pip hides")


@needs_builder
def test_the_build_can_be_seen(build: Build) -> None:
    made = build("no-such-cargo", "-v")
    assert "WITHOUT its native library: cargo is not installed" in made.stdout + made.stderr
    _promised("pip install -v .")


@needs_builder
def test_native_code_can_be_required(build: Build) -> None:
    made = build("no-such-cargo", GWPLUGINS_REQUIRE_NATIVE="1")
    assert made.returncode != 0
    assert "GWPLUGINS_REQUIRE_NATIVE=1 is set, so this is an error." in made.stdout + made.stderr
    _promised("GWPLUGINS_REQUIRE_NATIVE=1 pip install .")


@needs_builder
@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for cargo is a shell script")
def test_too_old_a_cargo_is_named(build: Build, tmp_path: Path) -> None:
    cargo = tmp_path / "cargo"
    cargo.write_text("#!/bin/sh\necho 'cargo 1.60.0 (d1fd9fe2c 2022-03-01)'\n")
    cargo.chmod(0o755)
    made = build(str(cargo), "-v")
    assert made.returncode == 0, made.stderr
    needed = tomllib.loads((ROOT / "rustlib/Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    assert f"cargo 1.60.0 (d1fd9fe2c 2022-03-01) is too old: Rust {needed}" in made.stdout + made.stderr
    _promised(f"older than {needed}", f"{needed} or later")
