"""The direct API of the regex filter: names, rules from a file, actions, limits, what no implementation may do."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from gw_tests import need_binding

from pyplugins import native
from pyplugins.errors import ConfigError, InputTooLarge, UsageError
from pyplugins.regex_filter import RegexFilter, RegexFilterPython

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import regex_filter as strategy


@pytest.fixture(params=["cffi", "ctypes", "python"])
def implementation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name != "python":
        need_binding(name)
    return name


def test_methods_are_the_guards_own(implementation: str) -> None:
    one = RegexFilter({"words": [{"search": "a", "replace": "b"}]}, implementation)
    assert one.process.__self__ is one._guard  # type: ignore[attr-defined]
    assert one.binding == (None if implementation == "python" else implementation)


def test_the_very_object_comes_back_when_nothing_changes(implementation: str) -> None:
    one = RegexFilter({"words": [{"search": "ab", "replace": "b"}]}, implementation)
    text = "x" * 100
    assert one.process(text) is text
    assert one.scan(text).output is text


def test_bytes_and_many(implementation: str) -> None:
    one = RegexFilter({"words": [{"search": "é", "replace": "e"}]}, implementation)
    assert one.process("é".encode()) == b"e"
    assert one.process(bytearray("é\u00ff".encode()) + b"\xff") == "e\u00ff".encode() + b"\xff"
    assert one.process_many(["é", "", "x"]) == ["e", "", "x"]
    with pytest.raises(UsageError):
        one.process_many("é")  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        one.process(3)  # type: ignore[arg-type]


def test_empty_texts_of_a_batch_are_looked_at(implementation: str) -> None:
    one = RegexFilter({"words": [{"search": "^", "replace": "x"}]}, implementation)
    assert one.process_many(["", "a", ""]) == ["x", "xa", "x"]
    assert one.process_nested(["", {"a": ""}])[1] == ["x", {"a": "x"}]


def test_detect_groups_by_rule(implementation: str) -> None:
    rules = [{"name": "pet", "search": "cat|dog", "action": "audit"}, {"search": "x"}]
    assert RegexFilter({"rules": rules}, implementation).detect("cat x dog") == {
        "pet": [
            {"value": "cat", "start": 0, "end": 3, "action": "audit"},
            {"value": "dog", "start": 6, "end": 9, "action": "audit"},
        ],
        "rules[1]": [{"value": "x", "start": 4, "end": 5, "action": "replace"}],
    }


def test_no_streams(implementation: str) -> None:
    with pytest.raises(UsageError):
        RegexFilter({}, implementation).stream()


def test_the_engine_refuses_python_rules(implementation: str) -> None:
    """Hosts that are not Python have the engine alone."""
    config = json.dumps({"rules": [{"search": "a"}, {"search": "(?=a)", "syntax": "python"}]})
    with pytest.raises(ConfigError) as refused:
        native.open_guard("regex_filter", config, implementation) or RegexFilterPython._python(config)
    assert (refused.value.code, refused.value.path) == (25, "$.rules[1].syntax")
    assert "Python hosts" in str(refused.value)


def test_the_known_bomb_ends_in_milliseconds(implementation: str) -> None:
    one = RegexFilter({"words": [{"search": "(a+)+$", "replace": "x"}]}, implementation)
    begun = time.perf_counter()
    assert one.process("a" * 50_000 + "b") == "a" * 50_000 + "b"
    assert time.perf_counter() - begun < 0.5


def test_threads_share_one_filter(implementation: str) -> None:
    one = RegexFilter({"rules": [{"search": r"\b\w{3}\b", "replace": "#", "unicode": True}]}, implementation)
    answers: list[str] = []

    def work() -> None:
        answers.extend(one.process("два три четыре " * 20) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {"# # четыре " * 20}
    assert len(answers) == 400


FILES: dict[str, str] = {
    "words.txt": "# names of projects\nBlue Sky\n\n  Red Sea \n",
    "rules.json": json.dumps([{"search": "Blue Sky", "literal": True}, {"search": "Red Sea", "literal": True}]),
    "both.json": json.dumps({"words": [{"search": "Blue Sky", "replace": "*"}], "rules": [{"search": "Red Sea"}]}),
    "rules.yaml": "words:\n  - {search: Blue Sky, replace: '*'}\nrules:\n  - search: Red Sea\n",
}


@pytest.mark.parametrize("name", FILES)
def test_rules_file(name: str, tmp_path: Path, implementation: str) -> None:
    (tmp_path / name).write_text(FILES[name], "utf-8")
    config = {"rules": [{"search": "x", "replace": "y"}], "rules_file": str(tmp_path / name), "redaction_text": "*"}
    assert RegexFilter(config, implementation).process("x Blue Sky, Red Sea") == "y *, *"
    assert RegexFilter({**config, "rules_file": None}, implementation).process("x Red Sea") == "y Red Sea"


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        ("absent.txt", None, "$.rules_file"),
        ("bad.json", "{", "$.rules_file"),
        ("bad.yaml", "a: [", "$.rules_file"),
        ("other.json", '{"rule": []}', "$.rules_file"),
        ("scalar.yaml", "3", "$.rules_file"),
        ("wrong.json", '[{"search": "("}]', "$.rules[0].search"),
    ],
)
def test_rules_file_is_wrong(name: str, text: str | None, path: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        RegexFilter({"rules_file": str(tmp_path / name)})
    assert refused.value.path == path


def test_rules_file_is_no_name() -> None:
    with pytest.raises(ConfigError) as refused:
        RegexFilter({"rules_file": 3})
    assert (refused.value.code, refused.value.path) == (23, "$.rules_file")


@pytest.mark.parametrize(
    "config", ['{"rules_file": "x", "rules_file": 1}', "[]", "{", '{"rules": 3, "syntax": "python"}']
)
def test_what_is_no_configuration_is_refused_by_the_engine(config: str, implementation: str) -> None:
    with pytest.raises(ConfigError):
        RegexFilter(config, implementation)


def test_thousands_of_words(implementation: str) -> None:
    rules = [{"search": f"word{number:05}", "replace": str(number), "literal": True} for number in range(5_000)]
    one = RegexFilter({"rules": rules}, implementation)
    assert one.process("word00007 and word04999, word05000") == "7 and 4999, word05000"


def test_process_is_the_output_of_scan(implementation: str) -> None:
    """The fallback writes texts in a way of its own when nobody asks where its matches were."""
    rng = Random(11)
    for _ in range(150):
        config: Any = strategy.config(rng)
        try:
            one = RegexFilter(config, implementation)
        except ConfigError:
            continue
        for text in (strategy.text(rng) for _ in range(15)):
            for form in (text, text.encode("utf-8", "surrogatepass")):
                assert _answer(one.process, form) == _answer(one.scan, form)


def _answer(call: Callable[[Any], Any], text: Any) -> Any:
    try:
        answer = call(text)
    except InputTooLarge as error:
        return error.code
    return getattr(answer, "output", answer)


@pytest.mark.parametrize(("search", "unicode"), [(".*b|a", False), (r"\b.*ж|a", True), ("[^b]{2,}b|a", False)])
def test_searches_that_read_far_behind_their_matches_end(search: str, unicode: bool, implementation: str) -> None:
    """Each match would cost the rest of the text."""
    one = RegexFilter({"rules": [{"search": search, "replace": "x", "unicode": unicode}]}, implementation)
    begun = time.perf_counter()
    with pytest.raises(InputTooLarge) as passed:
        one.process("a " * 30_000)
    assert passed.value.code == 40
    assert time.perf_counter() - begun < 5
    assert one.process("a " * 20) == "x " * 20
