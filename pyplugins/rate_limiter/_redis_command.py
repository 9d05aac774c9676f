"""What is asked of Redis, and what its reply says: script, keys and arguments out, answers in. Opens no socket.

The Rust twin is `rustlib/engines/rate_limiter/src/redis.rs`; both make the same bytes. All keys of one request share a
hash tag, so that a check is one slot of a cluster and one round trip. Tests: tests/redis/test_commands.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pyplugins.rate_limiter._redis_script import PARTS, Script, script
from pyplugins.rate_limiter._settings import Class, Dimension, Window

#: No wait helps; no window sets a limit.
NEVER = UNLIMITED = (1 << 64) - 1
#: No dimension, no window.
NONE = (1 << 32) - 1
_BESIDE = ("sliding_window_log", "concurrency")
_FNV_START, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


@dataclass(frozen=True, slots=True)
class Command:
    """One call of EVALSHA: `keys` and `args` go behind the script's SHA-1 and the number of keys."""

    script: Script
    keys: list[bytes] = field(repr=False)
    args: list[bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one window says, or what is told about all of them. Times are microseconds."""

    allowed: bool
    dimension: int
    window: int
    limit: int
    remaining: int
    reset_us: int
    retry_us: int


_NO_WINDOW = Answer(True, NONE, NONE, UNLIMITED, UNLIMITED, 0, 0)


@dataclass(frozen=True, slots=True)
class _Form:
    """A class as the scripts get it."""

    text: bytes
    #: In a key's name: what has another form keeps its counts elsewhere.
    mark: bytes
    windows: tuple[Window, ...]
    #: Numbers of the windows that keep something beside the key.
    beside: tuple[int, ...]


class Commands:
    """Makes the commands of one limiter.

    Args:
        dimensions: those of the limiter.
        warm_up_percent: what a new key may use at once.
        prefix: what all keys begin with.
        hash_tag: name of the dimension whose value is the hash tag; `""` puts all keys of several dimensions into one
            slot. One dimension alone is its own tag.
    """

    def __init__(self, dimensions: Sequence[Dimension], warm_up_percent: int, prefix: str, hash_tag: str = "") -> None:
        self._dimensions = dimensions
        self._prefix = _quoted(prefix).encode()
        names = [dimension.name for dimension in dimensions]
        self._tagged = 0 if len(names) == 1 else names.index(hash_tag) if hash_tag else None
        self._names = [_quoted(name).replace(":", "%3A").encode() for name in names]
        forms = [[_forms(each, row.one, warm_up_percent) for each in row.classes] for row in dimensions]
        self._forms: list[list[tuple[_Form, _Form]]] = forms
        self._kinds = frozenset(
            window.algorithm for row in dimensions for each in row.classes for window in each.windows
        )

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
        return self._command("settle", values, head, False)

    def release(self, values: Sequence[bytes], lease: int, now_us: int) -> Command | None:
        """Ends a lease."""
        return self._command("release", values, [b"%d" % now_us, b"%d" % lease, b"", b""], True)

    def reset(self, values: Sequence[bytes], now_us: int) -> Command | None:
        """Forgets the keys."""
        return self._command("reset", values, [b"%d" % now_us, b"", b"", b""], True)

    def _command(self, operation: str, values: Sequence[bytes], args: list[bytes], leases: bool) -> Command | None:
        tag = b"all" if self._tagged is None else b"=" + values[self._tagged]
        keys: list[bytes] = []
        for index, form in self._applying(values, leases):
            head = b"%s:{%s}:%s" % (self._prefix, tag, form.mark)
            tail = b":%s:%s" % (self._names[index], values[index])
            keys.append(head + tail)
            keys += [b"%s.%d%s" % (head, number, tail) for number in form.beside]
            args.append(form.text)
        return Command(script(operation, self._kinds), keys, args) if keys else None

    def _applying(self, values: Sequence[bytes], leases: bool) -> Iterable[tuple[int, _Form]]:
        """Dimensions that have a value and windows for it; `leases`: with their concurrency limit."""
        for index, value in enumerate(values):
            if value:
                form = self._forms[index][self._dimensions[index].class_of(value)][leases]
                if form.mark:
                    yield index, form

    def answers(self, values: Sequence[bytes], reply: Sequence[int], leases: bool) -> list[Answer]:
        """What each window says in the reply to a check or a settlement.

        Raises:
            ValueError: the reply has another length than the command asks for.
        """
        found, at = [], 2
        for index, form in self._applying(values, leases):
            for number, window in enumerate(form.windows):
                fits, remaining, reset, retry = reply[at : at + 4]
                wait = NEVER if retry < 0 else retry
                found.append(Answer(fits == 1, index, number, window.capacity, remaining, reset, wait))
                at += 4
        if at != len(reply):
            raise ValueError("a reply of another length than expected")
        return found

    def is_concurrency(self, values: Sequence[bytes], answer: Answer) -> bool:
        """Whether the answer is that of a concurrency limit."""
        row = self._dimensions[answer.dimension]
        return row.classes[row.class_of(values[answer.dimension])].windows[answer.window].algorithm == "concurrency"


def most_telling(answers: Iterable[Answer]) -> Answer:
    """The answer of all windows: of refusals the longest wait, else what leaves least; the first of equals."""
    told = _NO_WINDOW
    for answer in answers:
        if told is _NO_WINDOW or _counts_more(answer, told):
            told = answer
    return told


def _counts_more(answer: Answer, told: Answer) -> bool:
    if answer.allowed != told.allowed:
        return told.allowed
    return answer.remaining < told.remaining if told.allowed else answer.retry_us > told.retry_us


def _quoted(text: str) -> str:
    """Braces would make another hash tag."""
    return text.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")


def _forms(made: Class, one: bool, warm_up_percent: int) -> tuple[_Form, _Form]:
    """Without and with the concurrency limit. Both are the same key."""
    whole = _text(made, made.windows, one, warm_up_percent)
    mark = b"%08x" % _folded(whole) if made.windows else b""
    few = made.windows[: len(made.windows) - made.leases]
    return _form(_text(made, few, one, warm_up_percent), mark, few), _form(whole, mark, made.windows)


def _form(text: bytes, mark: bytes, windows: Sequence[Window]) -> _Form:
    beside = (number for number, window in enumerate(windows) if window.algorithm in _BESIDE)
    return _Form(text, mark, tuple(windows), tuple(beside))


def _text(made: Class, windows: Sequence[Window], one: bool, warm_up_percent: int) -> bytes:
    words = [str(made.kept), str(int(one))]
    for window in windows:
        numbers = (window.drain, window.unit) if window.algorithm == "bucket" else (window.count, window.period)
        used = window.capacity - max(1, window.capacity * warm_up_percent // 100)
        words += [PARTS[window.algorithm], *map(str, (*numbers, window.capacity, used))]
    return " ".join(words).encode()


def _folded(text: bytes) -> int:
    """FNV-1a, 64 bit, folded to 32."""
    value = _FNV_START
    for byte in text:
        value = (value ^ byte) * _FNV_PRIME & UNLIMITED
    return value >> 32 ^ value & 0xFFFFFFFF
