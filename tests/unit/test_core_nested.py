"""Nested data through all three walks: the Python one on a toy engine, the same on ctypes, and the one in C."""

from __future__ import annotations

import collections
import copy
import dataclasses
import datetime
import enum
import json
import types
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from gw_tests import need_binding
from gw_toy import MAIL, Toy
from hypothesis import given
from hypothesis import strategies as st

from pyplugins.errors import InputTooLarge, PluginError, UsageError
from pyplugins.native import open_guard

MASK = "[REDACTED]"
Open = Callable[..., Any]


def _native(binding: str) -> Open:
    return lambda **config: open_guard("pii_filter", json.dumps(config), binding)


@pytest.fixture(params=["python", "ctypes", "cffi"])
def opened(request: pytest.FixtureRequest) -> Open:
    """Makes a guard that replaces e-mail addresses."""
    if request.param == "python":
        return Toy
    need_binding(request.param)
    return _native(request.param)


class Pair(NamedTuple):
    left: Any
    right: Any


class Plain:
    def __init__(self, **held: Any) -> None:
        self.__dict__.update(held)

    def __repr__(self) -> str:
        return repr(vars(self))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]


@dataclasses.dataclass(frozen=True)
class Frozen:
    text: Any
    number: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlots:
    text: Any


class Slotted:
    __slots__ = ("__hidden", "open")

    def __init__(self, hidden: Any) -> None:
        self.__hidden = hidden

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slotted) and other.__hidden == self.__hidden and not hasattr(other, "open")

    __hash__ = None  # type: ignore[assignment]


class Wrapper(dict[str, Any]):
    """As hosts pass them: a dict whose own storage is empty."""

    def __init__(self, real: dict[str, Any]) -> None:
        self.real = real

    def items(self) -> Any:
        return self.real.items()

    def __len__(self) -> int:
        return len(self.real)

    def __iter__(self) -> Iterator[str]:
        return iter(self.real)

    def __getitem__(self, key: str) -> Any:
        return self.real[key]


class Copied(Plain):
    """With the copy method of pydantic models."""

    def model_copy(self, *, update: Mapping[str, Any]) -> Copied:
        return Copied(**{**vars(self), **update})


class Colour(str, enum.Enum):  # noqa: UP042 - the older form, on purpose
    MAIL = MAIL


class Shade(enum.Enum):
    MAIL = MAIL


SHAPES: list[tuple[Any, Any]] = [
    (MAIL, MASK),
    ({"a": MAIL, "b": 1}, {"a": MASK, "b": 1}),
    ([MAIL, [MAIL, "x"]], [MASK, [MASK, "x"]]),
    ((MAIL, 2), (MASK, 2)),
    (Pair(MAIL, (MAIL,)), Pair(MASK, (MASK,))),
    ({MAIL}, {MASK}),
    (frozenset({MAIL}), frozenset({MASK})),
    (collections.OrderedDict(a=MAIL), {"a": MASK}),
    (collections.defaultdict(list, a=MAIL), {"a": MASK}),
    (types.MappingProxyType({"a": MAIL}), {"a": MASK}),
    (collections.UserDict(a=MAIL), {"a": MASK}),
    (collections.UserList([MAIL]), [MASK]),
    (collections.deque([MAIL]), [MASK]),
    ({"a": MAIL}.values(), [MASK]),
    (Wrapper({"a": Wrapper({"b": MAIL})}), {"a": {"b": MASK}}),
    (Plain(a=MAIL, b=[MAIL]), Plain(a=MASK, b=[MASK])),
    (types.SimpleNamespace(a=MAIL), types.SimpleNamespace(a=MASK)),
    (Frozen(MAIL), Frozen(MASK)),
    (FrozenSlots([MAIL]), FrozenSlots([MASK])),
    (Slotted(MAIL), Slotted(MASK)),
    (Copied(a=MAIL, b=2), Copied(a=MASK, b=2)),
    (Colour.MAIL, MASK),
    ({1: MAIL, None: {"x": MAIL}, (1, 2): "y"}, {1: MASK, None: {"x": MASK}, (1, 2): "y"}),
]


