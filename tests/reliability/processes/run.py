"""One run: start the processes, let clients and faults loose, heal everything, look, check."""

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from apps.local.run import ROOT
from core.config import read_settings
from tests.reliability.processes.checks import violations
from tests.reliability.processes.cluster import Cluster, running_cluster
from tests.reliability.processes.fault_proxy import Weather
from tests.reliability.processes.faults import Faults
from tests.reliability.processes.history import History, Run, save
from tests.reliability.processes.last_look import read_everything
from tests.reliability.processes.read_checks import FINAL
from tests.reliability.processes.requests import Api
from tests.reliability.processes.schedule import Step
from tests.reliability.processes.stores import opened_store
from tests.reliability.processes.tokens import Tokens
from tests.reliability.processes.trees import NEXT_VERSION, Edit, edited_tree
from tests.reliability.processes.workload import Board, Client

_CLIENT_NAMES: Final = tuple(f"client-{number}" for number in range(8))
_FOREIGN: Final = ("COV", "MAKE", "MFLAGS", "STORE", "JWT_", "DYNAMODB_", "EVENTS_", "CATALOGUE_")
"""The beginnings of variables that are not for the processes: they run for a test alone."""


@dataclass(frozen=True)
class Result:
    """What a run showed: what each check found wrong, and how many requests got which fault."""

    history: History
    violations: Mapping[str, Sequence[str]]
    injected: Mapping[str, int]


def perform(
    run: Run, lanes: Sequence[Iterable[Step]], folder: Path, edits: Sequence[Edit] = ()
) -> Result:
    """Run ``run`` with the faults of all ``lanes`` at once, and return what was found.

    The code has ``edits``. The history, the logs of the processes and, on SQLite, the store are in
    ``folder``, which is created.
    """
    folder.mkdir(parents=True)
    tree = edited_tree(folder / "present", edits) if edits else ROOT
    next_tree = edited_tree(folder / "next", (*NEXT_VERSION, *edits))
    weather = Weather(Random(f"{run.seed} weather"))
    history = History(run)
    with (
        opened_store(run.store, folder, _environment(), weather) as store,
        running_cluster(store.environment, folder, tree) as cluster,
    ):
        settings = read_settings(store.environment)
        faults = Faults(cluster, settings, weather, next_tree, history.faults.append)
        tokens = Tokens(cluster.issuer)
        for client in (*_CLIENT_NAMES, FINAL):
            tokens(client)  # while the identity provider is sure to run
        try:
            with _going_on(faults, lanes):
                _load(history, cluster, tokens)
            faults.finish_deployment()
            history.events.extend(store.log())
            if not (ended := cluster.ended_by_themselves()):
                final = Api(FINAL, tokens, history.operations.append)
                read_everything(final, cluster.query_services(), history.events)
                ended = cluster.ended_by_themselves()
        finally:
            save(history, folder / "history.jsonl")
    found = violations(history) | ({"no_process_ends_by_itself": ended} if ended else {})
    return Result(history, found, weather.injected)


def _environment() -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
    return {**ours, "LOG_LEVEL": "WARNING"}


@contextmanager
def _going_on(faults: Faults, lanes: Sequence[Iterable[Step]]) -> Iterator[None]:
    """Carry out the steps of all lanes during a ``with`` block; at its end nothing is broken."""
    with ThreadPoolExecutor(max(len(lanes), 1)) as pool:
        injecting = [pool.submit(faults.run, lane) for lane in lanes]
        try:
            yield
        finally:
            faults.stop()
    for lane in injecting:
        lane.result()


def _load(history: History, cluster: Cluster, tokens: Tokens) -> None:
    """Let all clients send requests for as long as the run lasts."""
    run, board, ended = history.run, Board(), threading.Event()
    until = time.monotonic() + run.seconds

    def send(name: str) -> None:
        api = Api(name, tokens, history.operations.append)
        client = Client(api, Random(f"{run.seed} {name}"), cluster, board)
        client.run(lambda: time.monotonic() < until and not ended.is_set())

    with ThreadPoolExecutor(len(_CLIENT_NAMES)) as pool:
        sending = [pool.submit(send, name) for name in _CLIENT_NAMES]
        try:
            for client in sending:
                client.result()
        finally:
            ended.set()  # one that failed, or Ctrl-C, ends the others
