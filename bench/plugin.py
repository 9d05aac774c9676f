"""What a plugin's section of the suite consists of: data, and the few functions that only the plugin can write.

The shared machinery (`measure`, `worker`, `processes`, `promises`, `report`) reads these and names no plugin. A section
is a folder `bench/plugins/<name>/` whose `__init__.py` has one `PLUGIN`; docs/benchmarks.md says how to add one.
Workers in the peers' environments import sections too: standard library and `bench` only, and neither `pyplugins` nor
a peer before a subject is opened. Tests: tests/bench/test_sections.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from bench.texts import strings

if TYPE_CHECKING:
    from bench.measure import Effort
    from bench.processes import Process
    from bench.promises import Check
    from bench.report.results import Results
    from bench.tables import Section

#: Our implementations, and who is asked first.
OWN = ("cffi", "ctypes", "python")


def unchanged(value: Any) -> Any:
    """What it was given."""
    return value


@dataclass(frozen=True)
class Opened:
    """A subject in its process: operations by name, each called with one argument."""

    operations: Mapping[str, Callable[[Any], Any]]
    #: By operation, what makes its argument of a workload's input; not timed.
    prepare: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    #: By operation, what makes JSON of its result, for verification; the result itself where there is none.
    read: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    #: Further jobs that the section asks for; each is given the workload, if one is named.
    jobs: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """Who is measured, in a process of its own."""

    #: What the report calls it.
    title: str
    #: Opens it in its process; for `node` the name of a module beside the section, which exports `operations`.
    open: Callable[[], Opened] | str
    #: This environment, or that of the peers (`bench/.peers/<plugin>`): its Python, or Node with its packages.
    environment: Literal["here", "peers", "node"] = "here"
    #: The report sets it beside ours.
    peer: bool = True
    colour: str = "#8b949e"
    #: Python that imports it and, after the first `;`, makes a first guard; both are timed in fresh interpreters.
    program: str = ""


def own(open_: Callable[[str], Opened], guard: str) -> dict[str, Subject]:
    """Our three implementations; `open_` is given the name, `guard` is the direct API, as `pyplugins.<name>.<Name>`."""
    module, _, name = guard.rpartition(".")
    program = f"from {module} import {name} as d; d({{}}, '{{}}')"
    looks = {
        "cffi": ("Rust (cffi)", "#1f6feb"),
        "ctypes": ("Rust (ctypes)", "#79b0f7"),
        "python": ("Python", "#e3a008"),
    }
    return {
        one: Subject(title, partial(open_, one), peer=False, colour=colour, program=program.replace("'{}'", f"'{one}'"))
        for one, (title, colour) in looks.items()
    }


def versions(*names: str) -> dict[str, str]:
    """Versions of packages of this environment."""
    from importlib import metadata

    return {name: metadata.version(name) for name in names}


@dataclass(frozen=True)
class Workload:
    """One operation on one input: a text, a list of texts, or the payload of a hook."""

    name: str
    operation: str
    source: Callable[[], Any]
    #: Who takes part; empty: every subject of the section.
    subjects: tuple[str, ...] = ()
    #: Each call gets a new `str`, for which CPython has cached nothing.
    fresh: bool = False
    #: The report averages these by themselves.
    named: bool = False

    def texts(self) -> list[str]:
        """Every text the input holds."""
        data = self.source()
        return [] if data is None else strings(data)

    def size(self) -> int:
        """UTF-8 bytes of all texts; 0 where a throughput would mean nothing."""
        return sum(len(text.encode()) for text in self.texts())


class Concurrency(NamedTuple):
    """Two threads on one workload; and one small call beside a spinning thread. Titles are the report's."""

    subjects: tuple[str, ...]
    threads: str
    threads_title: str
    spin: str
    spin_title: str


class Memory(NamedTuple):
    """Peak memory of an operation on texts of a given size, after a call with `warm_up`."""

    operation: str
    warm_up: Any
    texts: Mapping[str, Callable[[int], Any]]
    #: Who takes part; empty: every subject that has a program.
    subjects: tuple[str, ...] = ()


Verify = Callable[[Mapping[str, "Process"], "Plugin", Iterable[Workload]], dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Plugin:
    """A section."""

    name: str
    subjects: Mapping[str, Subject]
    workloads: tuple[Workload, ...]
    #: Raises `verify.Disagreement`, or answers what was checked: by workload, counts by name under `findings`.
    verify: Verify
    #: Each yields checks: `promises.Against`, `promises.Speed`, or a function.
    promises: tuple[Callable[[Results], Iterator[Check]], ...]
    #: What `verify` holds, in a sentence for the report; then title and column of the table of its counts.
    verified: str
    verified_title: tuple[str, str] = ("What was checked, before timing", "answers")
    #: Of the peers' environment: Python packages, npm packages, and files whose size is recorded (globs in it).
    requirements: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    peer_files: tuple[str, ...] = ()
    #: Whom the chart of speedups shows; empty: every peer, and our own Python.
    charted: tuple[str, ...] = ()
    concurrency: Concurrency | None = None
    memory: Memory | None = None
    #: Texts by file name for the engine's `examples/measure.rs`, where there is one; its JSON is recorded as `rust`.
    rust_texts: Callable[[], Mapping[str, str]] | None = None
    #: Builds and runs programs of the section's own, in languages without Python; their JSON is recorded as `rust`.
    programs: Callable[[], dict[str, Any]] | None = None
    #: Figures of quality by name and subject, for the subjects of this run; measured in the run's own process.
    quality: Callable[[Iterable[str]], dict[str, dict[str, float]]] | None = None
    #: What the section measures in its own way, with every subject's process at hand; recorded as `further`.
    further: Callable[[Mapping[str, Process], Effort], dict[str, Any]] | None = None
    #: Tables that only this plugin has.
    sections: Callable[[Results], list[Section]] = lambda results: []

    def workload(self, name: str) -> Workload:
        """The workload of this name.

        Raises:
            KeyError: there is none.
        """
        return {workload.name: workload for workload in self.workloads}[name]

    def takers(self, workload: Workload) -> tuple[str, ...]:
        """Who takes part in it."""
        return workload.subjects or tuple(self.subjects)

    def peers(self) -> tuple[str, ...]:
        """Whom the report sets beside ours."""
        return tuple(name for name, subject in self.subjects.items() if subject.peer)
