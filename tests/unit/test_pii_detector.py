"""The direct API of the PII filter: names, configurations in every form, `mask` with a caller's detections."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from pyplugins.errors import ConfigError, UsageError
from pyplugins.native import status
from pyplugins.pii_filter import PIIDetector, PIIDetectorPython, api

NATIVE = [name for name, found in status()["attempts"].items() if found["works"]]
IMPLEMENTATIONS = [*NATIVE, "python"]

every = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)


@pytest.fixture(params=IMPLEMENTATIONS)
def make(request: pytest.FixtureRequest) -> Any:
    """Makes a detector of each implementation in turn."""
    return lambda config=None: PIIDetector(config, request.param)


def test_examples() -> None:
    assert doctest.testmod(api).failed == 0


def test_examples_of_the_readme() -> None:
    readme = Path(api.__file__).with_name("README.md")
    assert doctest.testfile(str(readme), module_relative=False).failed == 0


@every
def test_says_what_it_is(implementation: str) -> None:
    one = PIIDetector(implementation=implementation)
    assert one.binding == (None if implementation == "python" else implementation)
    assert one.implementation == ("python" if implementation == "python" else "rust")
    assert one.implementation in repr(one)


def test_names_of_the_implementations() -> None:
    assert PIIDetectorPython().implementation == "python"
    if NATIVE:
        from pyplugins.pii_filter import PIIDetectorRust

        assert PIIDetectorRust().implementation == "rust"
        assert isinstance(PIIDetectorRust(), PIIDetector)


def test_rust_without_the_library_is_an_import_error_with_the_reason() -> None:
    code = (
        "import pyplugins.native.loader as loader\n"
        "from pyplugins.native.binding import NotPresent\n"
        "def absent(name, kind=None): raise NotPresent('it was taken away')\n"
        "loader._opened = absent\n"
        "try:\n    from pyplugins.pii_filter import PIIDetectorRust\n"
        "except ImportError as why:\n    assert 'it was taken away' in str(why), why\n"
        "else:\n    raise SystemExit('no ImportError')\n"
        "from pyplugins.pii_filter import PIIDetectorPython\n"
        "PIIDetectorPython().detect('x')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_engine_loads_neither_framework_nor_yaml() -> None:
    code = (
        "import sys\nfrom pyplugins.pii_filter import PIIDetector\n"
        "PIIDetector(implementation='python').detect('a@example.com')\n"
        "assert not {'yaml', 'cpex', 'pydantic', 'pyplugins.framework'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_names_of_the_package() -> None:
    import pyplugins.pii_filter as package

    assert set(dir(package)) == {"PIIDetector", "PIIDetectorPython", "PIIDetectorRust", "PIIFilterPlugin"}
    with pytest.raises(AttributeError):
        package.PIIDetectorGo  # noqa: B018


class Model:
    """Stands for a pydantic model."""

    def __init__(self, **values: Any) -> None:
        self._values = values

    def model_dump(self) -> dict[str, Any]:
        return self._values


@pytest.mark.parametrize("form", [dict, lambda **values: json.dumps(values), Model], ids=["dict", "json", "model"])
def test_forms_of_a_configuration(make: Any, form: Any) -> None:
    assert make(form(default_mask_strategy="partial")).mask("123-45-6789") == "***-**-6789"


def test_default_configurations(make: Any) -> None:
    for config in (None, {}, "{}", " { } "):
        assert make(config).mask("a@example.com") == "[REDACTED]"


@pytest.mark.parametrize("config", [{"detect_sssn": True}, '{"detect_ssn": 1}', "[]", "{", '{"a":' * 2000])
def test_refused_configurations(make: Any, config: Any) -> None:
    with pytest.raises(ConfigError):
        make(config)


def test_detect_groups_by_type(make: Any) -> None:
    found = make().detect("a@example.com b@example.com 123-45-6789")
    assert list(found) == ["email", "ssn"]
    assert found["email"][1] == {"value": "b@example.com", "start": 14, "end": 27, "mask_strategy": "redact"}


def test_lone_surrogates(make: Any) -> None:
    assert make().detect("\ud800 a@example.com \udfff")["email"][0]["start"] == 2
    assert make().mask("\ud800 a@example.com \udfff") == "\ud800 [REDACTED] \udfff"


def test_clean_text_comes_back_as_the_very_object(make: Any) -> None:
    for text in ("nothing", "nichts für ungut", b"nothing"):
        assert make().mask(text) is text


def test_batches_are_singles(make: Any) -> None:
    one, texts = make(), ["a@example.com", "nothing", "123-45-6789"]
    assert one.detect_many(texts) == [one.detect(text) for text in texts]
    assert one.scan_many(texts) == [one.scan(text) for text in texts]
    assert one.mask_many(texts) == one.process_many(texts) == [one.mask(text) for text in texts]


def test_nested_data(make: Any) -> None:
    changed, data, found = make().process_nested({"a": ["x@example.com", 1], "b": ("clean",)})
    assert (changed, data) == (True, {"a": ["[REDACTED]", 1], "b": ("clean",)})
    assert [entry["value"] for entry in found["email"]] == ["x@example.com"]


@pytest.mark.parametrize("strategy", ["hash", "tokenize"])
def test_mask_and_engine_use_one_random_key(make: Any, strategy: str) -> None:
    for config in ({}, {"hash_key": None}):
        one = make(config | {"default_mask_strategy": strategy})
        text = "mail alice@example.com"
        assert one.mask(text, one.detect(text)) == one.mask(text)
        assert make(config | {"default_mask_strategy": strategy}).mask(text) != one.mask(text)


@pytest.mark.parametrize("strategy", ["redact", "partial", "hash", "tokenize", "remove"])
def test_mask_of_what_detect_found_is_process(make: Any, strategy: str) -> None:
    one = make({"default_mask_strategy": strategy, "hash_key": "k"})
    for text in ("ü a@example.com, 555-123-4567, DE89370400440532013000", b"\xff a@example.com 123-45-6789"):
        assert one.mask(text, one.detect(text)) == one.process(text)


def test_mask_takes_short_accounts(make: Any) -> None:
    one = make({"default_mask_strategy": "partial"})
    for length in range(6):
        assert one.mask("12345", {"bank_account": [{"start": 0, "end": length}]}) == "*" * length + "12345"[length:]


def test_mask_takes_types_of_the_caller(make: Any) -> None:
    spot = {"start": 0, "end": 3, "mask_strategy": "partial"}
    assert make().mask("007", {"badge": [spot]}) == "0*7"
    assert make().mask("007", {}) == "007"


def test_mask_hides_all_of_overlapping_detections(make: Any) -> None:
    spots = [{"start": 0, "end": 4}, {"start": 2, "end": 6}, {"start": 3, "end": 4}]
    assert make({"redaction_text": "#"}).mask("abcdefgh", {"x": spots}) == "##gh"


@pytest.mark.parametrize(
    "detections",
    [
        {"ssn": [{"start": 0, "end": 12}]},
        {"ssn": [{"start": -1, "end": 3}]},
        {"ssn": [{"start": 3, "end": 1}]},
        {"ssn": [{"start": "0", "end": 1}]},
        {"ssn": [{"start": True, "end": 1}]},
        {"ssn": [{"end": 1}]},
        {"ssn": [{"start": 0, "end": 3, "value": "other"}]},
        {"ssn": [{"start": 0, "end": 3, "mask_strategy": "blur"}]},
        {"ssn": [{"start": 0, "end": 3, "mask_strategy": []}]},
        {"ssn": ["x"]},
        {"ssn": "x"},
        {"ssn": 7},
        {7: [{"start": 0, "end": 3}]},
        [],
    ],
    ids=str,
)
def test_mask_refuses_what_does_not_fit(make: Any, detections: Any) -> None:
    with pytest.raises(UsageError) as info:
        make().mask("hello world", detections)
    assert info.value.code == 10
    assert "world" not in str(info.value)


def test_streams(make: Any) -> None:
    stream = make().stream()
    output = "".join(stream.push(character).output for character in "mail alice@example.com now")
    assert output + stream.finish().output == "mail [REDACTED] now"


def test_threads_share_a_detector(make: Any) -> None:
    one, answers = make(), []

    def work() -> None:
        answers.extend(one.mask(f"{n} a@example.com") == f"{n} [REDACTED]" for n in range(200))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 800


def test_no_key_is_described(make: Any) -> None:
    assert "sesame" not in json.dumps(make({"hash_key": "sesame", "token_key": "sesame"}).describe())


def test_close_may_be_called_twice(make: Any) -> None:
    one = make()
    one.close()
    one.close()
