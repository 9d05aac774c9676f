"""Where results go: standard output, or a file that appears whole or not at all. Tests: tests/cli/test_output.py."""

from __future__ import annotations

import os
import secrets
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, BinaryIO, TypeAlias

from pyplugins.cli import exits

#: Device and inode.
Identity: TypeAlias = tuple[int, int]


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Standard output as bytes; what was written as text before comes first."""
    sys.stdout.flush()
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def identity(stream: IO[Any]) -> Identity | None:
    """What tells a regular file from every other; `None` for pipes, terminals and streams without a file."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


@contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends well; else `path` stays as it was.

    A link is followed, permissions are kept, and what is no regular file (a pipe, ``/dev/null``) is written to
    directly.
    """
    target = os.path.realpath(path)
    before = _status(target)
    if before is not None and not stat.S_ISREG(before.st_mode):
        with open(target, "wb") as direct:
            yield direct
        return
    temporary = os.path.join(os.path.dirname(target), f".gwplugins.{secrets.token_hex(6)}.tmp")
    with _terminable(), _absent_after_failure(temporary):
        # What takes the place of a file is nobody else's business before it has the file's permissions.
        with _created(temporary, path, 0o666 if before is None else 0o600) as new:
            yield new
            new.flush()
            os.fsync(new.fileno())
        if before is not None:
            _keep_owner(temporary, before)
        os.replace(temporary, target)


@contextmanager
def _absent_after_failure(path: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(path)
        raise


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends the block by `SystemExit`, so that what is half written is taken away."""
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(*_: object) -> None:
    raise SystemExit(exits.TERMINATED)


def _created(temporary: str, path: str, mode: int) -> BinaryIO:
    try:
        return open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode))
    except OSError as why:
        # The user knows the file by its own name.
        raise OSError(why.errno, why.strerror, path) from None


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _keep_owner(path: str, before: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with suppress(PermissionError):  # only the superuser may give files away
            os.chown(path, before.st_uid, before.st_gid)
    os.chmod(path, stat.S_IMODE(before.st_mode))  # after chown, which takes the set-id bits away
