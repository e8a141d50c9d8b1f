"""Several programs run as one: one output, and when one ends or a signal arrives, all of them end.

The programs have a process group of their own, so Ctrl-C reaches this process alone, which then
stops the group; the group ends also when this process is killed (process_group.py). Why not honcho
(2.0), which stops programs too: a signal during its start, a closed terminal (SIGHUP), or
``kill -9`` leaves programs behind.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from apps.local.process_group import GRACE_SECONDS, process_group, signal_group

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

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

    No program is left when this returns or raises, nor when this process is killed. ``show`` is
    called with each line and its program's name. ``inbox`` collects lines: others may put a Line
    there too. Call it in the main thread, for it sets signal handlers, which stay.
    """
    for number in STOP_SIGNALS:
        if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # under nohup, a closed terminal does not stop us
        signal.signal(number, lambda by, _frame: inbox.put(StopAsked(signal.Signals(by))))
    running: set[str] = set()
    with process_group() as group:
        try:
            for program in programs:
                _start(program, group, environment, inbox)
                running.add(program.name)
            return _relay(running, inbox, show)
        finally:
            _stop(group, running, inbox, show)


def _start(
    program: Program, group: int, environment: Mapping[str, str], inbox: SimpleQueue[Event]
) -> None:
    process = subprocess.Popen(
        program.command,
        cwd=program.directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        process_group=group,
    )
    threading.Thread(target=_follow, args=(program.name, process, inbox), daemon=True).start()


def _follow(name: str, process: subprocess.Popen[str], inbox: SimpleQueue[Event]) -> None:
    for line in process.stdout or ():
        inbox.put(Line(name, line.rstrip("\n")))
    inbox.put(Ended(name, process.wait()))


def _relay(running: set[str], inbox: SimpleQueue[Event], show: Show) -> bool:
    while True:
        match inbox.get():
            case Line(name, text):
                show(name, text)
            case Ended(name, code):
                running.remove(name)
                show(_RUNNER, f"{name} ended ({_ending(code)}), so the others are stopped")
                return False
            case StopAsked(by):
                show(_RUNNER, f"{by.name}: stopping; repeat it to stop at once")
                return True


def _stop(group: int, running: set[str], inbox: SimpleQueue[Event], show: Show) -> None:
    """Ask all programs to end; kill those left after GRACE_SECONDS, or at a second signal."""
    signal_group(group, signal.SIGTERM)
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
                running.remove(name)
            case StopAsked() | None:
                signal_group(group, signal.SIGKILL)


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
