"""Command handling: load, decide, append with the expected version.

Idempotency comes out of the log. The events of a command that carries a key remember it and the digest of its
request; a repeat finds them, before any precondition and any rule, and gets the first answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.application.errors import IsbnTaken, KeyReused, LastingConflict, PreconditionFailed
from core.application.requests import CommandRequest
from core.domain.book import Book, BookState, isbn_of
from core.domain.commands import AddBook, BookCommand, RemoveBook, ReviseBook
from core.domain.decider import decide, fold_events
from core.domain.errors import InvalidBook
from core.domain.events import BookEvent, BookRevised
from core.domain.rules import parse_details
from core.ports.clock import Clock, NewId
from core.ports.event_store import Claims, ClaimTaken, Envelope, EventStore, VersionConflict

ATTEMPTS = 10
"""How often a command without a precondition is decided again when others are faster."""

_ISBN_CLAIM = "isbn:"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command that was obeyed: now, or, when ``replayed``, by an earlier request of the same key."""

    book_id: str
    version: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CommandHandler:
    """Handles the commands of the catalogue.

    Every method may raise StoreUnavailable; with a key, the request may then be repeated.
    """

    store: EventStore
    clock: Clock
    new_id: NewId

    def add_book(self, payload: object, request: CommandRequest) -> Accepted:
        """Add the book that ``payload``, parsed JSON, describes.

        Raises InvalidBook, IsbnTaken or KeyReused. A new book costs one write and no read.
        """
        book_id = request.book_id(self.new_id())
        try:
            command = AddBook(book_id, parse_details(payload))
        except InvalidBook:
            if request.key and (first := _first_answer(self.store.load(book_id), request)):
                return first
            raise
        return self._handle(command, request, history=[])

    def revise_book(
        self, book_id: str, patch: Mapping[str, object], request: CommandRequest
    ) -> Accepted:
        """Change a book by a JSON Merge Patch (RFC 7396).

        Raises BookNotFound, InvalidBook, PreconditionFailed, IsbnTaken, KeyReused or LastingConflict.
        """
        return self._handle(ReviseBook(book_id, patch), request, self.store.load(book_id))

    def remove_book(self, book_id: str, request: CommandRequest) -> Accepted:
        """Take a book out of the catalogue; its ISBN is free again.

        Raises BookNotFound, PreconditionFailed, KeyReused or LastingConflict.
        """
        return self._handle(RemoveBook(book_id), request, self.store.load(book_id))

    def _handle(
        self, command: BookCommand, request: CommandRequest, history: list[Envelope]
    ) -> Accepted:
        for _ in range(ATTEMPTS):
            if (first := _first_answer(history, request)) is not None:
                return first
            version = len(history)
            state = fold_events(envelope.event for envelope in history)
            events = _obey(state, command, request, version)
            if not events:
                return Accepted(command.book_id, version)
            claims = _claims(state, fold_events(events, state))
            try:
                self.store.append(
                    command.book_id, version, self._seal(history, events, command, request), claims
                )
            except VersionConflict:
                history = self.store.load(command.book_id)
            except ClaimTaken as taken:
                # The same request at the same time was faster: the book that holds the ISBN is the one it made.
                if taken.owner != command.book_id:
                    raise IsbnTaken(taken.name.removeprefix(_ISBN_CLAIM), taken.owner) from taken
                history = self.store.load(command.book_id)
            else:
                return Accepted(command.book_id, version + len(events))
        raise LastingConflict

    def _seal(
        self,
        history: Sequence[Envelope],
        events: list[BookEvent],
        command: BookCommand,
        request: CommandRequest,
    ) -> list[Envelope]:
        occurred_at = _not_before(history, self.clock())
        return [
            Envelope(
                stream=command.book_id,
                version=version,
                event_id=self.new_id(),
                event=event,
                occurred_at=occurred_at,
                actor=request.actor.subject,
                correlation_id=request.correlation_id,
                causation_id=request.message_id,
                command_id=request.command_id,
                fingerprint=request.key.fingerprint if request.key else None,
            )
            for version, event in enumerate(events, len(history) + 1)
        ]


def _first_answer(history: Sequence[Envelope], request: CommandRequest) -> Accepted | None:
    """Return the answer that an earlier request of the same key got. Raises KeyReused where it was another request."""
    own = [e for e in history if e.command_id is not None and e.command_id == request.command_id]
    if not own or request.key is None:
        return None
    if own[-1].fingerprint != request.key.fingerprint:
        raise KeyReused
    return Accepted(own[-1].stream, own[-1].version, replayed=True)


def _obey(
    state: BookState, command: BookCommand, request: CommandRequest, version: int
) -> list[BookEvent]:
    if isinstance(state, Book) and request.if_match is not None and version not in request.if_match:
        raise PreconditionFailed(version)
    events = decide(state, command)
    # A command that changes nothing is remembered all the same, or its late repeat would undo another's work.
    return events or ([BookRevised(changes={})] if request.key else [])


def _claims(before: BookState, after: BookState) -> Claims:
    held, wanted = _isbn_claim(before), _isbn_claim(after)
    return Claims(take=wanted - held, release=held - wanted)


def _isbn_claim(state: BookState) -> frozenset[str]:
    isbn = isbn_of(state)
    return frozenset() if isbn is None else frozenset({_ISBN_CLAIM + isbn})


def _not_before(history: Sequence[Envelope], now: datetime) -> datetime:
    # Clocks of different machines differ; within a stream, time does not go back, so that ``as_of`` means something.
    return max([now, *(envelope.occurred_at for envelope in history[-1:])])
