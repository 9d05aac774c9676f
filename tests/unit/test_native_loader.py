"""What the loader chooses, what it says about it, and what it refuses. Builds are stood in for by small fakes here;
tests/packaging does the same with real installations."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from gw_tests import need_binding

from pyplugins.native import IMPLEMENTATIONS, _ctypes, binding, loader, open_guard, status
from pyplugins.native.binding import Binding, NotPresent

Fakes = dict[str, Callable[[], Binding]]


def working(name: str, *kinds: str) -> Callable[[], Binding]:
    schemas = dict.fromkeys(kinds or ("pii_filter",), "{}")
    return lambda: Binding(name, f"/lib/{name}", "0.1.0", 65536, schemas, lambda kind, config: (name, kind, config))  # type: ignore[arg-type,return-value]


def absent(why: str) -> Callable[[], Binding]:
    def load() -> Binding:
        raise NotPresent(why)

    return load


def wrong() -> Binding:
    raise ImportError("libgwplugins.so: undefined symbol")


@pytest.fixture
def with_bindings(fresh_loader: object, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Stands in for the two bindings."""

    def install(**loads: Callable[[], Binding]) -> None:
        for name, load in loads.items():
            module = ModuleType(f"pyplugins.native._{name}")
            module.load = load  # type: ignore[attr-defined]
            monkeypatch.setitem(sys.modules, module.__name__, module)

    return install


def chosen(implementation: str = "auto") -> Any:
    found: Any = open_guard("pii_filter", "{}", implementation)
    return found and found[0]


def test_order(with_bindings: Any) -> None:
    with_bindings(cffi=working("cffi"), ctypes=working("ctypes"))
    assert {name: chosen(name) for name in IMPLEMENTATIONS} == {
        "auto": "cffi",
        "rust": "cffi",
        "cffi": "cffi",
        "ctypes": "ctypes",
        "python": None,
    }


def test_what_is_absent_is_passed_over(with_bindings: Any) -> None:
    with_bindings(cffi=absent("no compiler"), ctypes=working("ctypes"))
    assert (chosen(), chosen("rust")) == ("ctypes", "ctypes")
    with pytest.raises(ImportError, match="no cffi implementation of pii_filter: cffi: no compiler"):
        chosen("cffi")


def test_without_a_library_it_is_python(with_bindings: Any) -> None:
    with_bindings(cffi=absent("none"), ctypes=absent("nothing"))
    assert chosen() is None
    for name in ("rust", "cffi", "ctypes"):
        with pytest.raises(ImportError, match=f"no {name} implementation"):
            chosen(name)


def test_a_library_without_the_kind_is_passed_over(with_bindings: Any) -> None:
    with_bindings(cffi=working("cffi", "other"), ctypes=working("ctypes"))
    assert chosen() == "ctypes"
    with pytest.raises(ImportError, match="/lib/cffi has no pii_filter"):
        chosen("cffi")


def test_what_is_wrong_is_never_passed_over(with_bindings: Any) -> None:
    with_bindings(cffi=wrong, ctypes=working("ctypes"))
    for name in ("auto", "rust", "cffi"):
        with pytest.raises(ImportError, match="undefined symbol"):
            chosen(name)
    assert chosen("ctypes") == "ctypes"


