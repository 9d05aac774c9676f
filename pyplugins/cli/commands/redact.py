"""`gwplugins redact`. Tests: tests/cli/test_redact.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from typing import BinaryIO

import click

from pyplugins.cli import exits, options, progress, settings
from pyplugins.cli.detector import Detector
from pyplugins.cli.output import standard_output, whole_file
from pyplugins.cli.report import Report, sink
from pyplugins.cli.scanning import STDIN, Batch, Event, Failed, Reading, chunks_of, found_in, opened

EPILOG = """
\b
Examples:
  gwplugins redact notes.txt > clean.txt
  tail -f app.log | gwplugins redact -q             as it comes
  gwplugins redact --in-place logs/*.log            each file whole or not at all
  gwplugins redact -o default_mask_strategy=partial -o detect_ip_address=false mail.txt
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[FILE|-]", type=click.Path())
@options.detector
@options.findings
@click.option("--output", metavar="FILE", type=click.Path(), help="Write the text to FILE, whole or not at all.")
@click.option(
    "--in-place", "-i", is_flag=True, help="Put the text where it came from, whole or not at all; takes several FILEs."
)
@click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=click.Path(),
    help="Write findings to FILE instead of standard error.",
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
    in_place: bool,
    report_file: str | None,
) -> int:
    """Write the text with everything found in it masked.

    The text goes to standard output, findings go to standard error. Bytes outside findings stay as they are, valid
    UTF-8 or not. Without FILE, standard input is read, and written as soon as it is safe. Exit code: 0 clean, 1
    findings, 2 error.
    """
    paths = paths or (STDIN,)
    _check(paths, output, in_place)
    detector = Detector(settings.collect(plugin, config, assignments, implementation))
    reading = Reading(binary=True, show_values=show_values)
    with ExitStack() as stack:
        bar = stack.enter_context(closing(progress.Bar(_total(paths), wanted=not quiet)))
        out = stack.enter_context(sink(report_file, sys.stderr))
        report = Report(out, style, detector, bar)
        for path in paths:
            report.events(path, _redact(path, path if in_place else output, detector, reading, in_place=in_place))
        report.close(quiet=quiet or (report_file is None and style != "text"))
    code = report.summary.exit_code
    return exits.CLEAN if exit_zero and code == exits.FINDINGS else code


def _check(paths: tuple[str, ...], output: str | None, in_place: bool) -> None:
    if in_place and (output or STDIN in paths):
        raise click.UsageError("--in-place needs FILEs, and goes without --output")
    if len(paths) > 1 and not in_place:
        raise click.UsageError("several FILEs need --in-place")
    if paths == (STDIN,) and sys.stdin is not None and sys.stdin.isatty():
        raise click.UsageError("give a FILE, or pipe the text in")


class _Unchanged(Exception):
    """Nothing was found in a file that is to be changed in place."""


def _redact(path: str, to: str | None, detector: Detector, reading: Reading, *, in_place: bool) -> Iterator[Event]:
    try:
        with opened(path) as source, _destination(to) as destination:
            changed = False
            for part, records in found_in(path, detector, chunks_of(source), reading):
                destination.write(part.output)
                if to is None:
                    destination.flush()
                changed = changed or bool(records)
                yield Batch(len(part.taken), records)
            if in_place and not changed:
                raise _Unchanged
    except _Unchanged:
        return
    except BrokenPipeError:
        raise
    except Exception as why:
        yield Failed(exits.describe(why) if _about(why, path) else exits.with_file(why))


def _about(why: Exception, path: str) -> bool:
    return getattr(why, "filename", None) in (None, path)


def _destination(to: str | None) -> AbstractContextManager[BinaryIO]:
    return standard_output() if to is None else whole_file(to)


def _total(paths: tuple[str, ...]) -> int | None:
    if paths == (STDIN,):
        return None
    return sum(os.path.getsize(path) for path in paths if os.path.isfile(path))
