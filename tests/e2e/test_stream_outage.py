"""The local projector of a DynamoDB that refuses connections for a while."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from apps.local.credentials import ANY_CREDENTIALS
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.domain.manifest import BOOKS
from tests.support.books import envelope
from tests.support.dynamodb import database, endpoint, fresh_catalogue_table, fresh_events_table
from tests.support.gate import gate_before
from tests.support.services import ROOT
from tests.support.waiting import TIMEOUT_SECONDS, until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


@dataclass(frozen=True)
class Projector:
    process: subprocess.Popen[bytes]
    log: Path

    def failures(self) -> int:
        """Return how often it could not go on: it did not read the stream, or not project a batch.

        Which of the two it is depends on what it was doing when the gate was shut.
        """
        return self.log.read_text().count(", to be retried")


@contextmanager
def projector(environment: dict[str, str], log: Path) -> Iterator[Projector]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "apps.local.projector"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Projector(process, log)
    finally:
        process.terminate()
        code = process.wait(TIMEOUT_SECONDS)
    assert (code, "Traceback" in log.read_text()) == (0, False), log.read_text()


def test_the_projector_waits_until_the_stream_can_be_read_and_loses_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    database()  # skips when there is none
    with (
        fresh_events_table() as events,
        fresh_catalogue_table() as views,
        gate_before(endpoint()) as gate,
    ):
        store = DynamoDbEventStore(database(), events, BOOKS.events, lambda _: None)
        read_model = DynamoDbReadModel(database(), views, BOOKS, lambda _: None, lambda: 0.0)
        settings = {
            "STORE": "dynamodb",
            "DYNAMODB_ENDPOINT": gate.url,
            "EVENTS_TABLE": events,
            "CATALOGUE_TABLE": views,
        }

        def add(stream: str) -> None:
            store.append(stream, 0, [envelope(stream, 1)])

        def is_shown(stream: str) -> Callable[[], bool]:
            return lambda: read_model.live().get(stream) is not None

        gate.shut()
        with projector({**ANY_CREDENTIALS, **environment, **settings}, tmp_path / "log") as running:
            add("before it started")
            until(running.failures, lambda count: count >= 2)
            gate.open()
            until(is_shown("before it started"), bool)

            gate.shut()
            failures = running.failures()
            until(running.failures, lambda count: count >= failures + 2)
            add("in between")
            gate.open()
            until(is_shown("in between"), bool)

            gate.shut()
            failures = running.failures()
            until(running.failures, lambda count: count > failures)
            assert running.process.poll() is None
        # SIGTERM has ended it in the middle of a wait.
