"""Several programs run as one: their lines in one place, and when one ends or a signal comes, all end.

Each program leads a process group of its own, so Ctrl-C reaches this process alone, which then stops
the groups. Not honcho (2.0), which does the same in more processes: a signal while it starts, or a
closed terminal (SIGHUP), leaves programs behind.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 5.0  # seconds between the request to stop and the kill

_RUNNER = "run"  # the name before our own lines


@dataclass(frozen=True, slots=True)
class Program:
    """Something to run: `command` is the argument vector, `directory` where it starts."""

    name: str
    command: Sequence[str]
    directory: Path


@dataclass(frozen=True, slots=True)
class Line:
    """A line that the program `name` wrote; `name` is None for text that is nobody's."""

    name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The program has ended, and all its lines came before. A negative code is a signal's number."""

    name: str
    code: int


@dataclass(frozen=True, slots=True)
class StopAsked:
    """A signal asks to stop."""

    by: signal.Signals


Event = Line | Ended | StopAsked
Show = Callable[[str | None, str], None]


def run_together(
    programs: Iterable[Program],
    environment: Mapping[str, str],
    inbox: SimpleQueue[Event],
    show: Show,
) -> bool:
    """Runs all until one ends or a stop signal comes; True when it was a signal.

    No program is left when this returns or raises. `show` gets each line with its program's name.
    `inbox` is where lines come in: others may put a Line there too. Must be called by the main
    thread, for its signal handlers; they stay.
    """
    for number in STOP_SIGNALS:
        if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # under nohup a closed terminal is no reason to stop
        signal.signal(number, lambda by, _frame: inbox.put(StopAsked(signal.Signals(by))))
    running: dict[str, subprocess.Popen[str]] = {}
    try:
        for program in programs:
            running[program.name] = _started(program, environment, inbox)
        return _relay(running, inbox, show)
    finally:
        _stop(running, inbox, show)


def _started(
    program: Program, environment: Mapping[str, str], inbox: SimpleQueue[Event]
) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        program.command,
        cwd=program.directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    threading.Thread(target=_follow, args=(program.name, process, inbox), daemon=True).start()
    return process


def _follow(name: str, process: subprocess.Popen[str], inbox: SimpleQueue[Event]) -> None:
    for line in process.stdout or ():
        inbox.put(Line(name, line.rstrip("\n")))
    inbox.put(Ended(name, process.wait()))


def _relay(
    running: dict[str, subprocess.Popen[str]], inbox: SimpleQueue[Event], show: Show
) -> bool:
    while True:
        match inbox.get():
            case Line(name, text):
                show(name, text)
            case Ended(name, code):
                del running[name]
                show(_RUNNER, f"{name} ended ({_told(code)}), so all the others are stopped")
                return False
            case StopAsked(by):
                show(_RUNNER, f"{by.name}: stopping; the same again does not wait")
                return True


def _stop(running: dict[str, subprocess.Popen[str]], inbox: SimpleQueue[Event], show: Show) -> None:
    """Asks all to end, and kills what has not after PATIENCE, or at a second signal."""
    _send(signal.SIGTERM, running)
    deadline = time.monotonic() + PATIENCE
    while running:
        try:
            event: Event | None = inbox.get(timeout=max(deadline - time.monotonic(), 0.01))
        except Empty:
            event = None
        match event:
            case Line(name, text):
                with suppress(OSError):  # nobody reads any more: stopping matters more
                    show(name, text)
            case Ended(name, _):
                del running[name]
            case StopAsked() | None:
                _send(signal.SIGKILL, running)


def _send(number: signal.Signals, running: Mapping[str, subprocess.Popen[str]]) -> None:
    for process in running.values():
        with suppress(ProcessLookupError, PermissionError):  # it is just ending (EPERM: macOS)
            os.killpg(process.pid, number)


def _told(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
