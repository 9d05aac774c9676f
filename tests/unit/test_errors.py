"""One class per code range; each also is the builtin that users catch."""

from __future__ import annotations

import pytest

from pyplugins import errors


@pytest.mark.parametrize(
    ("first", "last", "kind", "builtin"),
    [
        (1, 19, errors.UsageError, ValueError),
        (20, 39, errors.ConfigError, ValueError),
        (40, 59, errors.InputTooLarge, ValueError),
        (60, 79, errors.ResourceError, RuntimeError),
        (80, 99, errors.InternalError, RuntimeError),
    ],
)
def test_ranges(first: int, last: int, kind: type[errors.PluginError], builtin: type[Exception]) -> None:
    for code in (first, last):
        error = errors.error_for(code, "what", path="$.p", implementation="rust")
        assert type(error) is kind
        assert isinstance(error, builtin)
        assert isinstance(error, errors.PluginError)
        assert (str(error), error.code, error.path, error.implementation) == ("what", code, "$.p", "rust")


def test_a_code_of_a_later_library_is_ours() -> None:
    assert type(errors.error_for(1234, "what")) is errors.InternalError
