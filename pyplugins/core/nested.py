"""Walks nested data, hands its texts to a guard and rebuilds what changed; the reference for the walk in the C edge.

Read: the values of mappings (keys on request), sequences, sets, and the attributes of objects; numbers on request.
Left alone: `bytes`, classes, modules, functions, enum members, iterators. Mappings are read through `.items()`, because
hosts pass wrappers whose own storage is empty. Nothing is ever mutated: changed branches are rebuilt, the rest of the
result is the very objects that came in, and data that is shared stays shared.

Limits fire in document order, at each place in the order type, size, depth, items; findings come last.
Tests: tests/unit/test_core_nested.py, tests/unit/test_native_nested.py.
"""

from __future__ import annotations

import copy
import enum
import types
from collections.abc import Callable, Iterable, Mapping, Sequence, Set, ValuesView
from typing import Any, NamedTuple, TypeAlias

from pyplugins.core import units
from pyplugins.core.description import Limits
from pyplugins.core.faults import fault

#: What stands inside a container, and how the container is made again from the same number of parts.
Unfolded: TypeAlias = tuple[list[Any], Callable[[list[Any]], Any]]
#: An unfolded container, a text to read in place of the object, or `None`: not to be read.
Opened: TypeAlias = Unfolded | str | None


class Options(NamedTuple):
    """How to walk."""

    limits: Limits
    implementation: str = "python"
    keys: bool = False
    numbers: bool = False


def rewrite(data: Any, guard_leaves: Callable[[list[str]], Iterable[str | None]], options: Options) -> tuple[bool, Any]:
    """Whether anything changed, and the data with its texts replaced.

    Args:
        data: anything.
        guard_leaves: answers the texts in document order: a new text, or `None` where the old one stands.
        options: limits, and what to read.
    """
    plan = _Plan(options)
    plan.collect(data)
    answers = list(guard_leaves(plan.leaves)) if plan.leaves else []
    return plan.rebuild(answers)


class _Node:
    """A container on its way: its parts, and for each part a leaf's number, an inner node or `None`."""

    __slots__ = ("closed", "make", "parts", "places", "rest", "result", "source")

    def __init__(self, source: Any, parts: list[Any], make: Callable[[list[Any]], Any]) -> None:
        self.source = source
        self.parts = parts
        self.rest = iter(parts)
        self.make = make
        self.places: list[int | _Node | None] = []
        self.closed = False
        self.result = source


class _Plan:
    """The three steps: collect leaves, have them answered, rebuild. One plan serves one call."""

    def __init__(self, options: Options) -> None:
        self.leaves: list[str] = []
        self._limits = options.limits
        self._implementation = options.implementation
        self._open = unfolder(keys=options.keys, numbers=options.numbers)
        self._known: dict[int, _Node] = {}
        self._finished: list[_Node] = []

    def collect(self, data: Any) -> None:
        """Finds all leaves, iteratively; each distinct container is read once."""
        path = [_Node(data, [data], _only)]
        while path:
            node = path[-1]
            inner = self._next_container(node, len(path) - 1)
            if inner is not None:
                path.append(inner)
            else:
                node.closed = True
                self._finished.append(path.pop())

    def _next_container(self, node: _Node, depth: int) -> _Node | None:
        """Reads the parts of `node` up to the next container that is not known yet."""
        for part in node.rest:
            place = self._place(part, depth)
            node.places.append(place)
            if isinstance(place, _Node) and not place.closed:
                return place
        return None

    def _place(self, part: Any, depth: int) -> int | _Node | None:
        if isinstance(part, str):
            return self._leaf(part)
        known = self._known.get(id(part))
        if known is not None:
            if not known.closed:
                raise self._fault("cycle")
            return known
        opened = self._open(part)
        if opened is None:
            return None
        if isinstance(opened, str):
            return self._leaf(opened)
        parts, make = opened
        if parts and depth >= self._limits.max_nested_depth:
            raise self._fault("too_deep", depth + 1, self._limits.max_nested_depth)
        if len(parts) > self._limits.max_collection_items:
            raise self._fault("too_many_items", len(parts), self._limits.max_collection_items)
        node = self._known[id(part)] = _Node(part, parts, make)
        return node

    def _leaf(self, text: str) -> int:
        units.check_size(text, self._limits.max_text_bytes, self._implementation)
        self.leaves.append(text)
        return len(self.leaves) - 1

    def _fault(self, id: str, a: int = 0, b: int = 0) -> Exception:
        return fault(id, a=a, b=b, implementation=self._implementation)

    def rebuild(self, answers: Sequence[str | None]) -> tuple[bool, Any]:
        """Rebuilds the containers that hold something new; inner ones come before outer ones."""
        for node in self._finished:
            parts = [_new_part(*pair, answers) for pair in zip(node.parts, node.places, strict=True)]
            if any(new is not old for new, old in zip(parts, node.parts, strict=True)):
                node.result = node.make(parts)
        root = self._finished[-1]
        return root.result is not root.source, root.result


