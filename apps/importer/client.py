"""Sends a book to the command service, and tells what became of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import httpx

from apps.importer.cleaning import Book, encode_book, idempotency_key
from apps.importer.outcomes import Outcome, Verdict, Written, failed, rejected
from apps.importer.retrying import Backoff, wait_asked_for
from apps.local.token import NoToken

BOOKS = "/v1/catalog/books"

Clock = Callable[[], float]
"""A monotonic time in seconds."""

_ROW_IS_REFUSED = frozenset({400, 413, 422})


class Halted(Exception):
    """No row can go in, whatever it says; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Later:
    """The service could not answer now. `wait` is what its Retry-After asks for, in seconds."""

    reason: str
    wait: float = 0.0


class Tokens:
    """The access token of all workers: fetched when first needed, and again when it is refused.

    `fetch` raises NoToken. Safe to share between threads; one of them fetches.
    """

    def __init__(self, fetch: Callable[[], str]) -> None:
        self._fetch = fetch
        self._lock = Lock()
        self._token: str | None = None

    def current(self) -> str:
        """Return the token. Raises Halted when there is none to be had."""
        return self.instead_of(None)

    def instead_of(self, refused: str | None) -> str:
        """Return another token than `refused`, which may have been fetched for another worker."""
        with self._lock:
            if self._token is None or self._token == refused:
                try:
                    self._token = self._fetch()
                except NoToken as error:
                    raise Halted(str(error)) from error
            return self._token


@dataclass(frozen=True, slots=True)
class CommandClient:
    """The command service behind `http`, whose base URL is the service's. For several threads.

    `pause` waits some seconds and returns True when the import is to stop. `clock` stamps answers;
    `jitter` draws from 0 to 1.
    """

    http: httpx.Client
    tokens: Tokens
    pause: Callable[[float], bool]
    clock: Clock
    backoff: Backoff = field(default_factory=Backoff)
    jitter: Callable[[], float] = random.random

    def send(self, book: Book) -> Outcome:
        """Add a book, repeating the request while the service is away, but not for ever.

        Raises Halted where every other row would be refused too.
        """
        body = encode_book(book)
        for delay in self.backoff.delays(self.jitter):
            answer = self._answer(body)
            if isinstance(answer, Outcome):
                return answer
            if answer.wait > self.backoff.longest:
                return failed(f"{answer.reason}, and asks to wait {answer.wait:,.0f} s")
            if delay is None:
                return failed(f"{answer.reason}, {self.backoff.attempts} times")
            if self.pause(max(delay, answer.wait)):
                return failed(f"{answer.reason}, when the import stopped")
        raise AssertionError("the last delay is None")

    def _answer(self, body: bytes) -> Outcome | Later:
        try:
            response = self._authorized_post(body)
        except httpx.RequestError as error:
            reason = str(error) or type(error).__name__
            return Later(f"no answer from {self.http.base_url} ({reason})")
        return judge(response, self.clock())

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


def judge(response: httpx.Response, answered_at: float) -> Outcome | Later:
    """Return what the service's answer means for the row (docs: the HTTP contract).

    Raises Halted for an answer that does not come from a command service, or refuses the caller.
    """
    status, problem = response.status_code, _document(response)
    if status == 201:
        return _stored(response, problem, answered_at)
    # The 409 that names a book is for its ISBN; the other, a lasting conflict, may end.
    if status in _ROW_IS_REFUSED or (status == 409 and "book_id" in problem):
        return rejected(_reason(problem, status))
    if status in {408, 409, 429} or status >= 500:
        wait = wait_asked_for(response.headers.get("Retry-After"))
        return Later(f"the service answered {status}: {_reason(problem, status)}", wait)
    if status == 401:
        raise Halted("the command service refuses the token (401): is it one of the right issuer?")
    if status == 403:
        raise Halted("the token lacks the scope books:write (403)")
    raise Halted(f"{response.request.url} answered {status}: is that the command service?")


def _stored(response: httpx.Response, document: dict[str, Any], answered_at: float) -> Outcome:
    book_id, version = document.get("id"), document.get("version")
    if not isinstance(book_id, str) or not isinstance(version, int):
        raise Halted(f"{response.request.url} answered 201 without an id and a version")
    if response.headers.get("Idempotent-Replayed") == "true":
        return Outcome(Verdict.ALREADY_THERE)
    return Outcome(Verdict.ADDED, written=Written(book_id, version, answered_at))


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _reason(problem: dict[str, Any], status: int) -> str:
    """Return all errors of a problem document (RFC 9457), or its detail, on one line."""
    errors = problem.get("errors")
    lines = [
        f"{error.get('pointer', '')} {error.get('message', '')}".strip()
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]
    said = "; ".join(lines) or problem.get("detail") or problem.get("title")
    return " ".join(str(said or f"status {status}").split())
