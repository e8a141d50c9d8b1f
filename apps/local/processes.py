"""Several programs run as one: one output, and when one ends or a signal arrives, all of them end.

Each program leads a process group of its own, so Ctrl-C reaches this process alone, which then
stops the groups. Why not honcho (2.0), which does the same: a signal during its start, or a closed
terminal (SIGHUP), leaves programs behind.
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
GRACE_SECONDS = 5.0  # between SIGTERM and SIGKILL

_RUNNER = "run"  # the name in front of our own lines


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run: its argument vector ``command``, and the ``directory`` it starts in."""

    name: str
    command: Sequence[str]
    directory: Path


@dataclass(frozen=True, slots=True)
class Line:
    """A line that the program ``name`` wrote; None for text that is not a program's."""

    name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A program has ended, after all its lines. A negative code is a signal's number."""

    name: str
    code: int


@dataclass(frozen=True, slots=True)
class StopAsked:
    """A signal that asks to stop."""

    by: signal.Signals


Event = Line | Ended | StopAsked
Show = Callable[[str | None, str], None]


def run_together(
    programs: Iterable[Program],
    environment: Mapping[str, str],
    inbox: SimpleQueue[Event],
    show: Show,
) -> bool:
    """Run all programs until one ends or a stop signal arrives. Return whether it was a signal.

    No program is left when this returns or raises. ``show`` is called with each line and its
    program's name. ``inbox`` collects lines: others may put a Line there too. Call it in the main
    thread, for it sets signal handlers, which stay.
    """
    for number in STOP_SIGNALS:
        if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # under nohup, a closed terminal does not stop us
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
                show(_RUNNER, f"{name} ended ({_ending(code)}), so the others are stopped")
                return False
            case StopAsked(by):
                show(_RUNNER, f"{by.name}: stopping; repeat it to stop at once")
                return True


def _stop(running: dict[str, subprocess.Popen[str]], inbox: SimpleQueue[Event], show: Show) -> None:
    """Ask all programs to end; kill those left after GRACE_SECONDS, or at a second signal."""
    _send(signal.SIGTERM, running)
    deadline = time.monotonic() + GRACE_SECONDS
    while running:
        try:
            event: Event | None = inbox.get(timeout=max(deadline - time.monotonic(), 0.01))
        except Empty:
            event = None
        match event:
            case Line(name, text):
                with suppress(OSError):  # nobody reads any longer: stopping matters more
                    show(name, text)
            case Ended(name, _):
                del running[name]
            case StopAsked() | None:
                _send(signal.SIGKILL, running)


def _send(number: signal.Signals, running: Mapping[str, subprocess.Popen[str]]) -> None:
    for process in running.values():
        with suppress(ProcessLookupError, PermissionError):  # it has just ended (EPERM: macOS)
            os.killpg(process.pid, number)


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
