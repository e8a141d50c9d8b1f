"""What happens to the processes and to the store of a run, and how each is set right again."""

import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Final

from core.config import Settings
from tests.reliability.processes.cluster import COMMANDS, PROCESSES, REBUILD, Cluster
from tests.reliability.processes.fault_proxy import Request, Weather
from tests.reliability.processes.history import Fault
from tests.reliability.processes.schedule import Step

LONG_LOCK_SECONDS: Final = 6.5
"""Over the 5 seconds that a process waits for another one's write."""

_FAR_SECONDS: Final = 3_600.0
_POLL_SECONDS: Final = 0.2
_MAX_ATTEMPTS: Final = 8


class Faults:
    """Carries out the steps of a schedule. Each returns when what it broke works again."""

    def __init__(
        self,
        cluster: Cluster,
        settings: Settings,
        weather: Weather,
        next_tree: Path,
        record: Callable[[Fault], object],
    ) -> None:
        self._cluster = cluster
        self._settings = settings
        self._path = settings.sqlite_path
        self._weather = weather
        self._next_tree = next_tree
        self._stopped = Event()
        self._record = record
        self._versions: dict[str, Path | None] = {}
        self._kinds: Mapping[str, Callable[[Step], str | None]] = {
            "kill": self._kill,
            "stop": self._stop,
            "away": self._away,
            "rebuild": self._rebuild,
            "deploy": self._deploy,
            "roll back": self._roll_back,
            "clock": self._clock,
            "lock": self._lock,
            "disk": self._disk,
            "wire": self._wire,
            "throttle": self._throttle,
        }

    def stop(self) -> None:
        """End each lane as soon as what it broke works again."""
        self._stopped.set()

    def run(self, steps: Iterable[Step]) -> None:
        """Carry out the steps of a lane, until there are no more or ``stop`` is called."""
        for step in steps:
            if self._stopped.wait(step.pause):
                return
            began = time.monotonic()
            detail = self._kinds[step.fault](step)
            name = f"{step.fault} {step.target}"
            self._record(Fault(name, began, time.monotonic(), detail or ""))

    def _kill(self, step: Step) -> None:
        self._cluster.kill(step.target)
        self._cluster.start_and_wait(step.target)

    def _away(self, step: Step) -> None:
        self._cluster.kill(step.target)
        self._stopped.wait(2 * step.seconds)
        self._cluster.start(step.target)

    def _stop(self, step: Step) -> None:
        self._cluster.signal(step.target, signal.SIGSTOP)
        try:
            self._stopped.wait(step.seconds)
        finally:
            self._cluster.signal(step.target, signal.SIGCONT)

    def _deploy(self, step: Step) -> None:
        """Replace a process by one of the next version of the code."""
        self._versions[step.target] = self._next_tree
        self._cluster.use_tree(step.target, self._next_tree)
        self._kill(step)

    def _roll_back(self, step: Step) -> None:
        """Replace a process by one of the present version of the code again."""
        self._versions[step.target] = None
        self._cluster.use_tree(step.target, None)
        self._kill(step)

    def finish_deployment(self) -> None:
        """Bring all processes to the next version, if a deployment has begun."""
        if not self._versions:
            return
        left = [name for name in PROCESSES if self._versions.get(name) is None]
        for name in left:
            self._cluster.use_tree(name, self._next_tree)
            self._cluster.kill(name)
            self._cluster.start(name)
        for name in left:
            self._cluster.start_and_wait(name)

    def _rebuild(self, step: Step) -> str:
        """Rebuild the read model under load, by as many attempts as it takes."""
        attempts = 1
        self._cluster.start(REBUILD)
        if step.target == "killed":
            self._stopped.wait(step.seconds / 2)
            self._cluster.kill(REBUILD)
            self._cluster.start(REBUILD)
            attempts += 1
        while not self._stopped.is_set() and attempts <= _MAX_ATTEMPTS:
            match self._cluster.wait(REBUILD, _POLL_SECONDS):
                case 0:
                    return f"done after {attempts}"
                case None:
                    continue
                case _:  # the store was in trouble, or there is an event to be read by others
                    self._stopped.wait(_POLL_SECONDS)
                    self._cluster.start(REBUILD)
                    attempts += 1
        self._cluster.kill(REBUILD)
        return f"not done after {attempts}"

    def _clock(self, step: Step) -> str:
        """Set the clock of one command process wrong; the other one's stays right."""
        name = _some_command(step)
        seconds = _FAR_SECONDS if step.seconds > 1.2 else step.seconds
        self._cluster.set_clock(name, seconds if step.target == "ahead" else -seconds)
        try:
            self._stopped.wait(step.seconds)
        finally:
            self._cluster.set_clock(name, 0.0)
        return f"{name} by {seconds} s"

    def _lock(self, step: Step) -> None:
        """Hold the write lock as a backup or a person at a prompt does."""
        with closing(sqlite3.connect(self._path, timeout=10.0, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            self._stopped.wait(LONG_LOCK_SECONDS if step.target == "long" else step.seconds)
            holder.execute("ROLLBACK")

    def _disk(self, step: Step) -> str:
        """Let a process write nothing beyond the present end of the write-ahead log.

        This is the file-size limit of a process, which needs no privilege. It stands for a full
        disk: a write fails, after some of its bytes where those still fit.
        """
        if not hasattr(resource, "prlimit"):
            return "only Linux can limit another process"
        name = "projector" if step.target == "projector" else _some_command(step)
        log = self._path.with_name(f"{self._path.name}-wal")
        limit = (log.stat().st_size if log.exists() else 0) + 1_000
        pid = self._cluster.pid(name)
        if pid is None:
            return f"{name} did not run"
        try:
            usual = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, usual[1]))
            self._stopped.wait(step.seconds)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, usual)
        except ProcessLookupError:
            return f"{name} was killed meanwhile"
        return name

    def _wire(self, step: Step) -> str:
        before = self._weather.injected.total()
        with self._weather.of(step.target):
            self._stopped.wait(step.seconds)
        return f"{self._weather.injected.total() - before} requests"

    def _throttle(self, step: Step) -> str:
        """Refuse all writes of the catalogue, as a partition does that is written too often."""
        table = self._settings.catalogue_table.encode()

        def concerns(request: Request) -> bool:
            return request.is_write and table in request.body

        before = self._weather.injected.total()
        with self._weather.of("throttled", 1.0, concerns):
            self._stopped.wait(4 * step.seconds)
        return f"{self._weather.injected.total() - before} requests"


def _some_command(step: Step) -> str:
    return COMMANDS[int(100 * step.seconds) % len(COMMANDS)]
