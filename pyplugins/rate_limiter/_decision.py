"""What a limiter answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: No wait helps.
NEVER = (1 << 64) - 1
UNLIMITED = NEVER


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a request, or that of one window.

    Attributes:
        allowed: whether the request may go on; in a dry run it always may.
        limit: most that can be had at once; `UNLIMITED` when no window applies.
        remaining: what is left; `UNLIMITED` when no window applies.
        reset_ns: nanoseconds until everything can be had again, if nothing comes.
        retry_after_ns: nanoseconds until the same request would be allowed, if nothing comes; 0 when it is; `NEVER`.
        dimension: name of the dimension that is told about; None when no window applies.
        window: index of the window among those of the key; None when no window applies, and for a block list.
        would_refuse: a dry run let pass what would be refused.
        blocked: a block list refused.
        now_ns: when it was decided.
        details: what each window says, where that was asked for.
        backend: who decided.
    """

    allowed: bool
    limit: int = UNLIMITED
    remaining: int = UNLIMITED
    reset_ns: int = 0
    retry_after_ns: int = 0
    dimension: str | None = None
    window: int | None = None
    would_refuse: bool = False
    blocked: bool = False
    now_ns: int = 0
    details: Sequence[Decision] = ()
    backend: str = "memory"


_FNV_START, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
_MASK = (1 << 64) - 1


def jittered(retry_us: int, percent: int, seed: int, now_us: int, values: Sequence[bytes]) -> int:
    """`retry_us` with jitter; `RULES.md` has the formula."""
    if not percent or retry_us == NEVER:
        return retry_us
    value = _FNV_START
    for byte in b"".join(value + b"\xff" for value in values):
        value = (value ^ byte) * _FNV_PRIME & _MASK
    return retry_us + retry_us * percent * (_mixed(seed ^ value ^ now_us) >> 40) // (100 << 24)


def _mixed(value: int) -> int:
    """The finaliser of SplitMix64."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _MASK
    return value ^ value >> 31
