"""Message ids become exceptions of the right class, with path and numbers filled in and nothing else."""

from __future__ import annotations

import re

import pytest

from pyplugins import errors
from pyplugins.core import data
from pyplugins.core.faults import fault

MESSAGES = data.load("core", "messages.json")


@pytest.mark.parametrize("message", MESSAGES, ids=[message["id"] for message in MESSAGES])
def test_every_message(message: dict[str, object]) -> None:
    error = fault(str(message["id"]), "$.here", 11, 22)
    text = str(message["text"]).replace("{path}", "$.here").replace("{a}", "11").replace("{b}", "22")
    assert (str(error), error.code, error.path, error.implementation) == (text, message["code"], "$.here", "python")
    assert not re.search(r"[{}]", str(error))


def test_ids_are_unique_and_codes_have_one_name() -> None:
    assert len({message["id"] for message in MESSAGES}) == len(MESSAGES)
    names = {(message["code"], message["name"]) for message in MESSAGES}
    assert len({code for code, _ in names}) == len({name for _, name in names}) == len(names)


def test_the_other_implementation() -> None:
    assert fault("busy", implementation="rust").implementation == "rust"


def test_an_unknown_id_is_a_defect() -> None:
    with pytest.raises(KeyError):
        fault("no_such")


def test_classes() -> None:
    assert type(fault("bad_type")) is errors.UsageError
    assert type(fault("config_type")) is errors.ConfigError
    assert type(fault("too_deep")) is errors.InputTooLarge
    assert type(fault("no_memory")) is errors.ResourceError
    assert type(fault("panic")) is errors.InternalError
