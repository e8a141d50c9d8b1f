"""A command service in memory that keeps its promises, behind httpx's own ``MockTransport``."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx

from apps.importer.client import CommandClient, Tokens
from apps.importer.retrying import Backoff, Patience

Fault = httpx.Response | Exception
"""What a client gets in place of the response; an exception after the book was written."""

BASE = "http://command.test"


@dataclass
class FakeCatalogue:
    """Adds a book once for each Idempotency-Key. ``fault`` may replace a response."""

    fault: Callable[[], Fault | None] = lambda: None
    books: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.requests.append(request)
            fault = self.fault()
            if isinstance(fault, httpx.Response):
                return fault
            response = self._add(request.headers["Idempotency-Key"], json.loads(request.content))
            if fault is not None:
                raise fault
            return response

    def titles(self) -> Counter[str]:
        return Counter(book["title"] for book in self.books.values())

    def _add(self, key: str, book: dict[str, Any]) -> httpx.Response:
        book_id = str(uuid5(NAMESPACE_URL, key))
        stored = {"id": book_id, "version": 1}
        if book_id in self.books:
            return httpx.Response(201, json=stored, headers={"Idempotent-Replayed": "true"})
        if "authors" not in book:
            errors = [{"pointer": "/authors", "message": "is required"}]
            return httpx.Response(422, json={"title": "Invalid book", "errors": errors})
        for other, held in self.books.items():
            if book.get("isbn", "") == held.get("isbn"):
                detail = f"The ISBN {book['isbn']} belongs to the book {other}."
                return httpx.Response(409, json={"detail": detail, "book_id": other})
        self.books[book_id] = book
        return httpx.Response(201, json=stored)


def command_client(
    service: Callable[[httpx.Request], httpx.Response],
    *,
    fetch_token: Callable[[], str] = lambda: "token",
    pause: Callable[[float], bool] = lambda seconds: False,
    attempts: int = 8,
) -> CommandClient:
    """Return a client of ``service`` that never waits, with its jitter at the maximum."""
    return CommandClient(
        http=httpx.Client(transport=httpx.MockTransport(service), base_url=BASE),
        tokens=Tokens(fetch_token),
        patience=Patience(pause, Backoff(attempts=attempts), jitter=lambda: 1.0),
        stopwatch=lambda: 1.0,
    )
