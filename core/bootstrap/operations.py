"""What operators do to the stores; no request needs it."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, assert_never, cast

from core.bootstrap import commands, process, projection, stores
from core.bootstrap.domain import DOMAIN
from core.config import Store

if TYPE_CHECKING:
    from core.adapters.memory.event_store import MemoryEventStore
    from core.adapters.sqlite.event_store import SqliteEventStore
    from core.application.aside import Report
    from core.application.log import Progress
    from core.application.reprojecting import Reprojected
    from core.domain.manifest import Event
    from core.ports.erasure import ActorErasure, Erased
    from core.ports.event_store import EventStore
    from core.ports.events import StoredEvent
    from core.ports.figures import Figures


@cache
def stored_events() -> "EventStore[StoredEvent]":
    """Return the event store, with events as they are stored: for copies of the log."""
    from core.ports.events import AsStored

    return stores.event_store_of(AsStored())


def batch_of_stored_events() -> AbstractContextManager[object]:
    """Begin what the thread appends to ``stored_events()`` in one transaction, where it can be."""
    if process.settings().store is not Store.SQLITE:
        return nullcontext()
    return cast("SqliteEventStore[StoredEvent]", stored_events()).batch()


def erase_actor(subject: str, issuer: str) -> "Iterator[Erased]":
    """Erase a subject from the log (``ActorErasure.erase``): with a key, its pseudonym too.

    Raises StoreUnavailable.
    """
    from core.application.requests import Actor

    actors = {subject}
    if process.settings().actor_key or process.settings().actor_key_parameter:
        from core.application.pseudonyms import pseudonym

        actors.add(pseudonym(commands.actor_key(), Actor(issuer, subject)))
    return _actor_erasure().erase(sorted(actors))


def _actor_erasure() -> "ActorErasure":
    chosen = process.settings()
    match chosen.store:
        case Store.SQLITE:
            from core.adapters.sqlite.erasure import SqliteActorErasure

            return SqliteActorErasure(chosen.sqlite_path)
        case Store.MEMORY:
            from core.adapters.memory.erasure import MemoryActorErasure

            return MemoryActorErasure(cast("MemoryEventStore[Event]", stores.event_store()))
        case Store.DYNAMODB:
            from core.adapters.dynamodb.erasure import DynamoDbActorErasure
            from core.adapters.dynamodb.parallel import Threads

            client, table = stores.dynamodb_client(), chosen.events_table
            return DynamoDbActorErasure(client, table, time.sleep, Threads())
        case _:
            assert_never(chosen.store)


def figures() -> "Figures":
    """Return how much the stores have."""
    chosen = process.settings()
    match chosen.store:
        case Store.SQLITE:
            from core.adapters.sqlite.figures import read_figures as figures_of_file

            return figures_of_file(chosen.sqlite_path, projection.PROJECTOR)
        case Store.DYNAMODB:
            from core.adapters.dynamodb.boto import new_boto3_client
            from core.adapters.dynamodb.figures import read_figures as figures_of_tables

            boto3 = new_boto3_client(chosen.dynamodb_endpoint)
            tables = (chosen.events_table, chosen.catalogue_table)
            return figures_of_tables(stores.dynamodb_client(), boto3, *tables)
        case Store.MEMORY:
            raise TypeError("nobody counts what is in memory")
        case _:
            assert_never(chosen.store)


def rebuild_read_model(report: "Report", progress: "Progress") -> int:
    """Rebuild the read model and return the number of events (``log.rebuild``)."""
    from core.application.log import rebuild

    return rebuild(stores.read_model(), stores.event_store(), DOMAIN, report, progress)


def reproject(stream: str) -> "Reprojected":
    """Bring the views of a stream up to the log (``reprojecting.reproject``)."""
    from core.application.reprojecting import reproject as reproject_stream

    return reproject_stream(stream, stores.read_model(), stores.event_store(), DOMAIN)
