"""`make run` as a newcomer meets it: what it prints works when pasted, and it leaves nothing behind."""

import json
import os
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
PORTS = ("COMMAND_PORT", "QUERY_PORT", "IDENTITY_PORT")
MAKE = ["make", "run"]
RUNNER = [sys.executable, "-m", "apps.local.run"]  # measured by coverage, which `make run` is not
PATIENCE = 180.0  # seconds for a start that hangs; `make run` may have to make its environment

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


@dataclass
class Running:
    """A runner that has told what to try: `lines`, as printed."""

    process: subprocess.Popen[str]
    lines: list[str]

    def interrupt(self) -> int:
        """Does what Ctrl-C in a terminal does; returns the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        for _ in self.process.stdout or ():
            pass
        return self.process.wait()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Free ports, an empty store, and no trace of the `make test` around us."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "STORE"))}
    with socket.socket() as a, socket.socket() as b, socket.socket() as c:
        for listener in (a, b, c):
            listener.bind(("127.0.0.1", 0))
        ports = [str(listener.getsockname()[1]) for listener in (a, b, c)]
    return {**ours, **dict(zip(PORTS, ports, strict=True)), "SQLITE_PATH": str(tmp_path / "b.db")}


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[Running]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    guard = threading.Timer(PATIENCE, process.terminate)
    guard.start()
    try:
        yield Running(process, _told(process))
    finally:
        guard.cancel()
        process.terminate()
        process.communicate()


def _told(process: subprocess.Popen[str]) -> list[str]:
    seen, told = [], []
    for line in process.stdout or ():
        seen.append(line)
        if line.startswith(("TOKEN=", "curl ")):
            told.append(line)
        if len(told) == 3:
            return told
    pytest.fail("it ended without telling what to try:\n" + "".join(seen))


def paste(lines: list[str], directory: Path) -> str:
    """What another terminal shows: a shell of its own, elsewhere, with nothing in its environment."""
    plain = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME"}}
    return subprocess.run(
        ["bash", "-c", "".join(lines)],
        cwd=directory,
        env=plain,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def refused(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        RUNNER, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def descendants(pid: int) -> list[int]:
    listed = subprocess.check_output(["ps", "-axo", "pid=,ppid="], text=True)
    parents = [tuple(map(int, line.split())) for line in listed.splitlines()]
    children = [child for child, parent in parents if parent == pid]
    return children + [below for child in children for below in descendants(child)]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_three_printed_lines_write_a_book_and_read_it_back(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with running(MAKE, environment) as service:
        shown = paste(service.lines, tmp_path)
        assert " 201 " in shown, shown
        assert " 200 " in shown, shown
        book = json.loads(shown.splitlines()[-1])
        assert (book["title"], book["version"]) == ("A Pattern Language", 1)
        assert paste(service.lines, tmp_path).splitlines()[-1] == shown.splitlines()[-1]


def test_ctrl_c_leaves_no_process_behind(environment: dict[str, str]) -> None:
    with running(RUNNER, environment) as service:
        started = descendants(service.process.pid)
        assert len(started) >= 4
        assert service.interrupt() == 0
        assert [pid for pid in started if is_alive(pid)] == []


@pytest.mark.parametrize("variable", PORTS)
def test_a_taken_port_is_said_before_anything_starts(
    variable: str, environment: dict[str, str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ended = refused({**environment, variable: port})
    assert ended.returncode == 1
    assert f"Port {port}," in ended.stderr
    assert f"make run {variable}=" in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"QUERY_PORT": "80001"}, "QUERY_PORT must be a port, 1 to 65535, not '80001'"),
        ({"QUERY_PORT": "http"}, "QUERY_PORT must be a port"),
        ({"QUERY_PORT": "8005", "COMMAND_PORT": "8005"}, "three different ports"),
        ({"STORE": "memory"}, "STORE=memory is for tests"),
        ({"STORE": "tape"}, "STORE must be one of"),
    ],
)
def test_a_wrong_setting_is_said_before_anything_starts(
    wrong: dict[str, str], said: str, environment: dict[str, str]
) -> None:
    ended = refused({**environment, **wrong})
    assert ended.returncode == 1
    assert said in ended.stderr
    assert ended.stdout == ""
