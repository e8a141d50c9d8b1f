"""The processes of a run: each service twice, and each process stopped and started on its own.

Several processes of one service are what Lambda runs. Each is started as ``make run`` starts it,
but those of the command service by ``wrong_clock.py``.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from apps.local.endpoints import Endpoint, Endpoints
from apps.local.process_group import process_group
from apps.local.processes import Program
from apps.local.run import ROOT, programs, services_environment
from tests.reliability.processes.http_client import exchange
from tests.reliability.processes.ports import stable_ports
from tests.reliability.processes.requests import Service

COMMANDS: Final = ("command-0", "command-1")
QUERIES: Final = ("query-0", "query-1")
PROCESSES: Final = (*COMMANDS, *QUERIES, "projector")
"""Those of which there is a next version; the identity provider is not ours."""

REBUILD: Final = "rebuild"
_LAUNCHER: Final = Path(__file__).with_name("wrong_clock.py")
_START_SECONDS: Final = 60.0
_HEALTH: Final = {
    "command": "/v1/catalog/health/command",
    "query": "/v1/catalog/health/query",
    "identity": "/.well-known/openid-configuration",
}


class NotStarted(Exception):
    """A process that does not come up."""


@dataclass
class _Started:
    process: subprocess.Popen[bytes]
    log: threading.Thread


class Cluster:
    """Processes by name, in a process ``group``; their logs are in ``folder``."""

    def __init__(
        self, environment: Mapping[str, str], folder: Path, tree: Path, group: int
    ) -> None:
        names = (*COMMANDS, *QUERIES, "identity")
        self.ports = dict(zip(names, stable_ports(len(names)), strict=True))
        self._environment = services_environment(environment, self._endpoints("0"))
        self._folder = folder
        self._group = group
        self._first_tree = tree
        self._trees: dict[str, Path | None] = {}
        self._running: dict[str, _Started] = {}
        self._ended: list[str] = []
        self._lock = threading.Lock()
        for name in COMMANDS:
            self.set_clock(name, 0.0)

    @property
    def issuer(self) -> str:
        """The URL of the identity provider."""
        return f"http://127.0.0.1:{self.ports['identity']}"

    def command_services(self) -> list[Service]:
        return [Service(name, self.ports[name]) for name in COMMANDS]

    def query_services(self) -> list[Service]:
        return [Service(name, self.ports[name]) for name in QUERIES]

    def knows_series(self, service: Service) -> bool:
        return self._tree(service.name) != self._first_tree

    def set_clock(self, name: str, ahead: float) -> None:
        """Set the clock of a command process ``ahead`` seconds, or back if negative."""
        clock = self._clock(name)
        draft = clock.with_suffix(".draft")
        draft.write_text(str(ahead))
        draft.replace(clock)

    def use_tree(self, name: str, tree: Path | None) -> None:
        """Run a process from another version of the code from its next start on (None: ours)."""
        self._trees[name] = tree

    def start(self, name: str) -> None:
        """Start a process, unless it is running."""
        with self._lock:
            if name not in self._running:
                self._running[name] = self._spawn(name)

    def start_and_wait(self, name: str) -> None:
        """Start a process and return when it serves requests. Raise NotStarted."""
        self.start(name)
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_up(name):
            if time.monotonic() > deadline or self.has_ended(name):
                raise NotStarted(f"{name} does not start; see {self._log(name)}")
            time.sleep(0.05)

    def kill(self, name: str) -> None:
        """End a process by SIGKILL, unless it has ended."""
        with self._lock:
            started = self._running.pop(name, None)
        if started:
            if name != REBUILD and started.process.poll() is not None:
                self._ended.append(name)
            started.process.kill()
            _reap(started)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process, if it runs."""
        with self._lock:
            if started := self._running.get(name):
                started.process.send_signal(number)

    def pid(self, name: str) -> int | None:
        """Return the process's id, None unless it runs."""
        started = self._running.get(name)
        return started.process.pid if started else None

    def has_ended(self, name: str) -> bool:
        """Return whether a process that was started has ended by itself."""
        started = self._running.get(name)
        return started is not None and started.process.poll() is not None

    def wait(self, name: str, seconds: float) -> int | None:
        """Wait until a process ends by itself; return its exit code, None after ``seconds``."""
        started = self._running[name]
        try:
            code = started.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        with self._lock:
            self._running.pop(name, None)
        _reap(started)
        return code

    def ended_by_themselves(self) -> list[str]:
        """Return the names of processes that have ended although nobody killed them."""
        return self._ended + [name for name in list(self._running) if self.has_ended(name)]

    def end(self) -> None:
        """End all processes."""
        for name in list(self._running):
            self.kill(name)

    def _spawn(self, name: str) -> _Started:
        tree, program = self._tree(name), self._program(name)
        process = subprocess.Popen(
            self._command(name, program),
            cwd=tree / program.directory.relative_to(ROOT),
            env={**self._environment, "PYTHONPATH": str(tree)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=self._group,
        )
        # Through us, not into the file: what limits the size of a process's files is meant for
        # its store.
        log = threading.Thread(target=_copy, args=(process, self._log(name)), daemon=True)
        log.start()
        return _Started(process, log)

    def _command(self, name: str, program: Program) -> Sequence[str]:
        python, _, *module = program.command
        if name not in COMMANDS:
            return program.command
        # -P: the folder of the launcher has names that are not meant as modules
        return [python, "-P", str(_LAUNCHER), str(self._clock(name)), *module]

    def _program(self, name: str) -> Program:
        if name == REBUILD:
            return Program(name, [sys.executable, "-m", "apps.rebuild"], ROOT)
        service, _, number = name.partition("-")
        found = {program.name: program for program in programs(self._endpoints(number or "0"))}
        return found[service]

    def _endpoints(self, number: str) -> Endpoints:
        def endpoint(name: str) -> Endpoint:
            return Endpoint("", self.ports[name], "")

        return Endpoints(
            endpoint(f"command-{number}"),
            endpoint(f"query-{number}"),
            endpoint("identity"),
            gateway=Endpoint("", 0, ""),  # it is not started: clients know each service's port
        )

    def _clock(self, name: str) -> Path:
        return self._folder / f"{name}.clock"

    def _tree(self, name: str) -> Path:
        program = "projector" if name == REBUILD else name  # they are deployed together
        return self._trees.get(program) or self._first_tree

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _is_up(self, name: str) -> bool:
        health = _HEALTH.get(name.partition("-")[0])
        # Any response: the store may be in trouble, and the health check says so.
        return health is None or exchange(self.ports[name], "GET", health).status != 0


def _reap(started: _Started) -> None:
    started.process.wait()
    started.log.join()


def _copy(process: subprocess.Popen[bytes], path: Path) -> None:
    assert process.stdout
    with process.stdout as lines, path.open("ab") as file:
        for line in lines:
            file.write(line)
            file.flush()


@contextmanager
def running_cluster(
    environment: Mapping[str, str], folder: Path, tree: Path = ROOT
) -> Iterator[Cluster]:
    """Yield a cluster of the code in ``tree`` that serves requests; it ends with the block.

    It ends with this process too, however that ends.
    """
    with process_group() as group:
        cluster = Cluster(environment, folder, tree, group)
        try:
            for name in ("identity", *PROCESSES):
                cluster.start(name)
            for name in ("identity", *PROCESSES):
                cluster.start_and_wait(name)
            yield cluster
        finally:
            cluster.end()
