"""The composition root: the only place that hands the domain to the engine, and chooses adapters.

Nothing is made at import, and only what is asked for is imported, so that a cold start pays for its
own request alone.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, assert_never, cast

from core.config import (
    MESSAGE_SCHEMAS,
    MIN_KEY_CHARACTERS,
    PROJECT_NAME,
    ConfigurationError,
    DynamoDbClient,
    KeptActor,
    Settings,
    Store,
    Tracing,
    read_settings,
)
from core.domain.manifest import BOOKS
from core.ports.ids import uuid_text

if TYPE_CHECKING:
    from chalice_terraform.runtime.authorizer import JWTAuthorizer
    from chalice_terraform.runtime.enforcement import Audience, Verifier
    from core.adapters.dynamodb.client import DynamoDb
    from core.adapters.emf import Embed
    from core.adapters.http.observability import Measure
    from core.adapters.json_logger import JsonLogger
    from core.application.aside import Report, Retries
    from core.application.handling import CommandHandler
    from core.application.messages import Translator
    from core.application.publishing import SetAside
    from core.application.queries import QueryHandler
    from core.application.requests import ActorName, CommandRequest
    from core.application.snapshotting import Keep
    from core.domain.manifest import Command, Details, Event, State
    from core.ports.event_store import EventStore, OrderedEventStore
    from core.ports.events import Codec, Envelope, Unreadable
    from core.ports.messages import Bus
    from core.ports.read_model import ReadModel

E = TypeVar("E")

PROJECTOR: Final = "projector"
_HEARTBEAT: Final = "heartbeat"

_RECORD_MILLISECONDS: Final = 20_000
"""What an invocation of the projector must have left to begin a record: more than a store that does
not respond takes (``core.adapters.dynamodb.client``)."""

_PUBLISHING_ATTEMPTS: Final = 4
"""How often an invocation of the publisher sends what fails."""

_MAX_RETRY_SECONDS: Final = 10.0
"""What retrying the streams that were set aside takes at most of an invocation."""


@cache
def settings() -> Settings:
    """Return the settings of this process. Raises ConfigurationError."""
    return read_settings(os.environ)


@cache
def event_store() -> "EventStore[Event]":
    """Return the store of events that the settings name."""
    return event_store_of(BOOKS.events)


def event_store_of(codec: "Codec[E]") -> "EventStore[E]":
    """Return a store of what ``codec`` makes of events."""
    chosen = settings()
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
    if settings().store is Store.DYNAMODB:
        return None
    return cast("OrderedEventStore[Event]", event_store())


@cache
def read_model() -> "ReadModel[Details]":
    """Return the store of views that the settings name."""
    chosen = settings()
    match chosen.store:
        case Store.SQLITE:
            from core.adapters.sqlite.read_model import SqliteReadModel

            return SqliteReadModel(chosen.sqlite_path, BOOKS.listing)
        case Store.MEMORY:
            from core.adapters.memory.read_model import MemoryReadModel

            return MemoryReadModel(BOOKS.listing)
        case Store.DYNAMODB:
            from core.adapters.dynamodb.parallel import Threads
            from core.adapters.dynamodb.read_model import DynamoDbReadModel

            client, table = dynamodb_client(), chosen.catalogue_table
            return DynamoDbReadModel(client, table, BOOKS, time.sleep, time.monotonic, Threads())
        case _:
            assert_never(chosen.store)


@cache
def dynamodb_client() -> "DynamoDb":
    """Return the client that the settings name."""
    if settings().tracing is Tracing.OFF:
        return _untraced_client()
    from core.adapters.dynamodb.spans import traced
    from core.adapters.dynamodb.xray import XRay

    return traced(_untraced_client(), XRay(os.environ).record, time.time)


def _untraced_client() -> "DynamoDb":
    from core.adapters.dynamodb.connecting import by_boto3, by_either, by_own_client

    environment, endpoint = os.environ, settings().dynamodb_endpoint

    def report(reason: str) -> None:
        if "AWS_LAMBDA_FUNCTION_NAME" in environment:
            logger("dynamodb").warning("DynamoDB by way of boto3", extra={"reason": reason})

    match settings().dynamodb_client:
        case DynamoDbClient.OWN:
            return by_own_client(environment, endpoint)
        case DynamoDbClient.BOTO3:
            return by_boto3(endpoint)
        case DynamoDbClient.AUTO:
            return by_either(environment, endpoint, report)
        case _:
            assert_never(settings().dynamodb_client)


def command_handler() -> "CommandHandler[State, Command, Event]":
    """Return the handler of commands."""
    from core.application.handling import CommandHandler

    return CommandHandler(
        BOOKS, event_store(), _utc_now, _new_id, _log_conflict, actor_name=_actor_name()
    )


def command_outcomes() -> "Measure":
    """Return what measures the outcomes of commands, nothing without a namespace of metrics."""
    if (embed := _embed()) is None:
        from core.adapters.http.observability import no_metrics

        return no_metrics
    from core.adapters.http.command_metrics import outcome_of

    return outcome_of(embed)


def _log_conflict(stream: str, request: "CommandRequest", /) -> None:
    from core.adapters.http.observability import log_conflict

    metrics: Mapping[str, Any] = {}
    if (embed := _embed()) is not None:
        from core.adapters.http.command_metrics import decided_again

        metrics = decided_again(embed)
    log_conflict(logger("command"), stream, request, metrics)


def _embed() -> "Embed | None":
    """Return what embeds metrics in lines of the log, None without a namespace for them."""
    if (namespace := settings().metrics_namespace) is None:
        return None
    from core.adapters.emf import embedder

    return embedder(namespace)


@cache
def _actor_name() -> "ActorName":
    """Return what events keep of their actor. Raises StoreUnavailable when there is no key."""
    from core.application.requests import nobody, subject_of

    match settings().actor:
        case KeptActor.SUBJECT:
            return subject_of
        case KeptActor.DIGEST:
            from core.application.pseudonyms import pseudonym

            return partial(pseudonym, actor_key())
        case KeptActor.NONE:
            return nobody
        case _:
            assert_never(settings().actor)


@cache
def actor_key() -> bytes:
    """Return the key of pseudonyms. Raises StoreUnavailable when it cannot be read."""
    key, parameter = settings().actor_key, settings().actor_key_parameter
    if key is None and parameter is not None:
        from core.adapters.dynamodb.parameters import read_parameter
        from core.ports.errors import StoreUnavailable

        key = read_parameter(parameter, os.environ).strip()  # a file may have ended its line
        if len(key) < MIN_KEY_CHARACTERS:
            raise StoreUnavailable(
                f"parameter {parameter}: the key must have at least {MIN_KEY_CHARACTERS}"
                " characters",
                60,
            )
    return (key or "").encode()


def query_handler() -> "QueryHandler[State, Event, Details]":
    """Return the handler of queries."""
    from core.application.queries import QueryHandler

    return QueryHandler(
        BOOKS,
        read_model(),
        event_store,
        clock=_utc_now,
        sleep=time.sleep,
        stopwatch=time.monotonic,
    )


def project_stream(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Project one invocation's records of the events table's stream; return the failed ones.

    ``context`` is Lambda's, or None where something else invokes the function: then it has all the
    time it needs.
    """
    from core.adapters.stream.projector import project_records

    if _retries().are_due():
        from core.adapters.stream.projector import log_aside

        end = time.monotonic() + _MAX_RETRY_SECONDS
        _retry_aside(log_aside(logger("projector")), lambda: time.monotonic() < end)
    projection = project_records(
        event,
        decoded_image,
        read_model(),
        event_store(),
        BOOKS,
        logger("projector"),
        partial(_has_time, context),
        _keep_snapshot(),
    )
    if (embed := _embed()) is not None:
        from core.adapters.stream.metrics import measured

        about, metrics = {"records": len(event["Records"])}, measured(projection, _utc_now(), embed)
        logger("projector").info("projected", extra=about, metrics=metrics)
    return projection.response()


