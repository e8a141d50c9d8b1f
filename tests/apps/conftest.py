"""Both services on a fresh store in memory."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from inspect import unwrap
from typing import Any

import pytest

from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.application.queries import QueryHandler
from core.bootstrap import commands, process, projection, queries, stores
from core.domain.manifest import BOOKS
from core.ports.event_store import EventStore
from core.ports.read_model import ReadModel
from tests.support.api import Api, load_app
from tests.support.documented import Documentation, committed
from tests.support.gateway import AUDIENCE, ISSUER, Gateway

ENVIRONMENT = {"STORE": "memory", "JWT_ISSUER": ISSUER, "JWT_AUDIENCE": AUDIENCE}
CACHED = (
    process.settings,
    stores.event_store,
    stores.read_model,
    commands.handler,
    queries.handler,
    commands.actor_key,
    stores.dynamodb_client,
    process.verifier_for,
    process.logger,
    projection._retries,
)
Use = Callable[..., None]
Waiting = Callable[[Callable[[], object]], list[float]]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the tests' settings, and forget the stores of other tests."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield
    _forget()


def _forget() -> None:
    for cached in CACHED:
        cached.cache_clear()


@pytest.fixture(scope="session")
def documentation() -> Documentation:
    """Return the committed OpenAPI document."""
    return Documentation(committed())


@pytest.fixture
def api(environment: None, documentation: Documentation) -> Api:
    """Return both services, loaded as Lambda loads them. Every response must be documented."""
    return Api(Gateway((load_app("command"), load_app("query")), documentation.check))


@pytest.fixture
def use(environment: None, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Replace the stores in memory: ``use(events=..., read_model=...)``."""

    log: MemoryEventStore[Any] = MemoryEventStore()
    views = MemoryReadModel(BOOKS.listing)

    def put(
        events: EventStore[Any] | None = None, read_model: ReadModel[Any] | None = None
    ) -> None:
        monkeypatch.setattr(stores, "event_store", lambda: events or log)
        monkeypatch.setattr(stores, "ordered_log", lambda: log)
        monkeypatch.setattr(stores, "read_model", lambda: read_model or views)
        for part in (commands, queries):
            monkeypatch.setattr(part, "handler", unwrap(part.handler))

    return put


@pytest.fixture
def waiting(api: Api, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    """Return a function that lets time pass only while a query waits, and returns the pauses.

    Its argument is called at each pause.
    """

    def install(meanwhile: Callable[[], object]) -> list[float]:
        pauses: list[float] = []

        def sleep(seconds: float, /) -> None:
            pauses.append(seconds)
            meanwhile()

        handler = QueryHandler(
            BOOKS,
            stores.read_model(),
            stores.event_store,
            clock=lambda: datetime.now(UTC),
            sleep=sleep,
            stopwatch=lambda: sum(pauses),
        )
        monkeypatch.setattr(queries, "handler", lambda: handler)
        return pauses

    return install
