"""Real Redis servers for tests: started on free loopback ports in a folder of their own, stopped by process id."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gw_tests import missing

#: Variable that names the server to test with, of Redis or Valkey; without it what is installed.
PROGRAM = "GWPLUGINS_REDIS_SERVER"
#: Longest wait for anything a server does, seconds.
PATIENCE = 15.0


def free_port() -> int:
    """A port nobody listens on; a cluster also takes that plus 10000."""
    while True:
        with socket.socket() as one, socket.socket() as bus:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                bus.bind(("127.0.0.1", port + 10000))
                return port


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Waits until it holds; fails by name after `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"{what} has not come within {PATIENCE} s"
        time.sleep(0.02)


def in_cluster(admin: Any) -> bool:
    """Whether the server of a client of redis-py sees a whole cluster around it."""
    state = admin.execute_command("CLUSTER", "INFO")
    return b"cluster_state:ok" in state if isinstance(state, bytes) else bool(state["cluster_state"] == "ok")


class Server:
    """One process, of redis-server or as a sentinel."""

    def __init__(self, folder: Path, *options: str, port: int | None = None, sentinel: str = "") -> None:
        program = os.environ.get(PROGRAM) or shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            missing("redis-server is not installed")
        self.port = port or free_port()
        self.folder = folder / str(self.port)
        self.folder.mkdir(parents=True, exist_ok=True)
        fixed = ["--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder), "--daemonize", "no"]
        self.command = [program, "--port", str(self.port), *fixed, *options]
        if sentinel:
            config = self.folder / "sentinel.conf"
            config.write_text(f"port {self.port}\nbind 127.0.0.1\ndir {self.folder}\n{sentinel}\n")
            self.command = [program, str(config), "--sentinel"]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> Server:
        """Starts, and waits until it listens."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        wait_until(self._listens, f"a server on port {self.port}")
        return self

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """Ends the process, however it is."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGCONT)
                os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
            self.process = None

    def freeze(self) -> None:
        """The process stands still: connections stay, nothing is answered."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)


@contextlib.contextmanager
def running(*servers: Server) -> Iterator[None]:
    """Starts the servers, and stops them whatever happens."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.stop()
