"""Bar charts on a logarithmic scale, as SVG: bars begin at one. Tests: tests/bench/test_report.py."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from bench.plugin import Subject
from bench.promises import Against
from bench.report.results import Results
from bench.tables import number

_LEFT, _WIDTH, _RIGHT = 330, 560, 90
_BAR, _GAP, _TOP = 11, 9, 58


class Bar(NamedTuple):
    """One bar; `mark` is a target, drawn as a line across."""

    subject: str
    value: float
    mark: float | None = None


class Group(NamedTuple):
    """Bars of one workload."""

    title: str
    bars: Sequence[Bar]


def speedups(results: Results) -> str:
    """How many times faster Rust is than the peer and than our Python."""
    plugin = results.plugin
    targets = {
        (one.theirs, name): one.least
        for one in plugin.promises
        if isinstance(one, Against) and one.mine == "cffi"
        for name in one.workloads
    }
    groups = []
    for name in results.sizes:
        ratios = [
            (theirs, results.ratio(name, "cffi", theirs)) for theirs in plugin.charted or (*plugin.peers(), "python")
        ]
        bars = [Bar(theirs, ratio, targets.get((theirs, name))) for theirs, ratio in ratios if ratio is not None]
        groups.append(Group(name, bars))
    return _chart("Rust (cffi): how many times faster than ... (line: promise)", "x", groups, results)


def throughput(results: Results) -> str:
    """MB a second of every subject on texts of 64 KiB and more."""
    groups = []
    for name, size in results.sizes.items():
        if size >= 64 << 10:
            pairs = [
                (subject, results.speed(subject, name)) for subject in results.subjects if results.has(subject, name)
            ]
            groups.append(Group(name, [Bar(subject, speed) for subject, speed in pairs if speed]))
    return _chart("Throughput, MB/s", "", groups, results)


def _chart(title: str, unit: str, groups: Iterable[Group], results: Results) -> str:
    subjects = results.plugin.subjects
    shown = [group for group in groups if group.bars]
    powers = [math.log10(bar.value) for group in shown for bar in group.bars]
    scale = _Scale(math.floor(min([0.0, *powers])), math.ceil(max([1.0, *powers])))
    height = _TOP + sum(len(group.bars) * _BAR + _GAP for group in shown) + 10
    parts = [_text(10, 20, title, size=15), *_legend(shown, subjects), *_grid(scale, height)]
    y = _TOP
    for group in shown:
        parts.append(_text(_LEFT - 8, y + len(group.bars) * _BAR / 2 + 4, group.title, anchor="end"))
        for bar in group.bars:
            parts += _bar(bar, y, scale, unit, subjects[bar.subject].colour)
            y += _BAR
        y += _GAP
    width = _LEFT + _WIDTH + _RIGHT
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
    return "\n".join([head, _box(0, 0, width, height, "#fff"), *parts, "</svg>"]) + "\n"


class _Scale(NamedTuple):
    """Powers of ten at the left and the right end."""

    low: int
    high: int

    def place(self, value: float) -> float:
        return _LEFT + _WIDTH * (math.log10(value) - self.low) / (self.high - self.low)


def _bar(bar: Bar, y: float, scale: _Scale, unit: str, colour: str) -> list[str]:
    one, end = scale.place(1.0), scale.place(bar.value)
    parts = [
        _box(min(one, end), y, max(1.0, abs(end - one)), _BAR - 2, colour),
        _text(max(one, end) + 4, y + _BAR - 3, f"{number(bar.value)}{unit}", size=9),
    ]
    return [*parts, _box(scale.place(bar.mark), y - 2, 2, _BAR + 2, "#111")] if bar.mark else parts


def _grid(scale: _Scale, height: float) -> Iterable[str]:
    for power in range(scale.low, scale.high + 1):
        at = scale.place(10.0**power)
        yield _box(at, _TOP - 4, 1, height - _TOP, "#dde3ea")
        yield _text(at, _TOP - 8, f"{10.0**power:g}", anchor="middle")


def _legend(groups: Iterable[Group], subjects: Mapping[str, Subject]) -> Iterable[str]:
    shown = dict.fromkeys(bar.subject for group in groups for bar in group.bars)
    for index, name in enumerate(shown):
        x = 14 + index * 150
        yield _box(x, 29, 10, 10, subjects[name].colour)
        yield _text(x + 15, 38, subjects[name].title)


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _text(x: float, y: float, words: str, *, size: int = 11, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{escape(words)}</text>'
