"""Request extensions under the module path that plugins import them from; see ``pyplugins.framework``.

Tests: tests/unit/test_framework_choice.py.
"""

from pyplugins.framework import Extensions, HttpExtension, RequestExtension

__all__ = ["Extensions", "HttpExtension", "RequestExtension"]