def _new_part(part: Any, place: int | _Node | None, answers: Sequence[str | None]) -> Any:
    if place is None:
        return part
    if isinstance(place, _Node):
        return place.result
    answer = answers[place]
    return part if answer is None else answer


def _only(parts: list[Any]) -> Any:
    return parts[0]


# --- what can be opened ---

_LEFT_ALONE = (
    bytes,
    bytearray,
    memoryview,
    range,
    type,
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.CodeType,
    enum.Enum,
    BaseException,
)


def unfolder(*, keys: bool = False, numbers: bool = False) -> Callable[[Any], Opened]:
    """A function that opens one object; the C edge calls it for what it does not know by itself."""

    def open_one(value: Any) -> Opened:
        if type(value) is list:
            return value.copy(), list
        if value is None or isinstance(value, (bool, *_LEFT_ALONE)):
            return None
        if isinstance(value, (int, float)):
            return _decimal(value) if numbers else None
        if isinstance(value, Mapping):
            return _mapping(value, keys)
        if isinstance(value, tuple):
            return list(value), getattr(type(value), "_make", tuple)
        if isinstance(value, (Sequence, ValuesView)):
            return list(value), list
        if isinstance(value, Set):
            return list(value), frozenset if isinstance(value, frozenset) else set
        return _object(value)

    return open_one


def _decimal(number: float) -> str:
    try:
        return str(number)
    except ValueError:  # Python refuses to print integers of more than some 4300 digits
        raise fault("too_large", a=int(number).bit_length() // 3, b=4300) from None


def _mapping(value: Mapping[Any, Any], keys: bool) -> Unfolded:
    items = list(value.items())
    names = [name for name, _ in items]
    parts = [part for _, part in items]
    if not keys:
        return parts, lambda new: dict(zip(names, new, strict=True))
    return names + parts, lambda new: _with_new_keys(names, new[: len(names)], new[len(names) :])


def _with_new_keys(old: list[Any], new: list[Any], parts: list[Any]) -> dict[Any, Any]:
    """A mapping whose rewritten keys never displace another entry: a second ``[REDACTED]`` becomes ``[REDACTED]#2``."""
    taken = {name for name, before in zip(new, old, strict=True) if name is before}
    made: dict[Any, Any] = {}
    for name, before, part in zip(new, old, parts, strict=True):
        unique, count = name, 1
        while name is not before and (unique in taken or unique in made):
            count += 1
            unique = f"{name}#{count}"
        made[unique] = part
    return made


def _object(value: Any) -> Opened:
    attributes = _attributes(value)
    if not attributes:
        return None
    names = list(attributes)

    def make(parts: list[Any]) -> Any:
        changed = {name: new for name, new in zip(names, parts, strict=True) if new is not attributes[name]}
        return _copy_with(value, changed)

    return list(attributes.values()), make


def _attributes(value: Any) -> dict[str, Any]:
    """Attributes the instance itself holds: its `__dict__`, its slots, and the extra fields of a pydantic model."""
    held = dict(getattr(value, "__dict__", None) or {})
    for owner in type(value).__mro__:
        members = vars(owner).items() if "__slots__" in vars(owner) else ()
        slots = [name for name, member in members if isinstance(member, types.MemberDescriptorType)]
        held.update((name, getattr(value, name)) for name in slots if hasattr(value, name))
    extra = held.pop("__pydantic_extra__", None)
    for name in _PYDANTIC_STATE:
        held.pop(name, None)
    return {**held, **extra} if isinstance(extra, dict) else held


_PYDANTIC_STATE = ("__pydantic_fields_set__", "__pydantic_private__")


def _copy_with(value: Any, changed: dict[str, Any]) -> Any:
    """A copy of `value` with some attributes replaced; frozen classes included."""
    if callable(getattr(type(value), "model_copy", None)):
        return value.model_copy(update=changed)
    twin = copy.copy(value)
    if twin is value:  # a class that refuses to be copied must not be changed under its owner, nor pass unmasked
        raise fault("bad_type")
    for name, new in changed.items():
        object.__setattr__(twin, name, new)
    return twin