def decoded_image(image: Mapping[str, Any]) -> "Envelope[Event] | Unreadable | None":
    """Return the event of an image in the events table's stream, None for another item's."""
    from core.adapters.dynamodb.envelopes import is_event, logged_from_item

    return logged_from_item(image, BOOKS.events) if is_event(image) else None


def _has_time(context: Any) -> bool:
    return context is None or context.get_remaining_time_in_millis() >= _RECORD_MILLISECONDS


def publish_stream(
    event: Mapping[str, Any], context: Any, set_aside: "SetAside | None" = None
) -> dict[str, Any]:
    """Publish one invocation's records of the events table's stream; return the failed ones.

    ``context`` is as for ``project_stream``. ``set_aside`` replaces the queue for what cannot be
    sent. Raises ConfigurationError without EVENT_BUS.
    """
    from core.adapters.stream.publisher import pauses, publish_records

    outcome = publish_records(
        event,
        decoded_image,
        translator().messages,
        _event_bus(),
        set_aside or _set_aside(),
        pauses(partial(_has_time, context), time.sleep, _PUBLISHING_ATTEMPTS),
        _utc_now(),
        settings().publisher_wait_seconds,
        logger("publisher"),
    )
    if (embed := _embed()) is not None:
        from core.adapters.stream.publication_metrics import measured

        about = {"records": len(event["Records"])}
        metrics = measured(outcome.done, _utc_now(), embed)
        logger("publisher").info("published", extra=about, metrics=metrics)
    return outcome.response()


