"""``make run`` for the tests: on free ports, with an empty store, and stopped afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PORTS = ("COMMAND_PORT", "QUERY_PORT", "IDENTITY_PORT", "GATEWAY_PORT")
RUNNER = [sys.executable, "-m", "apps.local.run"]  # measured by coverage, which ``make run`` is not
TIMEOUT_SECONDS = 180.0  # ``make run`` may have to make its environment


@dataclass
class Running:
    """A runner that has printed ``lines`` to try."""

    process: subprocess.Popen[str]
    lines: list[str]
    reader: threading.Thread

    def interrupt(self) -> int:
        """Do what Ctrl-C in a terminal does; return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.reader.join()
        return self.process.wait()


def free_ports(count: int) -> list[str]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(listener.getsockname()[1]) for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def new_environment(folder: Path) -> dict[str, str]:
    """Return an environment with free ports, an empty store, and nothing of ``make test``."""
    foreign = ("MAKE", "MFLAGS", "STORE", "JWT_")
    ours = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    return {**ours, **ports, "SQLITE_PATH": str(folder / "b.db")}


@contextmanager
def running(
    command: list[str], environment: dict[str, str], seconds: float = TIMEOUT_SECONDS
) -> Iterator[Running]:
    """Run the services until the block ends, or for ``seconds`` at most."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    # A log that nobody reads would stop the services when the pipe is full.
    reader = threading.Thread(target=lambda: list(process.stdout or ()), daemon=True)
    guard = threading.Timer(seconds, process.terminate)
    guard.start()
    try:
        lines = _lines_to_try(process)
        reader.start()
        yield Running(process, lines, reader)
    finally:
        guard.cancel()
        process.terminate()
        process.wait()
        if reader.ident is not None:
            reader.join()


def _lines_to_try(process: subprocess.Popen[str]) -> list[str]:
    seen, found = [], []
    for line in process.stdout or ():
        seen.append(line)
        if line.startswith(("TOKEN=", "curl ")):
            found.append(line)
        if len(found) == 3:
            return found
    pytest.fail("it ended without printing what to try:\n" + "".join(seen))


def require_curl() -> None:
    """Skip the test where there is no curl, by which the examples are run; in CI, fail it."""
    if shutil.which("curl") is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)("there is no curl here: install it")


def paste(lines: list[str], directory: Path) -> str:
    """Return what ``lines`` print in another terminal, elsewhere and with an empty environment."""
    require_curl()
    plain = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME"}}
    return subprocess.run(
        ["bash", "-c", "".join(lines)],
        cwd=directory,
        env=plain,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
