"""What every embedded record shares: checked fields, copies, plain-data forms, and a repr that shows no content.

The method names are those of pydantic models, because plugins written for cpex call them; pydantic itself is not
needed. Must never put field values into a repr or an error: payloads carry the text that is being guarded. Tests:
tests/unit/test_framework_models.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, ClassVar, TypeVar

Self = TypeVar("Self", bound="Model")
Check = Callable[[Any], Any]


_new: Callable[[Any], Any] = object.__new__


class FieldError(ValueError):
    """A field was refused; ``field`` names it and ``why`` says what it must be. Neither holds the value."""

    def __init__(self, owner: str, field: str, why: str, *, unknown: bool = False) -> None:
        super().__init__(f"{owner}: {field}: {why}")
        self.field = field
        self.why = why
        self.unknown = unknown


class Later:
    """The default of a field whose value is made when it is first read, and kept; for records that are made for every
    message and seldom read as a whole."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __set_name__(self, owner: Any, name: str) -> None:
        self._name = name

    def __get__(self, record: Any, owner: Any) -> Any:
        if record is None:
            return self
        value = record.__dict__[self._name] = self._make()
        return value


class Model:
    """Base of the records; a subclass is a dataclass and lists the checks of its fields in ``CHECKS``.

    Comparison is here and not generated: each generated method costs import time.
    """

    CHECKS: ClassVar[Mapping[str, Check]] = {}
    SHOWN: ClassVar[tuple[str, ...]] = ()

    _checks: ClassVar[tuple[tuple[str, Check], ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._checks = tuple(cls.CHECKS.items())
        # Records without checks, such as results, are made for every message: they get no call for nothing.
        if cls._checks and not hasattr(cls, "__post_init__"):
            cls.__post_init__ = Model.check  # type: ignore[attr-defined]

    def check(self) -> None:
        """Checks every field that has one.

        Raises:
            FieldError: a field holds what it must not.
        """
        for name, check in self._checks:
            value = getattr(self, name)
            if check is text and type(value) is str:
                continue
            try:
                checked = check(value)
            except ValueError as why:
                raise FieldError(type(self).__name__, name, str(why)) from None
            if checked is not value:
                object.__setattr__(self, name, checked)

    def __eq__(self, other: object) -> bool:
        cls = type(self)
        return cls is type(other) and all(getattr(self, name) == getattr(other, name) for name in _settable(cls))  # type: ignore[arg-type]

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.SHOWN)
        return f"{type(self).__name__}({shown})"

    def model_copy(self: Self, *, update: Mapping[str, Any] | None = None) -> Self:
        """A copy with the fields of ``update`` replaced; the original is untouched.

        Raises:
            FieldError: ``update`` names an unknown field or holds a value that the field refuses.
        """
        cls = type(self)
        checks = _COPIED[cls]
        if checks is None:
            refuse_unknown(cls, update or {})
            return dataclasses.replace(self, **(update or {}))  # type: ignore[type-var]
        # What stays has been checked; a replacement field by field costs five times as much.
        made: Self = _new(cls)
        fields = made.__dict__
        fields |= self.__dict__
        if update:
            for name in update:
                if name not in checks:
                    raise FieldError(cls.__name__, str(name), "unknown key", unknown=True)
                check = checks[name]
                try:
                    fields[name] = update[name] if check is None else check(update[name])
                except ValueError as why:
                    raise FieldError(cls.__name__, name, str(why)) from None
        return made

    def model_dump(self, *, mode: str = "python", exclude_none: bool = False) -> dict[str, Any]:
        """The fields as plain dicts and lists; ``mode="json"`` also turns enums, tuples and sets into JSON values."""
        return {
            name: plain(value, mode == "json") for name, value in self._dumped() if not (exclude_none and value is None)
        }

    def _dumped(self) -> list[tuple[str, Any]]:
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        return [(field.name, getattr(self, field.name)) for field in fields if not field.metadata.get("transient")]

    @classmethod
    def model_validate(cls: type[Self], data: Any) -> Self:
        """The record made from a mapping.

        Raises:
            FieldError: an unknown or missing key, or a value that its field refuses.
        """
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping):
            raise FieldError(cls.__name__, "(whole)", "must be a mapping")
        refuse_unknown(cls, data)
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            if field.name not in data and _required(field):
                raise FieldError(cls.__name__, field.name, "is required")
        return cls(**data)

    @classmethod
    def model_validate_json(cls: type[Self], text: str | bytes) -> Self:
        """The record made from a JSON object; see ``model_validate``."""
        import json

        return cls.model_validate(json.loads(text))


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.init and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


