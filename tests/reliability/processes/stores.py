"""The store of a run: how the processes reach it, and how its log is read at the end."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from apps.local.dynamodb import running_dynamodb
from core.adapters.dynamodb.boto import new_boto3_client, through_boto3
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.http.responses import instant
from core.adapters.sqlite.event_store import SqliteEventStore
from core.config import read_settings
from core.ports.event_store import EventStore
from core.ports.events import Envelope, EventCodec, StoredEvent, Unreadable
from tests.reliability.processes.fault_proxy import Weather, fault_proxy
from tests.reliability.processes.history import LoggedEvent
from tests.support.dynamodb import with_credentials


class Opened(NamedTuple):
    """A store: ``environment`` is for the processes, ``log`` returns all events."""

    environment: Mapping[str, str]
    log: Callable[[], list[LoggedEvent]]


def opened_store(
    store: str, folder: Path, environment: Mapping[str, str], weather: Weather
) -> AbstractContextManager[Opened]:
    """Return an empty store for a ``with`` block. ``weather`` is between it and the processes."""
    if store == "sqlite":
        return _sqlite(folder / "books.db", environment)
    return _dynamodb(environment, weather)


@contextmanager
def _sqlite(path: Path, environment: Mapping[str, str]) -> Iterator[Opened]:
    with closing(SqliteEventStore(path, _codec())) as store:
        own = {"STORE": "sqlite", "SQLITE_PATH": str(path)}
        yield Opened({**environment, **own}, lambda: _all_events(store))


@contextmanager
def _dynamodb(environment: Mapping[str, str], weather: Weather) -> Iterator[Opened]:
    plain = {**environment, "STORE": "dynamodb"}
    settings = read_settings(plain)
    with (
        running_dynamodb(settings, plain) as direct,
        fault_proxy(direct["DYNAMODB_ENDPOINT"], weather) as endpoint,
    ):
        with with_credentials():
            client = through_boto3(new_boto3_client(direct["DYNAMODB_ENDPOINT"]))
        store = DynamoDbEventStore(client, settings.events_table, _codec(), time.sleep)
        yield Opened({**direct, "DYNAMODB_ENDPOINT": endpoint}, lambda: _all_events(store))


class _AsStored:
    """Leaves events as they are stored: the history has those of the next version too."""

    def decode(self, name: str, schema_version: int, data: Any) -> Any:
        return StoredEvent(name, schema_version, data)


def _codec() -> EventCodec[Any]:
    return cast("EventCodec[Any]", _AsStored())


def _all_events(store: EventStore[Any]) -> list[LoggedEvent]:
    return [_as_logged(logged) for _, logged in store.read_all()]


def _as_logged(event: Envelope[Any] | Unreadable) -> LoggedEvent:
    assert not isinstance(event, Unreadable), event
    stored: Any = event.event
    return LoggedEvent(
        stream=event.stream,
        version=event.version,
        event_id=event.event_id,
        type=stored.type,
        data=stored.data,
        occurred_at=instant(event.occurred_at),
        correlation_id=event.correlation_id,
    )
