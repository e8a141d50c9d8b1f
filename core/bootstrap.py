"""The composition root: the only place that chooses adapters, from the environment.

Nothing is made at import, and only what is asked for is imported, so that a cold start pays for its own request alone.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, assert_never, cast
from uuid import uuid4

from core.config import Settings, Store, read_settings

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

    from core.adapters.http.authorization import JwtAuthorizer, Verifier
    from core.application.commands import CommandHandler
    from core.application.queries import QueryHandler
    from core.ports.event_store import Envelope, EventStore, OrderedEventStore
    from core.ports.read_model import ReadModel


@cache
def settings() -> Settings:
    """Return the settings of this process. Raises ConfigurationError."""
    return read_settings(os.environ)


@dataclass(frozen=True, slots=True)
class Stores:
    """Where this process keeps events and views."""

    events: "EventStore"
    read_model: "ReadModel"


@cache
def stores() -> Stores:
    """Return the stores that the settings name."""
    chosen = settings()
    match chosen.store:
        case Store.SQLITE:
            from core.adapters.sqlite.event_store import SqliteEventStore
            from core.adapters.sqlite.read_model import SqliteReadModel

            return Stores(SqliteEventStore(chosen.sqlite_path), SqliteReadModel(chosen.sqlite_path))
        case Store.MEMORY:
            from core.adapters.memory.event_store import MemoryEventStore
            from core.adapters.memory.read_model import MemoryReadModel

            return Stores(MemoryEventStore(), MemoryReadModel())
        case Store.DYNAMODB:
            from core.adapters.dynamodb.client import new_client
            from core.adapters.dynamodb.event_store import DynamoDbEventStore
            from core.adapters.dynamodb.read_model import DynamoDbReadModel

            client = new_client(chosen.dynamodb_endpoint)
            return Stores(
                DynamoDbEventStore(client, chosen.events_table, time.sleep),
                DynamoDbReadModel(client, chosen.catalogue_table, time.sleep, time.monotonic),
            )
        case _:
            assert_never(chosen.store)


def ordered_events() -> "OrderedEventStore":
    """Return the event store where its log can be followed; in DynamoDB the table's stream takes the place of that."""
    events = stores().events
    if not hasattr(events, "follow"):
        raise TypeError(f"the log of STORE={settings().store} has no order to follow")
    return cast("OrderedEventStore", events)


def command_handler() -> "CommandHandler":
    """Return what obeys commands."""
    from core.application.commands import CommandHandler

    return CommandHandler(stores().events, clock=_utc_now, new_id=_new_id)


def query_handler() -> "QueryHandler":
    """Return what answers queries."""
    from core.application.queries import QueryHandler

    return QueryHandler(
        stores().read_model, stores().events, sleep=time.sleep, stopwatch=time.monotonic
    )


def project_stream(event: Mapping[str, Any]) -> dict[str, Any]:
    """Project the records of one invocation by the events table's stream; return those that failed."""
    from core.adapters.dynamodb.envelopes import envelope_from_item, is_event
    from core.adapters.stream.projector import project_records

    def decode(image: Mapping[str, Any]) -> "Envelope | None":
        return envelope_from_item(image) if is_event(image) else None

    both = stores()
    return project_records(event, decode, both.read_model, both.events, logger("projector"))


def authorizer() -> "JwtAuthorizer":
    """Return the authorizer that routes declare, without scopes: each route names its own."""
    from core.adapters.http.authorization import JwtAuthorizer

    return JwtAuthorizer("jwt", settings().jwt_issuer, settings().jwt_audience)


@cache
def verifier_for(issuer: str, audience: tuple[str, ...]) -> "Verifier":
    """Return the verifier of an issuer's tokens; it keeps the issuer's keys."""
    from core.adapters.http.issuer_keys import fetch_document
    from core.adapters.http.tokens import TokenVerifier

    return TokenVerifier(issuer, audience, fetch=fetch_document, clock=time.time)


@cache
def logger(service: str) -> "Logger":
    """Return the logger of a service: JSON lines on standard output."""
    from aws_lambda_powertools import Logger

    return Logger(service=service, level=settings().log_level)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid4())
