"""The stores of earlier versions (``tests/fixtures/stores``), opened by this one's services."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import operations, projection
from tests.fixtures.stores.recording import FOLDER, Recording, read_recording
from tests.support import dynamodb
from tests.support.api import load_app
from tests.support.gateway import Caller, Gateway, HttpResponse

_WITHOUT_PLACES = {"dynamodb-1"}

_WRITE_BATCH = 25
"""What BatchWriteItem takes at most."""

Settings = Mapping[str, str]
Project = Callable[[], None]


@dataclass(frozen=True, slots=True)
class OldStore:
    """A store that both services have open, and its recording. ``project`` runs the projector."""

    recording: Recording
    gateway: Gateway
    project: Project
    needs_rebuild: bool
    """Whether it has no listings before the read model is rebuilt."""

    def send(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        caller: str | None = None,
    ) -> HttpResponse:
        """Return the response to a request, with a token of the recording's issuer."""
        who = Caller(caller, issuer=self.recording.issuer) if caller else None
        return self.gateway.send(method, target, headers=headers, body=body, caller=who)

    def rebuild(self) -> None:
        """Rebuild the read model from the log."""
        operations.rebuild_read_model(_fail, lambda _: None)


@contextmanager
def opened(
    name: str, folder: Path, environment: pytest.MonkeyPatch, state: str = ""
) -> Iterator[OldStore]:
    """Yield a copy of the store ``name``, in ``folder`` or in tables of its own."""
    recording = read_recording(name)
    environment.setenv("JWT_ISSUER", recording.issuer)
    with _COPIES[name.partition("-")[0]](name + state, folder) as (settings, project):
        for variable, value in settings.items():
            environment.setenv(variable, value)
        gateway = Gateway((load_app("command"), load_app("query")))
        yield OldStore(recording, gateway, project, name in _WITHOUT_PLACES)


@contextmanager
def _sqlite_copy(name: str, folder: Path) -> Iterator[tuple[Settings, Project]]:
    path = folder / "books.db"
    path.write_bytes(_unpacked(f"{name}.db.gz"))
    yield {"STORE": "sqlite", "SQLITE_PATH": str(path)}, _follow_log


def _follow_log() -> None:
    projection.follow_log(_fail)


@contextmanager
def _dynamodb_copy(name: str, _: Path) -> Iterator[tuple[Settings, Project]]:
    lines = [json.loads(line) for line in _unpacked(f"{name}.jsonl.gz").split(b"\n") if line]
    with (
        dynamodb.fresh_events_table() as events,
        dynamodb.fresh_catalogue_table() as catalogue,
        dynamodb.with_credentials(),
    ):
        tables = {"events": events, "catalogue": catalogue}
        _put_items([(tables[line["table"]], line["item"]) for line in lines])
        settings = {
            "STORE": "dynamodb",
            "DYNAMODB_ENDPOINT": dynamodb.endpoint(),
            "EVENTS_TABLE": events,
            "CATALOGUE_TABLE": catalogue,
        }
        yield settings, lambda: _read_stream(events)


def _put_items(items: Sequence[tuple[str, Any]]) -> None:
    for start in range(0, len(items), _WRITE_BATCH):
        requests: dict[str, Any] = {}
        for table, item in items[start : start + _WRITE_BATCH]:
            requests.setdefault(table, []).append({"PutRequest": {"Item": item}})
        response = dynamodb.client().batch_write_item(RequestItems=requests)
        assert not response["UnprocessedItems"]


def _read_stream(events: str) -> None:
    """Invoke the projector with every item of the table, as its stream would from the beginning."""
    scan = dynamodb.client().get_paginator("scan").paginate(TableName=events, ConsistentRead=True)
    items = [item for page in scan for item in page["Items"]]
    records = [
        {"eventID": str(number), "dynamodb": {"SequenceNumber": str(number), "NewImage": item}}
        for number, item in enumerate(items)
    ]
    assert projection.project_stream({"Records": records}, None) == {"batchItemFailures": []}


_COPIES = {"sqlite": _sqlite_copy, "dynamodb": _dynamodb_copy}


def _unpacked(name: str) -> bytes:
    return gzip.decompress((FOLDER / name).read_bytes())


def _fail(event: object, error: Exception) -> None:
    raise AssertionError(f"{event} cannot be projected") from error
