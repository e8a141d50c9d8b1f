"""The command service's client: sends a book, and returns what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import httpx

from apps.importer.cleaning import Book, encode_book, idempotency_key
from apps.importer.outcomes import Outcome, Verdict, Written, failed, rejected
from apps.importer.responses import TEMPORARY, json_object, later, reason_of, unreachable
from apps.importer.retrying import GaveUp, Later, Patience
from apps.local.token import NoToken
from core.ports.clock import Stopwatch

BOOKS = "/v1/catalog/books"

_ROW_IS_REFUSED = frozenset({400, 413, 422})


class Halted(Exception):
    """No row can be imported, whatever it says; the message names the cause and the remedy."""


class Tokens:
    """The access token of all workers: fetched when first needed, and again when it is refused.

    ``fetch`` may raise NoToken. Safe to share between threads; one of them fetches.
    """

    def __init__(self, fetch: Callable[[], str]) -> None:
        self._fetch = fetch
        self._lock = Lock()
        self._token: str | None = None

    def current(self) -> str:
        """Return the token. Raise Halted when none can be obtained."""
        return self.instead_of(None)

    def instead_of(self, refused: str | None) -> str:
        """Return another token than ``refused``, which another worker may have fetched already.

        Raise Halted when none can be obtained.
        """
        with self._lock:
            if self._token is None or self._token == refused:
                try:
                    self._token = self._fetch()
                except NoToken as error:
                    raise Halted(str(error)) from error
            return self._token


@dataclass(frozen=True, slots=True)
class CommandClient:
    """The command service behind ``http``, whose base URL is the service's. For several threads.

    ``stopwatch`` stamps responses.
    """

    http: httpx.Client
    tokens: Tokens
    patience: Patience
    stopwatch: Stopwatch

    def send(self, book: Book) -> Outcome:
        """Add a book, with a bounded number of retries while the service is unavailable.

        Raise Halted where every other row would be refused too.
        """
        body = encode_book(book)
        try:
            return self.patience.until_settled(lambda: self._try(body))
        except GaveUp as error:
            return failed(str(error))

    def _try(self, body: bytes) -> Outcome | Later:
        try:
            response = self._authorized_post(body)
        except httpx.RequestError as error:
            return unreachable(self.http, error)
        return judge(response, self.stopwatch())

    def _authorized_post(self, body: bytes) -> httpx.Response:
        token = self.tokens.current()
        response = self._post(body, token)
        if response.status_code == 401:
            response = self._post(body, self.tokens.instead_of(token))
        return response

    def _post(self, body: bytes, token: str) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key(body),
        }
        return self.http.post(BOOKS, content=body, headers=headers)


def judge(response: httpx.Response, responded_at: float) -> Outcome | Later:
    """Return what the response means for the row.

    Raise Halted for a response that is not a command service's, or that refuses the caller.
    """
    status, problem = response.status_code, json_object(response)
    if status == 201:
        return _stored(response, problem, responded_at)
    # A 409 that names a book is about its ISBN; any other is a conflict, and may end.
    if status in _ROW_IS_REFUSED or (status == 409 and "book_id" in problem):
        return rejected(reason_of(problem, status))
    if status == 409 or status in TEMPORARY:
        return later(response)
    if status == 401:
        raise Halted("the command service refuses the token (401): is its issuer the right one?")
    if status == 403:
        raise Halted("the token lacks the scope books:write (403)")
    raise Halted(f"{response.request.url} returned {status}: is that the command service?")


def _stored(response: httpx.Response, document: dict[str, Any], responded_at: float) -> Outcome:
    book_id, version = document.get("id"), document.get("version")
    if not isinstance(book_id, str) or not isinstance(version, int):
        raise Halted(f"{response.request.url} returned 201 without an id and a version")
    if response.headers.get("Idempotent-Replayed") == "true":
        return Outcome(Verdict.ALREADY_THERE)
    return Outcome(Verdict.ADDED, written=Written(book_id, version, responded_at))
