"""`gwplugins scan`. Tests: tests/cli/test_scan.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import click

from pyplugins.cli import exits, options, progress, settings
from pyplugins.cli.detector import Detector
from pyplugins.cli.output import identity
from pyplugins.cli.parallel import in_order
from pyplugins.cli.report import Report, sink
from pyplugins.cli.scanning import STDIN, Event, Reading, scan_file
from pyplugins.cli.walk import Rules, Target, targets

EPILOG = """
\b
Examples:
  gwplugins scan .                                   a directory, in parallel
  gwplugins scan --include '*.log' --exclude old /var/log
  journalctl -f | gwplugins scan                     a pipe, as it comes
  gwplugins scan -o detect_phone=false notes.txt     without one type
  gwplugins scan -f sarif --output pii.sarif src/    for a code-scanning dashboard
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH...|-]", type=click.Path())
@options.detector
@options.findings
@click.option(
    "--output", metavar="FILE", type=click.Path(), help="Write findings to FILE, which appears when all is done."
)
@click.option(
    "--include",
    metavar="GLOB",
    multiple=True,
    help="In directories, take only files of that name, or path if it has a /.",
)
@click.option(
    "--exclude",
    metavar="GLOB",
    multiple=True,
    help="In directories, leave out files and directories of that name or path.",
)
@click.option("--hidden", is_flag=True, help="Enter hidden directories too (never .git and the like).")
@click.option("--follow", is_flag=True, help="Follow symbolic links in directories.")
@click.option("--binary", is_flag=True, help="Scan binary files too.")
@click.option(
    "--jobs", "-j", type=click.IntRange(0), default=0, help="Files scanned at once.  [default: one for each CPU]"
)
def command(
    paths: tuple[str, ...],
    plugin: str,
    config: str | None,
    assignments: tuple[str, ...],
    implementation: str,
    style: str,
    show_values: bool,
    exit_zero: bool,
    quiet: bool,
    output: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    hidden: bool,
    follow: bool,
    binary: bool,
    jobs: int,
) -> int:
    """Find what must not pass, in files, directories and pipes.

    Every finding is a line with file, line, column and type; its value is not shown. Files of any size need little
    memory. Without PATH, standard input is read. Exit code: 0 clean, 1 findings, 2 error.
    """
    paths = paths or (_piped(),)
    detector = Detector(settings.collect(plugin, config, assignments, implementation))
    found = targets(paths, Rules(include, exclude, hidden, follow))
    total = None
    if progress.shown() and not quiet:
        found, total = _with_total(found)
    with ExitStack() as stack:
        bar = stack.enter_context(closing(progress.Bar(total, wanted=not quiet)))
        out = stack.enter_context(sink(output, sys.stdout))
        outputs = frozenset(filter(None, (identity(out), identity(sys.stdout))))
        reading = Reading(binary, show_values, outputs)
        report = Report(out, style, detector, bar)
        alone = len(paths) == 1 and not os.path.isdir(paths[0])
        jobs = 1 if alone else jobs or _cpus()
        work = _local(detector, reading)
        if jobs > 1 and detector.guard.implementation == "python":
            from pyplugins.cli.remote import Remote  # multiprocessing, which nothing else needs

            work = stack.enter_context(closing(Remote(detector.settings, reading)))
        lanes = stack.enter_context(closing(in_order(found, lambda target: _events(target, work), jobs)))
        for target, events in lanes:
            report.events(target.path, events)
        report.close(quiet=quiet)
    code = report.summary.exit_code
    return exits.CLEAN if exit_zero and code == exits.FINDINGS else code


def _piped() -> str:
    if sys.stdin is not None and sys.stdin.isatty():
        raise click.UsageError("give a PATH, or - for standard input")
    return STDIN


def _local(detector: Detector, reading: Reading) -> Callable[[str], Iterator[Event]]:
    return lambda path: scan_file(path, detector, reading)


def _events(target: Target, work: Callable[[str], Iterator[Event]]) -> Iterator[Event]:
    return work(target.path) if target.verdict is None else iter((target.verdict,))


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _with_total(found: Iterator[Target]) -> tuple[Iterator[Target], int | None]:
    everything = list(found)
    sizes = [_size(target.path) for target in everything if target.verdict is None]
    return iter(everything), None if None in sizes else sum(size or 0 for size in sizes)


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size if os.path.isfile(path) else None
    except OSError:
        return 0