def translator() -> "Translator[State, Event, Details]":
    """Return what makes the public messages of events."""
    from core.application.messages import Origin, Translator

    source = settings().event_source or BOOKS.collection
    return Translator(BOOKS, event_store(), Origin(source, MESSAGE_SCHEMAS))


@cache
def _event_bus() -> "Bus":
    from core.adapters.eventbridge.bus import EventBridgeBus
    from core.adapters.eventbridge.clients import new_client

    if not settings().event_bus:
        raise ConfigurationError("EVENT_BUS must be the name of an EventBridge bus")
    return EventBridgeBus(new_client("events"), settings().event_bus, PROJECT_NAME)


@cache
def _set_aside() -> "SetAside":
    from core.adapters.eventbridge.clients import new_client
    from core.adapters.eventbridge.letters import SqsLetters

    return SqsLetters(new_client("sqs"), settings().publisher_failures_url).set_aside


@cache
def _retries() -> "Retries":
    from core.application.aside import Retries

    return Retries(time.monotonic)


def _retry_aside(report: "Report", has_time: Callable[[], bool]) -> None:
    from core.application.aside import retry_aside

    retry_aside(read_model(), event_store(), BOOKS, report, has_time)


def follow_log(report: "Report") -> int:
    """Project what is new in the log and return the number of events (``log.catch_up``).

    When it is due, what was set aside is retried before (``aside.Retries``).

    Raises TypeError for a store whose log has no order.
    """
    from core.application.log import catch_up

    log = ordered_log()
    if log is None:
        raise TypeError(f"the log of STORE={settings().store} has no order to follow")
    if _retries().are_due():
        _retry_aside(report, lambda: True)
    return catch_up(PROJECTOR, read_model(), log, BOOKS, report, _keep_snapshot())


def _keep_snapshot() -> "Keep":
    from core.adapters.stream.projector import log_no_snapshot
    from core.application.snapshotting import keep_snapshot

    return partial(
        keep_snapshot,
        store=event_store(),
        domain=BOOKS,
        report=log_no_snapshot(logger("projector")),
    )


def projection_lag() -> timedelta:
    """Return how far the read model is known to be behind the log.

    Of a DynamoDB on this machine, that is the time since the local projector was last heard of
    (``heard_of_projector``). AWS's own is measured by the projector's metrics instead.
    """
    from core.application.log import lag

    log, now = ordered_log(), _utc_now()
    if log is not None:
        return lag(PROJECTOR, read_model(), log, _utc_now)
    if settings().dynamodb_endpoint is None:
        return timedelta(0)
    heard = read_model().checkpoint(_HEARTBEAT)
    return timedelta(0) if heard is None else max(now - datetime.fromisoformat(heard), timedelta(0))


def heard_of_projector() -> None:
    """Remember that the projector of a local DynamoDB's stream works and has nothing left to do."""
    read_model().save_checkpoint(_HEARTBEAT, _utc_now().isoformat())


def authorizer() -> "JWTAuthorizer":
    """Return the authorizer that routes declare, without scopes: each route names its own."""
    from chalice_terraform.runtime.authorizer import JWTAuthorizer

    return JWTAuthorizer("jwt", settings().jwt_issuer, settings().jwt_audience)


@cache
def verifier_for(issuer: str, audience: "Audience") -> "Verifier":
    """Return the verifier of an issuer's tokens; it keeps the issuer's keys."""
    from chalice_terraform.runtime.enforcement import token_verifier

    return token_verifier(issuer, audience)


@cache
def logger(service: str) -> "JsonLogger":
    """Return the logger of a service: JSON lines on standard output."""
    from core.adapters.json_logger import JsonLogger

    return JsonLogger(service, settings().log_level, sys.stdout, os.environ)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return uuid_text(os.urandom(16), version=4)
