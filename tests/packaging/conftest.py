"""Builds the package once for all packaging tests, in the ways most of them need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from gw_builds import (
    BUILD_TOOLS,
    PLACE,
    Wheel,
    copy_sources,
    environment,
    make_venv,
    need_cargo,
    path_without_cargo,
    run,
)


@pytest.fixture(scope="session")
def builder() -> Path:
    """A Python with the build tools, so that not every build has to fetch them."""
    python = make_venv(PLACE / "builder", with_pip=True)
    run(python, "-m", "pip", "install", "--quiet", *BUILD_TOOLS)
    return python


@pytest.fixture(scope="session")
def source() -> Path:
    """A copy of the sources; nobody changes it."""
    return copy_sources(PLACE / "source")


@pytest.fixture(scope="session")
def build(builder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Wheel]:
    """Builds a wheel from a source folder in a given environment."""

    def build_wheel(source: Path, **changes: str) -> Wheel:
        out = tmp_path_factory.mktemp("wheel")
        command = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", out, source)
        run(builder, *command, env=environment(**changes))
        (file,) = out.iterdir()
        return Wheel(file)

    return build_wheel


@pytest.fixture(scope="session")
def install(builder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Installs wheels into a clean environment and gives its Python."""

    def install_into(*what: str | Path) -> Path:
        python = make_venv(tmp_path_factory.mktemp("venv") / "v")
        run(builder, "-m", "pip", "--python", python, "install", "--quiet", *what)
        return python

    return install_into


@pytest.fixture(scope="session")
def native_wheel(build: Callable[..., Wheel], source: Path) -> Wheel:
    """What a user with all tools gets."""
    need_cargo()
    return build(source, GWPLUGINS_REQUIRE_NATIVE="1")


@pytest.fixture(scope="session")
def pure_wheel(build: Callable[..., Wheel], source: Path) -> Wheel:
    """What a user without cargo gets."""
    return build(source, PATH=path_without_cargo())


@pytest.fixture(scope="session")
def installed(install: Callable[..., Path], native_wheel: Wheel) -> Path:
    """The Python of a clean environment with the native wheel."""
    return install(native_wheel.file)
