"""The stores that the settings name."""

import os
import time
from functools import cache
from typing import TYPE_CHECKING, TypeVar, assert_never, cast

from core.bootstrap import process
from core.bootstrap.domain import DOMAIN
from core.config import DynamoDbClient, Store, Tracing

if TYPE_CHECKING:
    from core.adapters.dynamodb.client import DynamoDb
    from core.domain.manifest import Details, Event
    from core.ports.event_store import EventStore, OrderedEventStore
    from core.ports.events import Codec
    from core.ports.read_model import ReadModel

E = TypeVar("E")


@cache
def event_store() -> "EventStore[Event]":
    """Return the store of events."""
    return event_store_of(DOMAIN.events)


def event_store_of(codec: "Codec[E]") -> "EventStore[E]":
    """Return a store of what ``codec`` makes of events."""
    chosen = process.settings()
    match chosen.store:
        case Store.SQLITE:
            from core.adapters.sqlite.event_store import SqliteEventStore

            return SqliteEventStore(chosen.sqlite_path, codec)
        case Store.MEMORY:
            from core.adapters.memory.event_store import MemoryEventStore

            return MemoryEventStore()
        case Store.DYNAMODB:
            from core.adapters.dynamodb.event_store import DynamoDbEventStore

            table = chosen.events_table
            return DynamoDbEventStore(dynamodb_client(), table, codec, time.sleep)
        case _:
            assert_never(chosen.store)


def ordered_log() -> "OrderedEventStore[Event] | None":
    """Return ``event_store()`` once more where its log has an order to follow, else None.

    DynamoDB's is followed through the table's stream.
    """
    if process.settings().store is Store.DYNAMODB:
        return None
    return cast("OrderedEventStore[Event]", event_store())


@cache
def read_model() -> "ReadModel[Details]":
    """Return the store of views."""
    chosen = process.settings()
    match chosen.store:
        case Store.SQLITE:
            from core.adapters.sqlite.read_model import SqliteReadModel

            return SqliteReadModel(chosen.sqlite_path, DOMAIN.listing)
        case Store.MEMORY:
            from core.adapters.memory.read_model import MemoryReadModel

            return MemoryReadModel(DOMAIN.listing)
        case Store.DYNAMODB:
            from core.adapters.dynamodb.parallel import Threads
            from core.adapters.dynamodb.read_model import DynamoDbReadModel

            client, table = dynamodb_client(), chosen.catalogue_table
            return DynamoDbReadModel(client, table, DOMAIN, time.sleep, time.monotonic, Threads())
        case _:
            assert_never(chosen.store)


@cache
def dynamodb_client() -> "DynamoDb":
    """Return the client of DynamoDB, traced if the settings say so."""
    if process.settings().tracing is Tracing.OFF:
        return _untraced_client()
    from core.adapters.dynamodb.spans import traced
    from core.adapters.dynamodb.xray import XRay

    return traced(_untraced_client(), XRay(os.environ).record, time.time)


def _untraced_client() -> "DynamoDb":
    from core.adapters.dynamodb.connecting import by_boto3, by_either, by_own_client

    environment, chosen = os.environ, process.settings()
    endpoint = chosen.dynamodb_endpoint

    def report(reason: str) -> None:
        if "AWS_LAMBDA_FUNCTION_NAME" in environment:
            process.logger("dynamodb").warning("DynamoDB by way of boto3", extra={"reason": reason})

    match chosen.dynamodb_client:
        case DynamoDbClient.OWN:
            return by_own_client(environment, endpoint)
        case DynamoDbClient.BOTO3:
            return by_boto3(endpoint)
        case DynamoDbClient.AUTO:
            return by_either(environment, endpoint, report)
        case _:
            assert_never(chosen.dynamodb_client)