def test_the_environment_forces(with_bindings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_bindings(cffi=absent("none"), ctypes=working("ctypes"))
    monkeypatch.setenv("GWPLUGINS_IMPL", "python")
    assert chosen() is None
    assert chosen("ctypes") == "ctypes"  # the call knows better than the environment
    monkeypatch.setenv("GWPLUGINS_IMPL", "cffi")
    with pytest.raises(ImportError, match="no cffi"):
        chosen()
    for word in ("fast", "Rust", " cffi"):
        monkeypatch.setenv("GWPLUGINS_IMPL", word)
        with pytest.raises(ValueError, match="there are auto, rust, cffi, ctypes, python"):
            chosen()
    with pytest.raises(ValueError, match="'go'"):
        chosen("go")


@pytest.mark.parametrize(("value", "required"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_native_can_be_required(
    with_bindings: Any, monkeypatch: pytest.MonkeyPatch, value: str, required: bool
) -> None:
    with_bindings(cffi=absent("none"), ctypes=absent("nothing"))
    monkeypatch.setenv("GWPLUGINS_REQUIRE_NATIVE", value)
    assert chosen("python") is None
    if not required:
        assert chosen() is None
        return
    with pytest.raises(ImportError, match="cffi: none; ctypes: nothing; python: GWPLUGINS_REQUIRE_NATIVE is set"):
        chosen()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    told = [f"{record.levelname} {record.getMessage()}" for record in caplog.records]
    caplog.clear()
    return told


def test_the_log_says_it_once(with_bindings: Any, fresh_loader: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with_bindings(cffi=working("cffi"), ctypes=absent("nothing"))
    chosen()
    (line,) = lines(caplog)
    assert line.startswith("INFO ✓ PII Filter: Using Rust implementation")
    chosen("python")
    assert lines(caplog) == []
    fresh_loader()
    with_bindings(cffi=absent("no compiler"))
    chosen()
    assert lines(caplog) == [
        "WARNING PII Filter: Using Python implementation (cffi: no compiler; ctypes: nothing)",
        "WARNING 💡 Build Rust plugins for better performance",
    ]
    fresh_loader()
    chosen("python")
    assert lines(caplog) == ["WARNING PII Filter: Using Python implementation"]


def test_the_log_names_the_measured_factor(
    with_bindings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with_bindings(cffi=working("cffi"))
    monkeypatch.setattr(loader.data, "load", lambda kind, file: {"title": "PII Filter", "x-speedup": "5-10x"})
    chosen()
    assert lines(caplog) == ["INFO ✓ PII Filter: Using Rust implementation (5-10x faster)"]


def test_status(with_bindings: Any, fresh_loader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_bindings(cffi=wrong, ctypes=working("ctypes", "b", "a"))
    told = status()
    assert told["attempts"]["cffi"] == {"works": False, "present": True, "why": "libgwplugins.so: undefined symbol"}
    assert told["attempts"]["ctypes"] == {"works": True, "present": True, "why": ""}
    assert (told["library"], told["abi_version"], told["kinds"]) == ("/lib/ctypes", 65536, ["a", "b"])
    assert told["chosen"] is None  # auto would raise: what is wrong is never passed over
    fresh_loader()
    with_bindings(cffi=absent("none"), ctypes=absent("none"))
    assert status()["chosen"] == "python"
    monkeypatch.setenv("GWPLUGINS_REQUIRE_NATIVE", "1")
    assert status()["chosen"] is None
    monkeypatch.setenv("GWPLUGINS_IMPL", "nonsense")
    assert status()["chosen"] is None


def test_a_named_library_is_opened_by_ctypes(fresh_loader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    need_binding("ctypes")
    fresh_loader()
    monkeypatch.setenv("GWPLUGINS_LIBRARY", binding.library_file())
    guard = open_guard("pii_filter", "{}")
    assert guard is not None
    assert guard.binding == "ctypes"
    with pytest.raises(ImportError, match="GWPLUGINS_LIBRARY names one"):
        open_guard("pii_filter", "{}", "cffi")


def test_a_named_library_that_is_wrong_is_an_error(
    fresh_loader: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = tmp_path / "libgwplugins.so"
    text.write_text("no library")
    other = next(
        Path(module.__file__) for module in sys.modules.values() if str(getattr(module, "__file__", "")).endswith(".so")
    )
    for file in (tmp_path / "absent.so", text, other):
        monkeypatch.setenv("GWPLUGINS_LIBRARY", str(file))
        for name in ("auto", "rust", "ctypes"):
            with pytest.raises(ImportError, match="is no usable gwplugins library"):
                open_guard("pii_filter", "{}", name)


def test_another_abi_is_an_error(fresh_loader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    need_binding("ctypes")
    fresh_loader()
    for name, value in (("GWP_ABI_MAJOR", 2), ("GWP_ABI_MINOR", 999)):
        with monkeypatch.context() as changed:
            changed.setattr(_ctypes._decls, name, value)
            with pytest.raises(ImportError, match=r"has ABI 1\.\d+; this package needs"):
                open_guard("pii_filter", "{}", "ctypes")


def test_importing_opens_nothing() -> None:
    code = "import sys, pyplugins.native; assert not {'_cffi_backend', 'pyplugins.native._cffi'} & set(sys.modules)"
    subprocess.run([sys.executable, "-P", "-c", code], check=True)
