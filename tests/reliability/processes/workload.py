"""The clients: what they send, drawn from a seed, while faults go on."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, Protocol
from uuid import uuid4

from tests.reliability.processes.books import new_book, some_isbn, some_listing, some_patch
from tests.reliability.processes.history import Operation, Outcome
from tests.reliability.processes.requests import Api, Command, Service

_RECENT: Final = 12
_KEPT: Final = 400
_UNSENT_PAUSE_SECONDS: Final = 0.2


class Services(Protocol):
    """The running processes, as clients find them."""

    def command_services(self) -> list[Service]:
        """Return the processes of the command service."""

    def query_services(self) -> list[Service]:
        """Return the processes of the query service."""

    def knows_series(self, service: Service) -> bool:
        """Return whether a process is of the next version of the code."""


@dataclass
class Board:
    """What the clients know together: the books, and the newest version that was acknowledged."""

    books: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT))
    removed: deque[str] = field(default_factory=lambda: deque(maxlen=_RECENT))
    versions: dict[str, int] = field(default_factory=dict)

    def note(self, operation: Operation) -> None:
        """Remember what a successful command returned."""
        book, version = operation.response["id"], operation.response["version"]
        if operation.kind == "add" and book not in self.versions:
            self.books.append(book)
        self.versions[book] = max(version, self.versions.get(book, 0))
        if operation.kind == "remove":
            self.removed.append(book)
            with suppress(ValueError):
                self.books.remove(book)

    def some_book(self, rng: Random) -> str | None:
        """Return a book, most often a recent one, which others change too, seldom a removed one."""
        books, removed = list(self.books), list(self.removed)
        if removed and rng.random() < 0.05:
            return rng.choice(removed)
        if not books:
            return None
        return rng.choice(books[-_RECENT:] if rng.random() < 0.7 else books)


class Client:
    """One client, which sends one request after the other, and now and then the same at once."""

    def __init__(self, api: Api, rng: Random, services: Services, board: Board) -> None:
        self._api = api
        self._rng = rng
        self._services = services
        self._board = board
        self._sent: list[tuple[Command, Outcome]] = []
        self._moments: dict[str, str] = {}
        self._actions: tuple[tuple[float, Callable[[], None]], ...] = (
            (14, self._add),
            (22, self._revise),
            (4, self._remove),
            (3, self._move_isbn),
            (8, self._repeat_late),
            (2, self._reuse_a_key),
            (26, self._read),
            (7, self._walk),
            (3, self._history),
            (3, self._as_of),
        )

    def run(self, goes_on: Callable[[], bool]) -> None:
        """Send requests as long as ``goes_on`` says so."""
        weights, actions = zip(*self._actions, strict=True)
        with ThreadPoolExecutor(1) as self._twin:
            while goes_on():
                self._rng.choices(actions, weights)[0]()

    def _add(self) -> None:
        service = self._command_service()
        newer = self._services.knows_series(service) and self._rng.random() < 0.5
        self._send(service, Command("add", None, new_book(self._rng, newer=newer), self._key()))

    def _revise(self) -> None:
        if book := self._board.some_book(self._rng):
            service = self._command_service()
            newer = self._services.knows_series(service) and self._rng.random() < 0.5
            patch = some_patch(self._rng, newer=newer)
            self._send(service, Command("revise", book, patch, self._key(), self._match(book)))

    def _remove(self) -> None:
        if book := self._board.some_book(self._rng):
            service = self._command_service()
            self._send(service, Command("remove", book, None, self._key(), self._match(book)))

    def _move_isbn(self) -> None:
        """Give an ISBN from one book to another, and try to take it too early."""
        giver, taker = self._board.some_book(self._rng), self._board.some_book(self._rng)
        if giver and taker:
            isbn = some_isbn(self._rng)
            for book, value in ((giver, isbn), (taker, isbn), (giver, None), (taker, isbn)):
                command = Command("revise", book, {"isbn": value}, self._key())
                self._send(self._command_service(), command)

    def _repeat_late(self) -> None:
        """Send a command with a key again, most often one whose outcome is not known."""
        keyed = [(command, outcome) for command, outcome in self._sent if command.key]
        open_ones = [c for c, outcome in keyed[-50:] if outcome is not Outcome.OK]
        if keyed:
            choose_open = open_ones and self._rng.random() < 0.6
            command = self._rng.choice(open_ones if choose_open else [c for c, _ in keyed])
            self._send(self._command_service(), command)

    def _reuse_a_key(self) -> None:
        """Send another request with a key that was used."""
        used = [c for c, outcome in self._sent if c.key and outcome is Outcome.OK]
        if used:
            command = self._rng.choice(used)
            other = {"title": f"Reused {self._rng.randrange(10**6)}", "authors": ["Nobody"]}
            self._api.command(
                self._command_service(),
                command._replace(body=other, kind="revise" if command.book else "add"),
            )

    def _read(self) -> None:
        if book := self._board.some_book(self._rng):
            known = self._board.versions.get(book, 0)
            service = self._query_service()
            match self._rng.randrange(5):
                case 0 | 1:
                    self._api.get(service, book, min_version=known)
                case 2:
                    self._api.get(service, book, if_none_match=known)
                case _:
                    read = self._api.get(service, book)
                    if read.status == 200:
                        self._moments[book] = read.response["revised_at"]

    def _walk(self) -> None:
        self._api.walk(self._query_service(), str(uuid4()), some_listing(self._rng))

    def _history(self) -> None:
        if book := self._board.some_book(self._rng):
            limit = self._rng.choice((1, 3, 100))
            self._api.history(self._query_service(), book, str(uuid4()), limit)

    def _as_of(self) -> None:
        if book := self._board.some_book(self._rng):
            about_now = datetime.now(UTC) - timedelta(seconds=self._rng.expovariate(1 / 3) - 1)
            exact = self._moments.get(book) if self._rng.random() < 0.5 else None
            self._api.as_of(self._query_service(), book, exact or about_now.isoformat())

    def _send(self, service: Service, command: Command) -> None:
        """Send a command, now and then twice at once, and repeat it if nothing is known of it."""
        twin = None
        if command.key and self._rng.random() < 0.15:
            other = self._command_service()
            twin = self._twin.submit(self._api.command, other, command, suffix="/twin")
        operation = self._api.command(service, command)
        outcomes = [operation] + ([twin.result()] if twin else [])
        for done in outcomes:
            self._sent.append((command, done.outcome))
            if done.outcome is Outcome.OK:
                self._board.note(done)
            if done.outcome is Outcome.UNSENT:
                time.sleep(_UNSENT_PAUSE_SECONDS)  # it is being started again
        unknown = operation.outcome in (Outcome.UNKNOWN, Outcome.UNSENT)
        if command.key and unknown and self._rng.random() < 0.7:
            self._send(self._command_service(), command)

    def _command_service(self) -> Service:
        return self._rng.choice(self._services.command_services())

    def _query_service(self) -> Service:
        return self._rng.choice(self._services.query_services())

    def _key(self) -> str | None:
        return f"key-{self._rng.randrange(10**12)}" if self._rng.random() < 0.8 else None

    def _match(self, book: str) -> int | None:
        known = self._board.versions.get(book, 1)
        match self._rng.randrange(6):
            case 0 | 1:
                return known
            case 2:
                return max(1, known - 1)
            case _:
                return None
