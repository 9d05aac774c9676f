"""Errors of every implementation: one class per code range, the same class and code from cffi, ctypes and python.

No message ever holds scanned text. Tests: tests/unit/test_errors.py.
"""

from __future__ import annotations


class PluginError(Exception):
    """Root of all errors of this package.

    Attributes:
        code: the number also used by the C ABI (``GWP_E_*``); ranges are described in docs/architecture.md.
        path: JSON path of the configuration value at fault, or ``""``.
        implementation: ``"rust"`` or ``"python"``.
    """

    def __init__(self, message: str, *, code: int, path: str = "", implementation: str = "python") -> None:
        super().__init__(message)
        self.code = code
        self.path = path
        self.implementation = implementation


class UsageError(PluginError, ValueError):
    """Codes 1-19: the call itself is wrong."""


class ConfigError(PluginError, ValueError):
    """Codes 20-39: the configuration is wrong; ``path`` names the value."""


class InputTooLarge(PluginError, ValueError):
    """Codes 40-59 but for those of `BadData`: the content passes a configured limit and was **not** checked."""


class BadData(PluginError, ValueError):
    """Codes 45-50: compressed data is damaged, cut, of another format, or what was negotiated cannot be."""


class ResourceError(PluginError, RuntimeError):
    """Codes 60-79: memory or randomness could not be had."""


class InternalError(PluginError, RuntimeError):
    """Codes 80-99: a defect in this library."""


_RANGES: tuple[tuple[int, type[PluginError]], ...] = (
    (20, UsageError),
    (40, ConfigError),
    (45, InputTooLarge),
    (51, BadData),
    (60, InputTooLarge),
    (80, ResourceError),
    (100, InternalError),
)


def error_for(code: int, message: str, *, path: str = "", implementation: str = "python") -> PluginError:
    """The exception for an ABI code; the class follows from the code's range."""
    kind = next((cls for limit, cls in _RANGES if code < limit), InternalError)
    return kind(message, code=code, path=path, implementation=implementation)
