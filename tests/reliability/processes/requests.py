"""The requests of the API, each sent once and recorded with what came of it."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import urlencode
from uuid import uuid4

from tests.reliability.processes.history import Operation, Outcome, digest
from tests.reliability.processes.http_client import Reply, exchange

BOOKS: Final = "/v1/catalog/books"
_METHODS: Final = {"add": "POST", "revise": "PATCH", "remove": "DELETE"}


class Service(NamedTuple):
    """A process that serves HTTP, by its name in the history."""

    name: str
    port: int


class Tokens(Protocol):
    """Where clients get their access tokens."""

    def __call__(self, subject: str, /) -> str:
        """Return a valid token of ``subject`` with all scopes."""


_UNTOUCHED: Final = frozenset({"identity-unavailable", "unreadable-history"})
"""Problems with status 503 after which nothing was written."""

Record = Callable[[Operation], object]


class Command(NamedTuple):
    """A request to change something. Sent again with its key, it is the same command."""

    kind: str
    book: str | None = None
    body: Mapping[str, Any] | None = None
    key: str | None = None
    if_match: int | None = None


@dataclass(frozen=True)
class Api:
    """One client's way to the services: each call is recorded, whatever comes of it."""

    client: str
    tokens: Tokens
    record: Record
    clock: Callable[[], float] = field(default=time.monotonic)

    def command(self, service: Service, command: Command, *, suffix: str = "") -> Operation:
        """Send ``command`` once, with a correlation id of its own."""
        correlation_id = str(uuid4())
        headers = {
            "Authorization": f"Bearer {self.tokens(self.client)}",
            "X-Correlation-Id": correlation_id,
            **({"Idempotency-Key": command.key} if command.key else {}),
            **({"If-Match": f'"{command.if_match}"'} if command.if_match else {}),
            **({"Content-Type": "application/json"} if command.body is not None else {}),
        }
        body = None if command.body is None else json.dumps(command.body).encode()
        path = BOOKS if command.book is None else f"{BOOKS}/{command.book}"
        request = {
            **command._asdict(),
            "subject": self.client,
            "correlation_id": correlation_id,
        }
        del request["kind"]
        return self._send(
            service,
            command.kind,
            request,
            lambda: exchange(service.port, _METHODS[command.kind], path, headers, body),
            _command_response,
            suffix,
        )

    def get(
        self, service: Service, book: str, min_version: int = 0, if_none_match: int = 0
    ) -> Operation:
        """Read a book's view."""
        query = f"?min_version={min_version}" if min_version else ""
        headers = {"If-None-Match": f'"{if_none_match}"'} if if_none_match else {}
        request = {"book": book, "min_version": min_version, "if_none_match": if_none_match}
        return self._send(
            service,
            "get",
            request,
            lambda: exchange(service.port, "GET", f"{BOOKS}/{book}{query}", headers),
            _view_response,
        )

    def as_of(self, service: Service, book: str, instant: str) -> Operation:
        """Read a book as it was at ``instant``."""
        query = urlencode({"as_of": instant})
        return self._send(
            service,
            "as_of",
            {"book": book, "instant": instant},
            lambda: exchange(
                service.port, "GET", f"{BOOKS}/{book}/history?{query}", self._auditor()
            ),
            _view_response,
        )

    def history(self, service: Service, book: str, walk: str, limit: int) -> list[Operation]:
        """Read a book's events, page by page to the end."""
        return self._pages(
            service,
            "history",
            {"walk": walk, "book": book},
            f"{BOOKS}/{book}/history",
            {"limit": str(limit)},
            _history_response,
        )

    def walk(self, service: Service, walk: str, parameters: Mapping[str, str]) -> list[Operation]:
        """Read a listing, page by page to the end."""
        return self._pages(
            service,
            "page",
            {"walk": walk, "parameters": dict(parameters)},
            BOOKS,
            parameters,
            _page_response,
        )

    def _pages(
        self,
        service: Service,
        kind: str,
        request: Mapping[str, Any],
        path: str,
        parameters: Mapping[str, str],
        response: Callable[[Reply], Mapping[str, Any]],
    ) -> list[Operation]:
        pages: list[Operation] = []
        cursor: list[str] = []

        def send() -> Reply:
            query = urlencode({**parameters, **({"cursor": cursor[-1]} if cursor else {})})
            reply = exchange(service.port, "GET", f"{path}?{query}", self._auditor())
            if reply.status == 200 and "next" in reply.body:
                cursor.append(reply.body["next"])
            return reply

        while True:
            numbered = {**request, "number": len(pages)}
            page = self._send(service, kind, numbered, send, response)
            pages.append(page)
            if page.outcome is not Outcome.OK or not page.response["more"]:
                return pages

    def _auditor(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens(self.client)}"}

    def _send(
        self,
        service: Service,
        kind: str,
        request: Mapping[str, Any],
        send: Callable[[], Reply],
        response: Callable[[Reply], Mapping[str, Any]],
        suffix: str = "",
    ) -> Operation:
        invoked = self.clock()
        reply = send()
        operation = Operation(
            client=self.client + suffix,
            process=service.name,
            kind=kind,
            request=request,
            invoked=invoked,
            completed=self.clock(),
            outcome=outcome_of(reply),
            status=reply.status,
            response=response(reply) if reply.status in (200, 201, 304) else _problem(reply),
        )
        self.record(operation)
        return operation


def outcome_of(reply: Reply) -> Outcome:
    """Return what the client knows after ``reply``: a 503 of the store says nothing of a write."""
    if not reply.sent:
        return Outcome.UNSENT
    if reply.status in (200, 201, 304):
        return Outcome.OK
    if 400 <= reply.status < 500 or _problem(reply).get("type") in _UNTOUCHED:
        return Outcome.REFUSED
    return Outcome.UNKNOWN


def _problem(reply: Reply) -> dict[str, Any]:
    if not isinstance(reply.body, dict):
        return {}
    wanted = ("type", "detail", "book_id", "isbn", "version")
    problem = {name: reply.body[name] for name in wanted if name in reply.body}
    return problem | {"type": str(problem.get("type", "")).rpartition("/")[2]}


def _command_response(reply: Reply) -> Mapping[str, Any]:
    return {
        "id": reply.body["id"],
        "version": reply.body["version"],
        "etag": reply.headers.get("etag"),
        "replayed": reply.headers.get("idempotent-replayed") == "true",
    }


def _view_response(reply: Reply) -> Mapping[str, Any]:
    return reply.body if reply.status == 200 else {"etag": reply.headers.get("etag")}


def _page_response(reply: Reply) -> Mapping[str, Any]:
    items = [[item["id"], item["version"], digest(item)] for item in reply.body["items"]]
    return {"items": items, "more": "next" in reply.body}


def _history_response(reply: Reply) -> Mapping[str, Any]:
    events = [[event["version"], event["event_id"]] for event in reply.body["items"]]
    return {"events": events, "more": "next" in reply.body}
