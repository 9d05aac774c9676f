"""Exceptions of the embedded framework, named as in ``cpex.framework``.

Not to be mixed up with ``pyplugins.errors.PluginError``, the root of what engines raise: an engine's error becomes the
cause of a ``PluginError`` here when the plugin's ``on_error`` says fail.
Tests: tests/unit/test_framework_manager.py.
"""

from __future__ import annotations

from pyplugins.errors import PluginError as EngineError
from pyplugins.framework.embedded.models import ControlExecutionRecord, PluginErrorModel, PluginViolation


class PluginError(Exception):
    """A plugin failed and its ``on_error`` is fail: the content has not been checked."""

    def __init__(self, error: PluginErrorModel) -> None:
        super().__init__(error.message)
        self.error = error


class PluginViolationError(Exception):
    """A plugin refused the content, and the host asked for violations as exceptions."""

    def __init__(self, message: str, violation: PluginViolation | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.violation = violation
        self.executions: list[ControlExecutionRecord] | None = None


def describe(failure: BaseException) -> str:
    """The failure in words that are safe to log.

    Only the errors of this package promise to hold no guarded text; of any other exception the type is all that is
    told.
    """
    if isinstance(failure, EngineError):
        return f"{type(failure).__name__} {failure.code}: {failure}"
    if isinstance(failure, PluginError):
        return str(failure)
    return type(failure).__name__


def convert_exception_to_error(exception: Exception, plugin_name: str) -> PluginErrorModel:
    """The error model of an exception; see ``describe`` for what it tells."""
    code = str(exception.code) if isinstance(exception, EngineError) else ""
    return PluginErrorModel(message=describe(exception), plugin_name=plugin_name, code=code)