@cache
def _settable(cls: Any) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(cls) if field.init)


class _Copied(dict[Any, "Mapping[str, Check | None] | None"]):
    """By class, the check of each field that a copy may replace; `None` for classes that do more than check.

    A dict, because it is asked for every message: a cached function takes twice as long.
    """

    def __missing__(self, cls: Any) -> Mapping[str, Check | None] | None:
        checks_only = getattr(cls, "__post_init__", Model.check) is Model.check
        self[cls] = {name: cls.CHECKS.get(name) for name in _settable(cls)} if checks_only else None
        return self[cls]


_COPIED = _Copied()


def refuse_unknown(cls: type[Any], data: Mapping[str, Any]) -> None:
    """Raises `FieldError` when a name is not that of a field."""
    known = _settable(cls)  # type: ignore[arg-type]
    for name in data:
        if name not in known:
            raise FieldError(cls.__name__, str(name), "unknown key", unknown=True)


def plain(value: Any, as_json: bool) -> Any:
    """``value`` with records and objects turned into dicts; strings, numbers and unknown leaves are kept."""
    if isinstance(value, Model):
        return value.model_dump(mode="json" if as_json else "python")
    if isinstance(value, Enum):
        return value.value if as_json else value
    if isinstance(value, Mapping):
        return {key: plain(item, as_json) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [plain(item, as_json) for item in value]
        return items if as_json else type(value)(items)
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return dump(mode="json" if as_json else "python")
    if hasattr(value, "__dict__") and not callable(value):
        return {key: plain(item, as_json) for key, item in vars(value).items()}
    return value


def text(value: Any) -> str:
    """Check: a string."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def filled(value: Any) -> str:
    """Check: a string that is not blank."""
    if not text(value).strip():
        raise ValueError("must not be empty")
    return str(value)


def integer(value: Any) -> int:
    """Check: an integer; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be an integer")
    return value


def flag(value: Any) -> bool:
    """Check: true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def mapping_or_none(value: Any) -> Mapping[Any, Any] | None:
    """Check: a mapping with string keys, or None."""
    # The type first, a loop, and no other frame: this stands in the way of every payload.
    if type(value) is dict or isinstance(value, Mapping):
        for key in value:
            if type(key) is not str and not isinstance(key, str):
                break
        else:
            return value
    elif value is None:
        return None
    raise ValueError("must be a mapping with string keys")


def mapping(value: Any) -> Mapping[Any, Any]:
    """Check: a mapping with string keys."""
    found = mapping_or_none(value)
    if found is None:
        raise ValueError("must be a mapping with string keys")
    return found


def texts(value: Any) -> list[str]:
    """Check: a list of strings; members of string enumerations become plain strings."""
    if isinstance(value, (str, bytes)) or not isinstance(value, (list, tuple, set, frozenset)):
        raise ValueError("must be a list of strings")
    if not all(isinstance(item, str) for item in value):
        raise ValueError("must be a list of strings")
    return [item.value if isinstance(item, Enum) else item for item in value]


def text_set(value: Any) -> frozenset[str]:
    """Check: a list of strings, kept as a set."""
    return frozenset(texts(value))


def optional(check: Check) -> Check:
    """The check that also takes None."""

    def checked(value: Any) -> Any:
        return None if value is None else check(value)

    return checked


def one_of(kind: type[Enum]) -> Check:
    """The check that takes a member of ``kind`` or its value."""

    def checked(value: Any) -> Enum:
        try:
            return kind(value)
        except ValueError:
            raise ValueError("must be one of " + ", ".join(str(member.value) for member in kind)) from None

    return checked
