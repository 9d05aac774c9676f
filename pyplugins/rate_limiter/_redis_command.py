"""What is asked of Redis, and what its reply says: script, keys and arguments out, answers in. Opens no socket.

The Rust twin is `rustlib/engines/rate_limiter/src/redis.rs`; both make the same bytes. All keys of one request share a
hash tag, so that a check is one slot of a cluster and one round trip. Tests: tests/redis/test_commands.py.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pyplugins.core.faults import fault
from pyplugins.rate_limiter import _saved
from pyplugins.rate_limiter._redis_script import LETTERS, OPERATIONS, Script, script
from pyplugins.rate_limiter._settings import Class, Dimension, Settings
from pyplugins.rate_limiter._windows import NEVER, Bucket, Window
from pyplugins.rate_limiter.fallback import Row


@dataclass(slots=True)
class Command:
    """One call of EVALSHA: `keys` and `args` go behind the script's SHA-1 and the number of keys."""

    script: Script
    keys: list[bytes] = field(repr=False)
    args: list[bytes]
    #: What the reply is about: of each window the index of its dimension, its number there, its capacity.
    windows: list[tuple[int, int, int]] = field(repr=False)
    #: Carried out twice it would grant too much.
    once: bool = False

    def rows(self, reply: Sequence[int]) -> list[Row]:
        """What each window says in the reply to a check or a settlement.

        Raises:
            UsageError: the reply has another length than the command asks for.
        """
        if len(reply) != 2 + 4 * len(self.windows):
            raise fault("bad_reply", a=len(reply), b=2 + 4 * len(self.windows))
        found, at, now = [], 2, reply[1]
        for index, number, capacity in self.windows:
            fits, remaining, reset, retry = reply[at : at + 4]
            wait = NEVER if retry < 0 else retry
            found.append((int(fits == 1), 0, index, number, capacity, remaining, reset, wait, now))
            at += 4
        return found


@dataclass(frozen=True, slots=True)
class _Form:
    """A class as the scripts get it."""

    text: bytes
    #: In a key's name: what has another form keeps its counts elsewhere.
    mark: bytes
    #: Of each window its number and its capacity.
    windows: list[tuple[int, int]]
    #: Numbers of the windows that keep something beside the key.
    beside: tuple[int, ...]


class Commands:
    """Makes the commands of one limiter.

    Args:
        settings: those of the limiter.
        prefix: what all keys begin with.
        hash_tag: name of the dimension whose value is the hash tag; `None` puts all keys of several dimensions into one
            slot. One dimension alone is its own tag.

    Raises:
        ConfigError: there is no such dimension.
    """

    def __init__(self, settings: Settings, prefix: str, hash_tag: str | None) -> None:
        self._dimensions = settings.dimensions
        self._prefix = _quoted(prefix).encode()
        names = [dimension.name for dimension in settings.dimensions]
        if hash_tag is not None and hash_tag not in names:
            raise fault("config_enum", "$.redis_hash_tag")
        self._tagged = names.index(hash_tag) if hash_tag is not None else 0 if len(names) == 1 else None
        self._names = [_quoted(name).replace(":", "%3A").encode() for name in names]
        share = settings.warm_up_percent
        self._forms = [[_forms(each, row, share) for each in row.classes] for row in settings.dimensions]
        windows = (window for row in settings.dimensions for each in row.classes for window in each.windows)
        letters = frozenset(LETTERS[type(window)] for window in windows)
        self._scripts = {operation: script(operation, letters) for operation in OPERATIONS}

    def check(self, values: Sequence[bytes], cost: int, now_us: int, peek: bool, lease: int) -> Command | None:
        """A check; a `lease` that is not 0 is acquired, too. None if no window applies.

        Args (here and below):
            values: one for each dimension; an empty one does not apply.
            now_us: microseconds; 0 is the server's clock.
        """
        head = [b"%d" % now_us, b"%d" % cost, b"peek" if peek else b"", b"%d" % lease if lease else b""]
        return self._command("check", values, head, lease != 0)

    def settle(self, values: Sequence[bytes], reserved: tuple[int, int], actual: int, now_us: int) -> Command | None:
        """Corrects a check that was granted: `reserved` is its cost and its time."""
        head = [b"%d" % number for number in (now_us, *reserved, actual)]
        command = self._command("settle", values, head, False)
        if command is not None:
            command.once = actual < reserved[0]
        return command

    def release(self, values: Sequence[bytes], lease: int, now_us: int) -> Command | None:
        """Ends a lease."""
        return self._command("release", values, [b"%d" % now_us, b"%d" % lease, b"", b""], True)

    def reset(self, values: Sequence[bytes], now_us: int) -> Command | None:
        """Forgets the keys."""
        return self._command("reset", values, [b"%d" % now_us, b"", b"", b""], True)

    def is_concurrency(self, values: Sequence[bytes], row: Row) -> bool:
        """Whether the row is that of a concurrency limit."""
        dimension = self._dimensions[row[2]]
        return dimension.classes[dimension.class_of(values[row[2]])].windows[row[3]].leases

    def _command(self, operation: str, values: Sequence[bytes], args: list[bytes], leases: bool) -> Command | None:
        """For dimensions that have a value and windows for it; `leases`: with their concurrency limit."""
        tag = b"all" if self._tagged is None else b"=" + values[self._tagged]
        keys: list[bytes] = []
        windows: list[tuple[int, int, int]] = []
        for index, value in enumerate(values):
            if not value:
                continue
            form = self._forms[index][self._dimensions[index].class_of(value)][leases]
            if not form.mark:
                continue
            head = b"%s:{%s}:%s" % (self._prefix, tag, form.mark)
            tail = b":%s:%s" % (self._names[index], value)
            keys.append(head + tail)
            keys += [b"%s.%d%s" % (head, number, tail) for number in form.beside]
            args.append(form.text)
            windows += [(index, number, capacity) for number, capacity in form.windows]
        return Command(self._scripts[operation], keys, args, windows) if keys else None


def _quoted(text: str) -> str:
    """Braces would make another hash tag."""
    return text.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")


def _forms(made: Class, dimension: Dimension, share: int) -> tuple[_Form, _Form]:
    """Without and with the concurrency limit. Both are the same key."""
    whole = _text(made, made.windows, dimension.one, share)
    folded = _saved.fnv1a([whole])
    mark = b"%08x" % (folded >> 32 ^ folded & 0xFFFFFFFF) if made.windows else b""
    few = _text(made, made.rates, dimension.one, share)
    return _form(few, mark, made.rates), _form(whole, mark, made.windows)


_BESIDE: Final = "lm"


def _form(text: bytes, mark: bytes, windows: Sequence[Window]) -> _Form:
    beside = (number for number, window in enumerate(windows) if LETTERS[type(window)] in _BESIDE)
    return _Form(text, mark, [(number, window.capacity) for number, window in enumerate(windows)], tuple(beside))


def _text(made: Class, windows: Sequence[Window], one: bool, share: int) -> bytes:
    words: list[int | str] = [made.kept, int(one)]
    for window in windows:
        numbers = (window.drain, window.unit) if isinstance(window, Bucket) else (window.count, window.period)
        used = window.capacity - max(1, window.capacity * share // 100)
        words += [LETTERS[type(window)], *numbers, window.capacity, used]
    return json.dumps(words, separators=(",", ":")).encode()
