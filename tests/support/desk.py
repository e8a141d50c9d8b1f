"""A command handler for books on an event store in memory; tests control its clock and ids."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from core.adapters.memory.event_store import MemoryEventStore
from core.application.handling import Accepted, CommandHandler
from core.application.requests import (
    Actor,
    ActorName,
    CommandRequest,
    IdempotencyKey,
    subject_of,
)
from core.domain.book import BookState
from core.domain.commands import AddBook, BookCommand, RemoveBook, ReviseBook
from core.domain.events import BookEvent
from core.domain.manifest import BOOKS
from core.ports.event_store import OrderedEventStore
from core.ports.events import Envelope
from core.ports.json_text import canonical_json
from tests.support.example import EMMA

NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)
ANN = Actor("https://issuer.test", "ann")
BOB = Actor("https://issuer.test", "bob")


def ids(prefix: str = "id") -> Callable[[], str]:
    """Return a function that returns id-1, id-2, ..."""
    numbers = count(1)
    return lambda: f"{prefix}-{next(numbers)}"


@dataclass
class Desk:
    """Sends commands as clients do; ``key`` is an Idempotency-Key."""

    store: OrderedEventStore[Any] = field(default_factory=MemoryEventStore)
    now: datetime = NOON
    new_id: Callable[[], str] = field(default_factory=ids)
    actor_name: ActorName = subject_of

    @property
    def handler(self) -> CommandHandler[BookState, BookCommand, BookEvent]:
        """Return a handler as the composition root makes one for each request."""
        return CommandHandler(
            BOOKS,
            self.store,
            clock=lambda: self.now,
            new_id=self.new_id,
            actor_name=self.actor_name,
        )

    def add(self, book: object = EMMA, key: str | None = None, actor: Actor = ANN) -> Accepted:
        """Add a book."""
        return self.handler.create(AddBook(book), request("AddBook", book, key, actor))

    def revise(
        self,
        book_id: str,
        patch: dict[str, Any],
        key: str | None = None,
        if_match: set[int] | None = None,
        actor: Actor = ANN,
    ) -> Accepted:
        """Revise a book."""
        about = request("ReviseBook", patch, key, actor, if_match)
        return self.handler.handle(book_id, ReviseBook(patch), about)

    def remove(
        self,
        book_id: str,
        key: str | None = None,
        if_match: set[int] | None = None,
        actor: Actor = ANN,
    ) -> Accepted:
        """Remove a book."""
        about = request("RemoveBook", None, key, actor, if_match)
        return self.handler.handle(book_id, RemoveBook(), about)

    def events(self, book_id: str) -> list[Envelope[Any]]:
        """Return the events of a book."""
        return self.store.load(book_id)

    def pass_time(self, seconds: float) -> None:
        """Advance the clock; by negative ``seconds``, set it back."""
        self.now += timedelta(seconds=seconds)


def request(
    kind: str, body: object, key: str | None, actor: Actor = ANN, if_match: set[int] | None = None
) -> CommandRequest:
    """Return what a command carries besides its content, as the HTTP adapter makes it."""
    fingerprint = sha256(kind.encode() + canonical_json(body)).hexdigest()
    return CommandRequest(
        actor=actor,
        correlation_id="correlation-1",
        message_id="message-1",
        key=None if key is None else IdempotencyKey(key, fingerprint),
        if_match=None if if_match is None else frozenset(if_match),
    )
