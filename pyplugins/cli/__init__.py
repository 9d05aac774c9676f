"""The `gwplugins` command: scans, masks and checks from a shell what the library does inside a program.

It only connects: files and pipes to guards, payload lines to the plugin manager, findings to formats. What a finding
is, how it is masked and what a configuration may say is the library's business. Must never print scanned text outside
the rewritten output, unless `--show-values` is given, and must never import cffi or ctypes. Tests: tests/cli/.
"""

from __future__ import annotations

import sys

#: What the extra `[cli]` installs; the rest of the package does without.
_EXTRA = ("click", "rich")


def main() -> None:
    """Runs the command and leaves with its exit code: 0 clean, 1 findings, 2 error."""
    try:
        import click  # noqa: F401
        import rich  # noqa: F401
    except ModuleNotFoundError as why:
        if why.name not in _EXTRA:
            raise
        print(f"gwplugins: error: {why.name} is not installed: pip install 'gwplugins[cli]'", file=sys.stderr)
        raise SystemExit(2) from None
    from pyplugins.cli.app import cli

    cli(prog_name="gwplugins")
