"""The parts of the pure-Python rate limiter, by tables of their own."""

from __future__ import annotations

import pytest

from pyplugins.errors import ConfigError
from pyplugins.rate_limiter._patterns import Patterns
from pyplugins.rate_limiter._rates import MAX_PERIOD_US, Rate, parse
from pyplugins.rate_limiter._request import attributes, parts_of, scoped_tools, user_of, value_of


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("10/s", [Rate(10, 1_000_000, None)]),
        (" 5 / 2 Hours\tBURST 7 ,1/ms", [Rate(5, 7_200_000_000, 7), Rate(1, 1_000, None)]),
        (" Unlimited ", []),
        ("1/31d", [Rate(1, MAX_PERIOD_US, None)]),
        ("0000000001/s", [Rate(1, 1_000_000, None)]),
    ],
)
def test_rates(text: str, rates: list[Rate]) -> None:
    assert parse(text, "$") == rates


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", 0), ("10", 0), ("0/s", 0), ("-1/s", 0), ("1.5/s", 0), ("1/s,", 1), ("1/s, 2/x", 1), ("1/32d", 0),
        ("1000000001/s", 0), ("00000000001/s", 0), ("1/0s", 0), ("1/1000001ms", 0), ("1/sburst 2", 0), ("1/s burst", 0),
        ("1/s burst 0", 0), ("1/s burst 2 3", 0), ("1/s bürst 2", 0), ("\u0661/s", 0), (",".join(["1/s"] * 9), 8),
        ("1/s\n", 0), ("unlımıted", 0), ("1/\u017f", 0),
    ],
)  # fmt: skip
def test_what_is_no_rate_is_named_by_its_place(text: str, place: int) -> None:
    with pytest.raises(ConfigError, match=f"^\\$: rate {place} is not") as error:
        parse(text, "$")
    assert error.value.code == 24


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("a*", "abc", True), ("a*", "a", True), ("*c", "abc", True), ("a*c", "abbc", True), ("a*b*c", "a1b2b3c", True),
        ("*", "x", True), ("**", "x", True), ("a*", "ba", False), ("a*c", "abcd", False), ("*ab", "aab", True),
        ("*aab*", "aaaab", True), ("ab*ba", "aba", False), ("é*", "éa", True), ("a", "a", True), ("a", "A", False),
    ],
)  # fmt: skip
def test_patterns(pattern: str, value: str, fits: bool) -> None:
    patterns = Patterns()
    assert not patterns
    patterns.add(pattern, 3)
    assert (patterns.find(value.encode()) == 3) is fits


def test_many_stars_take_no_time_of_note() -> None:
    patterns = Patterns()
    patterns.add("*a" * 500, 0)
    assert patterns.find(b"a" * 60_000 + b"b") is None


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        (None, "anonymous"), ("", "anonymous"), ("  ", "anonymous"), (" alice ", "alice"), (7, "7"),
        (True, "anonymous"),
        ({"email": "a", "id": "b", "sub": "c"}, "a"), ({"email": "", "id": 5}, "5"), ({"sub": "c"}, "c"),
        ({"name": "x"}, "anonymous"), (["a"], "anonymous"),
    ],
)  # fmt: skip
def test_users(identity: object, name: str) -> None:
    assert user_of(identity) == name


def test_no_two_requests_share_a_value() -> None:
    def value(user: str, tenant: str) -> str:
        return value_of(("user",), {"user": user, "tenant": tenant})

    names = ["a", "b", "a/b", "a%2Fb", "%", "/", "a/", ""]
    pairs = [(user, tenant) for user in names if user for tenant in names]
    assert len({value(*pair) for pair in pairs}) == len(pairs)


def test_values_need_all_their_attributes() -> None:
    found = attributes(None, " Search ")
    assert found == {"user": "anonymous", "tenant": "", "server": "", "tool": "search"}
    assert value_of(parts_of("user_per_server", "$"), found) == ""
    assert value_of(parts_of("tool", "$"), found) == "search"
    assert value_of(("tenant", "user"), {**found, "tenant": "t"}) == "t/anonymous"


@pytest.mark.parametrize("name", ["usr", "user+", "user+user", "+", ""])
def test_unknown_attributes_are_refused(name: str) -> None:
    with pytest.raises(ConfigError) as error:
        parts_of(name, "$.dimensions[0].name")
    assert error.value.path == "$.dimensions[0].name"


def test_tools_of_all_tenants() -> None:
    assert scoped_tools({" Search": "1/s", "a/b": "2/s"}) == {"*/search": "1/s", "*/a%2Fb": "2/s"}
    found = attributes(None, "a/b")
    assert value_of(("tool",), found, always_scoped=True) == "/a%2Fb"
    assert value_of(("tool",), {**found, "tenant": "t"}, always_scoped=True) == "t/a%2Fb"
    assert scoped_tools(5) == 5
