"""Programs that run as one: what is seen of them, and that none is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import pytest

from apps.local.processes import STOP_SIGNALS, Event, Program, StopAsked, run_together

ROOT = Path(__file__).resolve().parents[2]
FOREVER = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"
WITH_A_CHILD = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {FOREVER!r}]).wait()"
)


@pytest.fixture(autouse=True)
def _signal_handlers_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@dataclass
class Screen:
    """Keeps what is shown; asks to stop once ``wanted`` programs have printed their process id."""

    inbox: SimpleQueue[Event] = field(default_factory=SimpleQueue)
    lines: list[tuple[str | None, str]] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    wanted: int = 1
    stops: tuple[signal.Signals, ...] = (signal.SIGTERM,)

    def show(self, name: str | None, text: str) -> None:
        self.lines.append((name, text))
        if text.startswith("pid "):
            self.pids.append(int(text.split()[1]))
            if len(self.pids) == self.wanted:
                for number in self.stops:
                    self.inbox.put(StopAsked(number))


def run(screen: Screen, **sources: str) -> bool:
    programs = [Program(n, [sys.executable, "-c", s], Path.cwd()) for n, s in sources.items()]
    return run_together(programs, os.environ, screen.inbox, screen.show)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def eventually_dead(*pids: int) -> bool:
    deadline = time.monotonic() + 30
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(is_alive, pids))


def test_each_line_is_shown_with_its_program() -> None:
    screen = Screen(wanted=2)
    run(screen, one=f"print('a'); {FOREVER}", two=f"print('b'); {FOREVER}")
    assert {("one", "a"), ("two", "b")} <= set(screen.lines)


def test_a_request_to_stop_ends_all_programs_and_is_not_a_failure() -> None:
    screen = Screen(wanted=2)
    assert run(screen, one=FOREVER, two=FOREVER) is True
    assert [pid for pid in screen.pids if is_alive(pid)] == []


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_the_stop_signals_ask_to_stop(number: signal.Signals) -> None:
    screen = Screen(stops=())
    kill_me = f"import os; os.kill({os.getpid()}, {int(number)}); {FOREVER}"
    assert run(screen, one=kill_me) is True
    assert f"{number.name}: stopping" in str(screen.lines)


def test_a_program_that_ends_is_reported_and_stops_the_others() -> None:
    screen = Screen(stops=())
    assert run(screen, steady=FOREVER, brief="import sys; print('sorry'); sys.exit(3)") is False
    assert ("brief", "sorry") in screen.lines
    assert ("run", "brief ended (exit code 3), so the others are stopped") in screen.lines
    assert [pid for pid in screen.pids if is_alive(pid)] == []


def test_a_killed_program_is_reported_with_its_signal() -> None:
    screen = Screen(stops=())
    assert run(screen, brief="import os, signal; os.kill(os.getpid(), signal.SIGKILL)") is False
    assert "killed by SIGKILL" in screen.lines[-1][1]


def test_a_second_request_to_stop_kills_programs_that_ignore_the_first() -> None:
    screen = Screen(stops=(signal.SIGINT, signal.SIGINT))
    assert run(screen, stubborn=STUBBORN) is True
    assert not is_alive(screen.pids[0])


def test_children_of_a_program_end_with_it() -> None:
    screen = Screen()
    assert run(screen, parent=WITH_A_CHILD) is True
    assert eventually_dead(*screen.pids)  # its parent is gone: init has yet to reap it


SUPERVISOR = """
import os, sys
from pathlib import Path
from queue import SimpleQueue
from apps.local.processes import Program, run_together
programs = [Program(s, [sys.executable, "-c", s], Path.cwd()) for s in sys.argv[1:]]
run_together(programs, os.environ, SimpleQueue(), lambda name, text: print(text, flush=True))
"""
IMPATIENT = """
import subprocess, sys
from apps.local.process_group import process_group
with process_group(grace_seconds=0) as group:
    subprocess.Popen([sys.executable, "-c", sys.argv[1]], process_group=group).wait()
"""


@contextmanager
def supervisor(code: str, *sources: str) -> Iterator[subprocess.Popen[str]]:
    """Run programs under a supervisor of their own, which is killed at the end of the block."""
    command = [sys.executable, "-c", code, *sources]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def printed_pids(process: subprocess.Popen[str], count: int) -> list[int]:
    assert process.stdout is not None
    return [int(process.stdout.readline().split()[1]) for _ in range(count)]


@pytest.mark.parametrize(
    ("code", "sources"),
    [
        (SUPERVISOR, [FOREVER, f"{FOREVER}  # two"]),
        (SUPERVISOR, [WITH_A_CHILD]),
        (IMPATIENT, [STUBBORN]),
    ],
    ids=["two programs", "the child of a program", "a program that ignores SIGTERM"],
)
def test_programs_end_when_their_supervisor_is_killed(code: str, sources: list[str]) -> None:
    with supervisor(code, *sources) as process:
        pids = printed_pids(process, len(sources))
        process.kill()
        assert eventually_dead(*pids)


def test_programs_are_asked_to_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "asked"
    graceful = (
        f"import pathlib, signal, sys; asked = pathlib.Path({str(file)!r});"
        "signal.signal(signal.SIGTERM, lambda *_: (asked.touch(), sys.exit()));"
        f"{FOREVER}"
    )
    with supervisor(SUPERVISOR, graceful) as process:
        pids = printed_pids(process, 1)
        process.kill()
        assert eventually_dead(*pids)

    assert file.exists()


def test_a_program_whose_supervisor_is_killed_while_it_starts_ends(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    orphan = (
        "import os, pathlib, signal, time;"
        f"pathlib.Path({str(file)!r}).write_text(str(os.getpid()));"
        "os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)"
    )
    with supervisor(SUPERVISOR, orphan, FOREVER) as process:
        assert process.wait() == -signal.SIGKILL
        assert eventually_dead(int(file.read_text()))


def test_started_programs_are_stopped_when_another_cannot_start() -> None:
    screen = Screen(stops=())
    programs = [
        Program("fine", [sys.executable, "-c", FOREVER], Path.cwd()),
        Program("missing", ["/nonexistent/program"], Path.cwd()),
    ]
    with pytest.raises(FileNotFoundError, match="/nonexistent/program"):
        run_together(programs, os.environ, screen.inbox, screen.show)
    assert [pid for pid in screen.pids if is_alive(pid)] == []


def test_output_that_nobody_reads_stops_all_programs() -> None:
    pids: list[int] = []

    def broken(_name: str | None, text: str) -> None:
        pids.append(int(text.split()[1]))
        raise BrokenPipeError

    program = Program("one", [sys.executable, "-c", FOREVER], Path.cwd())
    with pytest.raises(BrokenPipeError):
        run_together([program], os.environ, SimpleQueue(), broken)
    assert not is_alive(pids[0])
