"""The direct API's base: methods with nothing between, the subclass's own methods kept, names that load lazily."""

from __future__ import annotations

import doctest
import subprocess
import sys
from typing import Any

import pytest

from pyplugins import direct, lazy
from pyplugins.core.result import ScanResult
from pyplugins.direct import DirectGuard
from pyplugins.pii_filter.api import PIIDetector


class Shouting(PIIDetector):
    """Overrides one of the guard's methods."""

    def process(self, text: Any, /) -> Any:
        return super().process(text).upper()


def test_examples() -> None:
    assert doctest.testmod(direct).failed == 0


def test_methods_are_the_guards_own() -> None:
    one = PIIDetector(implementation="python")
    assert isinstance(one.scan("x"), ScanResult)
    assert vars(one)["scan"] == one._guard.scan
    assert "close" not in vars(one)


def test_a_subclass_keeps_what_it_defines() -> None:
    assert Shouting(implementation="python").process("mail a@example.com") == "MAIL [REDACTED]"


def test_the_repr_names_the_implementation_and_nothing_else() -> None:
    assert repr(PIIDetector({"redaction_text": "secret"}, "python")) == (
        "PIIDetector(implementation='python', binding=None)"
    )


def test_the_base_alone_is_no_guard() -> None:
    with pytest.raises(NotImplementedError):
        DirectGuard._python("{}")


def test_lazy_names() -> None:
    get, listed = lazy.names("pyplugins.core", {"ScanResult": "result", "Finding": "result"})
    assert get("ScanResult") is ScanResult
    assert listed() == ["Finding", "ScanResult"]
    with pytest.raises(AttributeError, match=r"module 'pyplugins.core' has no attribute 'Nothing'"):
        get("Nothing")


def test_a_detector_loads_no_framework() -> None:
    load = "import sys; from pyplugins.pii_filter import PIIDetector"
    code = f"{load}; PIIDetector(); print(any(name.startswith('pyplugins.framework') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