@pytest.mark.parametrize(("given_", "expected"), SHAPES, ids=[type(shape).__name__ for shape, _ in SHAPES])
def test_every_container_is_rebuilt_and_none_is_changed(opened: Open, given_: Any, expected: Any) -> None:
    before = copy.deepcopy(given_) if not isinstance(given_, (types.MappingProxyType, type({}.values()))) else None
    changed, made, found = opened().process_nested(given_)
    assert changed is True
    assert made == expected
    assert type(made) is type(expected)
    assert len(found["email"]) == repr(expected).count(MASK) or isinstance(expected, Slotted)
    assert all(entry["value"] == MAIL for entry in found["email"])
    if before is not None and not isinstance(given_, Wrapper):
        assert given_ == before


LEFT_ALONE = [
    None,
    True,
    5,
    2.5,
    b"" + MAIL.encode(),
    bytearray(MAIL.encode()),
    memoryview(MAIL.encode()),
    range(3),
    Shade.MAIL,
    Plain,
    json,
    test_every_container_is_rebuilt_and_none_is_changed,
    datetime.datetime(2026, 1, 2),
    uuid.UUID(int=5),
    object(),
    iter([MAIL]),
    ValueError(MAIL),
]


@pytest.mark.parametrize("value", LEFT_ALONE, ids=[type(value).__name__ for value in LEFT_ALONE])
def test_what_holds_no_text_is_left_alone(opened: Open, value: Any) -> None:
    data = [value, {"a": value}]
    changed, made, found = opened().process_nested(data)
    assert (changed, found) == (False, {})
    assert made is data
    assert opened().process_nested([value, MAIL])[1][0] is value


@pytest.mark.parametrize("keys", [False, True])
def test_clean_data_is_the_very_object(opened: Open, keys: bool) -> None:
    for data in (
        "x",
        [],
        {},
        (),
        {"a": ["b", ("c", {"d"})], "n": 1},
        Plain(a="x"),
        Pair("a", "b"),
        Wrapper({"a": "b"}),
    ):
        changed, made, found = opened().process_nested(data, keys=keys, numbers=keys)
        assert (changed, found) == (False, {})
        assert made is data


def test_only_changed_branches_are_new(opened: Open) -> None:
    clean, dirty = {"a": ["x"]}, [MAIL]
    data = {"clean": clean, "dirty": dirty, "same": (clean,)}
    _, made, _ = opened().process_nested(data)
    assert made == {"clean": clean, "dirty": [MASK], "same": (clean,)}
    assert made["clean"] is clean
    assert made["same"] is data["same"]
    assert dirty == [MAIL]


def test_shared_data_is_read_once_and_stays_shared(opened: Open) -> None:
    shared = [MAIL]
    _, made, found = opened().process_nested([shared, {"again": shared}, shared])
    assert made == [[MASK], {"again": [MASK]}, [MASK]]
    assert made[0] is made[2] is made[1]["again"]
    assert len(found["email"]) == 1


def test_shared_data_cannot_explode(opened: Open) -> None:
    layer: Any = [MAIL]
    for _ in range(30):
        layer = [layer, layer]
    changed, _, found = opened().process_nested(layer)
    assert changed
    assert len(found["email"]) == 1


def code_of(call: Callable[..., Any], *arguments: Any, **named: Any) -> int:
    with pytest.raises(PluginError) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_cycles_end(opened: Open) -> None:
    loop: list[Any] = []
    loop.append({"again": (loop,)})
    itself = Plain()
    itself.me = itself  # type: ignore[attr-defined]
    for data in (loop, itself):
        assert code_of(opened().process_nested, data) == 44


def wrapped(data: Any, layers: int) -> Any:
    for layer in range(layers):
        data = [data] if layer % 2 else {"k": data}
    return data


