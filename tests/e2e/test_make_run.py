"""``make run`` for a newcomer: what it prints works when pasted, and it leaves nothing behind."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.services import PORTS, ROOT, RUNNER, paste, running

MAKE = ["make", "run"]

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


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
        assert len(started) >= 5
        assert service.interrupt() == 0
        assert [pid for pid in started if is_alive(pid)] == []


def test_kill_9_leaves_no_process_behind(environment: dict[str, str]) -> None:
    with running(RUNNER, environment) as service:
        started = descendants(service.process.pid)
        assert len(started) >= 5
        service.process.kill()
        deadline = time.monotonic() + 30
        while any(map(is_alive, started)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [pid for pid in started if is_alive(pid)] == []


@pytest.mark.parametrize("variable", PORTS)
def test_a_port_in_use_is_reported_before_anything_starts(
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
    ("wrong", "reported"),
    [
        ({"QUERY_PORT": "80001"}, "QUERY_PORT must be a port, 1 to 65535, not '80001'"),
        ({"QUERY_PORT": "http"}, "QUERY_PORT must be a port"),
        ({"QUERY_PORT": "8005", "COMMAND_PORT": "8005"}, "must be different ports"),
        ({"STORE": "memory"}, "STORE=memory is for tests"),
        ({"STORE": "tape"}, "STORE must be one of"),
    ],
)
def test_an_invalid_setting_is_reported_before_anything_starts(
    wrong: dict[str, str], reported: str, environment: dict[str, str]
) -> None:
    ended = refused({**environment, **wrong})
    assert ended.returncode == 1
    assert reported in ended.stderr
    assert ended.stdout == ""
