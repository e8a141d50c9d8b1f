"""The processes of the system: the program's own code over a client of the simulated network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from core.adapters.dynamodb.envelopes import is_event, logged_from_item
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.adapters.json_logger import JsonLogger
from core.adapters.stream import projector
from core.application import aside, log, snapshotting
from core.application.handling import CommandHandler
from core.application.queries import QueryHandler
from core.ports.domain import Domain
from tests.reliability.simulation.badges import Badge, Command, State
from tests.reliability.simulation.ledger import CATALOGUE, EVENTS
from tests.reliability.simulation.network import Client
from tests.reliability.simulation.world import World

EPOCH: Final = datetime(2024, 5, 17, 12, tzinfo=UTC)
INVOCATION_SECONDS: Final = 60.0
"""How long an invocation of the projector may take."""

RECORD_SECONDS: Final = 20.0
"""What an invocation must have left to begin a record."""

RETRY_SECONDS: Final = 10.0
"""What retrying the streams that were set aside takes at most of an invocation."""

AnyDomain = Domain[State, Command, Any, Badge]


class _Silence:
    """A logger that says nothing."""

    def warning(self, *_: object, **__: object) -> None:
        """Say nothing."""

    error = warning


SILENCE: Final = cast("JsonLogger", _Silence())


@dataclass(slots=True)
class Process:
    """A process with stores, a version of the domain and a clock of its own.

    ``ahead`` is how many seconds its clock is wrong by.
    """

    world: World
    domain: AnyDomain
    client: Client
    ahead: float = 0.0
    store: DynamoDbEventStore[Any] = field(init=False)
    read_model: DynamoDbReadModel[Badge] = field(init=False)
    _retries: aside.Retries = field(init=False)

    def __post_init__(self) -> None:
        sleep, client = self.world.sleep, cast("Any", self.client)
        self.store = DynamoDbEventStore(client, EVENTS, self.domain.events, sleep)
        self.read_model = DynamoDbReadModel(
            client, CATALOGUE, self.domain, sleep, lambda: self.world.now
        )
        self._retries = aside.Retries(lambda: self.world.now)

    def clock(self) -> datetime:
        """Return the time on this process's clock."""
        return EPOCH + timedelta(seconds=self.world.now + self.ahead)

    def commands(self) -> CommandHandler[State, Command, Any]:
        """Return its handler of commands."""
        return CommandHandler(self.domain, self.store, self.clock, self.world.new_id)

    def queries(self) -> QueryHandler[State, Any, Badge]:
        """Return its handler of queries."""
        return QueryHandler(
            self.domain,
            self.read_model,
            lambda: self.store,
            self.clock,
            self.world.sleep,
            lambda: self.world.now,
        )

    def project(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Project an invocation's records, as ``core.bootstrap.projection`` does."""
        end = self.world.now + INVOCATION_SECONDS

        def has_time() -> bool:
            return self.world.now < end - RECORD_SECONDS

        if self._retries.are_due():
            end_of_retries = self.world.now + RETRY_SECONDS
            aside.retry_aside(
                self.read_model,
                self.store,
                self.domain,
                _ignore,
                lambda: self.world.now < end_of_retries,
            )
        projection = projector.project_records(
            event,
            self._decode,
            self.read_model,
            self.store,
            self.domain,
            SILENCE,
            has_time,
            self._keep_snapshot,
        )
        return projection.response()

    def _keep_snapshot(self, logged: Any) -> None:
        snapshotting.keep_snapshot(logged, self.store, self.domain, _ignore)

    def rebuild(self) -> int:
        """Rebuild the read model."""
        return log.rebuild(self.read_model, self.store, self.domain, _ignore, _ignore)

    def _decode(self, image: Mapping[str, Any]) -> Any:
        return logged_from_item(image, self.domain.events) if is_event(image) else None


class Supervised:
    """A process that is replaced when it has died, or by another release."""

    def __init__(self, new: Callable[[], Process]) -> None:
        self._new = new
        self._process = new()

    def current(self) -> Process:
        """Return the process that lives."""
        return self._process

    def replace(self) -> None:
        """Start another in its place."""
        self._process = self._new()


def _ignore(*_: object) -> None:
    """Report to nobody."""