def test_depth(opened: Open) -> None:
    guard = opened(max_nested_depth=3)
    for leaf in (MAIL, 5, [], {}, None):
        guard.process_nested(wrapped(leaf, 3))
        assert code_of(guard.process_nested, wrapped(leaf, 4)) == 41
    assert code_of(opened(max_nested_depth=1000).process_nested, wrapped(MAIL, 100_000)) == 41


def test_items(opened: Open) -> None:
    guard = opened(max_collection_items=3)
    for kind in (list, tuple, set, frozenset, dict.fromkeys, collections.deque):
        guard.process_nested(kind("abc"))
        assert code_of(guard.process_nested, kind("abcd")) == 42


def test_limits_fire_in_document_order(opened: Open) -> None:
    guard = opened(max_text_bytes=30, max_nested_depth=2, max_collection_items=3, max_findings=1)
    large, deep, many, twice = "x" * 31, [[[]], [[[1]]]], [1, 2, 3, 4], f"{MAIL} a@example.com"
    assert code_of(guard.process_nested, [large, deep, many]) == 40
    assert code_of(guard.process_nested, [deep, large, many]) == 41
    assert code_of(guard.process_nested, [many, deep, large]) == 42
    assert code_of(guard.process_nested, [twice, many]) == 42
    assert code_of(guard.process_nested, [twice, "clean"]) == 43
    assert code_of(guard.process_nested, [[[[1, 2, 3, 4]]]]) == 41


def test_the_error_says_where_the_caller_said_it_is(opened: Open) -> None:
    with pytest.raises(InputTooLarge) as caught:
        opened(max_nested_depth=1).process_nested([[[1]]], "$.args")
    assert caught.value.path == "$.args"


def test_keys_on_request(opened: Open) -> None:
    guard, data = opened(), {MAIL: 1, "x": {f"to {MAIL}": MAIL}}
    assert guard.process_nested({MAIL: 1})[0] is False
    changed, made, found = guard.process_nested(data, keys=True)
    assert changed
    assert made == {MASK: 1, "x": {f"to {MASK}": MASK}}
    assert len(found["email"]) == 3
    assert list(data) == [MAIL, "x"]


def test_rewritten_keys_displace_nothing(opened: Open) -> None:
    data = {"ann@example.com": 1, "bob@example.com": 2, MASK: 3, ("bob@example.com", 1): 4, 5: 6}
    made = opened().process_nested(data, keys=True)[1]
    assert made == {f"{MASK}#2": 1, f"{MASK}#3": 2, MASK: 3, (MASK, 1): 4, 5: 6}


@pytest.mark.parametrize("binding", ["ctypes", "cffi"])
def test_numbers_on_request(binding: str) -> None:
    need_binding(binding)
    guard = _native(binding)()
    data = {"card": 4111111111111111, "n": 7, "f": 1.5, "t": True}
    assert guard.process_nested(data)[0] is False
    changed, made, found = guard.process_nested(data, numbers=True)
    assert changed
    assert made == {"card": MASK, "n": 7, "f": 1.5, "t": True}
    assert made["n"] is data["n"]
    assert found["credit_card"][0]["value"] == "4111111111111111"
    assert code_of(guard.process_nested, [10**5000], numbers=True) == 40


def test_an_object_that_cannot_be_copied_does_not_pass_unmasked(opened: Open) -> None:
    class Only(Plain):
        def __copy__(self) -> Only:
            return self

    kept = Only(a=MAIL)
    with pytest.raises(UsageError):
        opened().process_nested([kept])
    assert kept.a == MAIL  # type: ignore[attr-defined]


def test_errors_of_strange_objects_pass_through(opened: Open) -> None:
    class Broken(Wrapper):
        def items(self) -> Any:
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        opened().process_nested({"a": [Broken({})]}, "$.there")


