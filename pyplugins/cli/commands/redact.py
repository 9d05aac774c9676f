"""`gwplugins redact`. Tests: tests/cli/test_redact.py."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing

import click

from pyplugins.cli import exits, options, progress, settings
from pyplugins.cli.detector import Detector
from pyplugins.cli.report import Report, sink
from pyplugins.cli.rewriting import Place, rewrite, total
from pyplugins.cli.scanning import STDIN, Reading

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
@options.place
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
    place = Place(output, in_place)
    place.check(paths)
    detector = Detector(settings.collect(plugin, config, assignments, implementation))
    reading = Reading(binary=True, show_values=show_values)
    with ExitStack() as stack:
        bar = stack.enter_context(closing(progress.Bar(total(paths), wanted=not quiet)))
        out = stack.enter_context(sink(report_file, sys.stderr))
        report = Report(out, style, detector, bar)
        for path in paths:
            report.events(path, rewrite(path, place, detector, reading))
        report.close(quiet=quiet or (report_file is None and style != "text"))
    code = report.summary.exit_code
    return exits.CLEAN if exit_zero and code == exits.FINDINGS else code
