"""`gwplugins repair`. Tests: tests/cli/test_repair.py."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing

import click

from pyplugins.cli import exits, options, progress, settings
from pyplugins.cli.detector import Detector
from pyplugins.cli.records import Record
from pyplugins.cli.report import Report, sink
from pyplugins.cli.rewriting import Place, Refused, rewrite, total
from pyplugins.cli.scanning import STDIN, Reading, scan_file

EPILOG = """
\b
Examples:
  gwplugins repair answer.txt > answer.json
  some-model | gwplugins repair -q | jq .
  gwplugins repair --check logs/*.json              is it valid? 1 if not
  gwplugins repair --no-guesses --in-place *.json   only what is beyond doubt
  gwplugins repair --report edits.jsonl -f jsonl answer.txt > answer.json
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[FILE|-]", type=click.Path())
@options.configured
@click.option("--check", is_flag=True, help="Write nothing; leave with 1 when something would have been repaired.")
@click.option("--no-guesses", is_flag=True, help="Refuse a text, with 2, whose repair could have been another one.")
@options.place
@click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=click.Path(),
    help="List the edits in FILE. With --check they go to standard output otherwise.",
)
@options.listing
def command(
    paths: tuple[str, ...],
    config: str | None,
    assignments: tuple[str, ...],
    implementation: str,
    check: bool,
    no_guesses: bool,
    output: str | None,
    in_place: bool,
    report_file: str | None,
    style: str,
    show_values: bool,
    quiet: bool,
) -> int:
    """Make JSON of what nearly is: model output, truncated documents, JavaScript.

    Valid JSON passes byte for byte. The text goes to standard output; edits are listed with --report. Without FILE,
    standard input is read. Exit code: 0 valid JSON was written, 2 error; with --check 0 valid, 1 not, 2 error.
    """
    paths = paths or (STDIN,)
    place = Place(output, in_place)
    if check and (output or in_place):
        raise click.UsageError("--check writes nothing: it goes without --output and --in-place")
    if not check:
        place.check(paths)
    detector = Detector(settings.collect("json_repair", config, assignments, implementation))
    reading = Reading(binary=True, show_values=show_values)
    with ExitStack() as stack:
        bar = stack.enter_context(closing(progress.Bar(total(paths), wanted=not quiet)))
        # What is written is what was asked for; how it came about is told on request.
        out = stack.enter_context(sink(report_file or (None if check else os.devnull), sys.stdout))
        report = Report(out, style, detector, bar)
        for path in paths:
            if check:
                report.events(path, scan_file(path, detector, reading))
            else:
                report.events(path, rewrite(path, place, detector, reading, _no_guess if no_guesses else _any))
        report.close(quiet=quiet)
    code = report.summary.exit_code
    return exits.CLEAN if code == exits.FINDINGS and not check else code


def _any(records: list[Record]) -> None:
    pass


def _no_guess(records: list[Record]) -> None:
    guesses = [record for record in records if record.guess]
    if guesses:
        first = guesses[0]
        raise Refused(f"{len(guesses)} guesses, the first at line {first.line}, column {first.column} ({first.rule})")