@pytest.mark.parametrize(
    "call",
    [
        lambda guard: guard.process_nested(),
        lambda guard: guard.process_nested(1, "", True),
        lambda guard: guard.process_nested(1, nope=1),
        lambda guard: guard.process_nested(1, data=2),
        lambda guard: guard.rewrite_nested(),
        lambda guard: guard.rewrite_nested(1, "", True),
        lambda guard: guard.rewrite_nested(data=1),
    ],
)
def test_arguments_are_checked(opened: Open, call: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        call(opened())


def test_rewriting_tells_the_attributes_of_rules_alone(opened: Open) -> None:
    data = {"a": [MAIL, f"é {MAIL}"], "b": "clean"}
    changed, made, found = opened().rewrite_nested(data)
    assert (changed, made) == opened().process_nested(data)[:2]
    assert found == {"email": [{"mask_strategy": "redact"}] * 2}
    with pytest.raises(TypeError):
        found["email"][0]["mask_strategy"] = "hash"
    assert opened().rewrite_nested("clean", "args") == (False, "clean", {})
    assert code_of(opened(max_nested_depth=1).rewrite_nested, [[[MAIL]]]) == 41


def test_arguments_by_name(opened: Open) -> None:
    assert opened().process_nested(data=[MAIL], path="$", keys=False, numbers=0)[1] == [MASK]


def test_many_leaves(opened: Open) -> None:
    guard = opened(max_collection_items=1_000_000)
    data = {"rows": [{"id": n, "mail": MAIL if n % 100 == 0 else "none", "tags": ("é", str(n))} for n in range(5000)]}
    changed, made, found = guard.process_nested(data)
    assert changed
    assert len(found["email"]) == 50
    assert made["rows"][100]["mail"] == MASK
    assert made["rows"][101] is data["rows"][101]
    large = ["x" * 20_000, MAIL, "é" * 40_000 + f" {MAIL}", MAIL]
    assert guard.process_nested(large)[1] == ["x" * 20_000, MASK, "é" * 40_000 + f" {MASK}", MASK]


def test_pydantic_models(opened: Open) -> None:
    pydantic = pytest.importorskip("pydantic", reason="pydantic is not installed")

    class Model(pydantic.BaseModel, extra="allow", frozen=True):  # type: ignore[misc,name-defined]
        text: str
        more: list[str]

    root = pydantic.RootModel[dict[str, str]]
    data = [Model(text=MAIL, more=["x"], extra=MAIL), root({"a": MAIL})]
    _, made, found = opened().process_nested(data)
    assert made == [Model(text=MASK, more=["x"], extra=MASK), root({"a": MASK})]
    assert made[0].more is data[0].more
    assert len(found["email"]) == 3


# --- the two walks agree on anything ---

texts = st.sampled_from([MAIL, "x", "", f"é {MAIL}", "\ud800" + MAIL, f"{MAIL} {MAIL}", "long " * 9])
scalars = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.just(2.5), st.just(b"x"), texts)
keys_ = st.one_of(st.integers(0, 3), st.sampled_from(["a", "b", MAIL, "c@example.org", MASK]))


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=4)
    shared = lists.map(lambda parts: [parts, parts])
    objects = st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(lambda held: Plain(**held))
    dicts = st.dictionaries(keys_, inner, max_size=4)
    return st.one_of(lists, lists.map(tuple), shared, objects, dicts, dicts.map(collections.OrderedDict))


@pytest.mark.parametrize("binding", ["cffi", "ctypes"])
@given(
    data=st.recursive(scalars, containers, max_leaves=25),
    keys=st.booleans(),
    numbers=st.booleans(),
    limits=st.fixed_dictionaries(
        {
            "max_text_bytes": st.sampled_from([20, 1000]),
            "max_nested_depth": st.integers(1, 4),
            "max_collection_items": st.integers(1, 5),
            "max_findings": st.integers(1, 2),
        }
    ),
)
def test_all_walks_agree(binding: str, data: Any, keys: bool, numbers: bool, limits: dict[str, int]) -> None:
    need_binding(binding)

    def outcome(guard: Any) -> Any:
        try:
            return guard.process_nested(data, keys=keys, numbers=numbers)
        except PluginError as error:
            return type(error), error.code

    assert outcome(_native(binding)(**limits)) == outcome(Toy(**limits))
