"""The query service's client: pages of books, each book as a POST takes it."""

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final

import httpx

from apps.importer.cleaning import Book
from apps.importer.client import BOOKS
from apps.importer.responses import TEMPORARY, json_object, later, reason_of, unreachable
from apps.importer.retrying import Later, Patience

# When a book was added never changes. So no book moves to a page that has been read or is to come.
_LISTING: Final = {"sort": "added", "limit": "100"}

_NOT_SENT: Final = frozenset({"id", "version", "added_at", "revised_at"})
"""The members of a view that are the service's, and not the book's."""


class NoBooks(Exception):
    """The service does not show its books; the message names the cause."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of books; ``next`` is the cursor of the next one, None on the last."""

    books: list[Book]
    next: str | None


@dataclass(frozen=True, slots=True)
class QueryClient:
    """The query service behind ``http``; ``workers`` read the books of a page at the same time."""

    http: httpx.Client
    patience: Patience
    workers: Executor

    def page(self, cursor: str | None) -> Page:
        """Return the page after ``cursor``, by the time of addition. Raise GaveUp and NoBooks.

        It costs a request, and one for each book: an item of a listing has no description.
        """
        response = self._get(BOOKS, {**_LISTING, **({"cursor": cursor} if cursor else {})})
        listed = json_object(response)
        if response.status_code != 200 or not isinstance(listed.get("items"), list):
            raise _not_a_query_service(response)
        books = self.workers.map(self._book, [item["id"] for item in listed["items"]])
        return Page([book for book in books if book is not None], listed.get("next"))

    def _book(self, book_id: str) -> Book | None:
        """Return a book, or None when it was removed since it was listed."""
        response = self._get(f"{BOOKS}/{book_id}", {})
        if response.status_code == 404:
            return None
        if response.status_code != 200 or not (view := json_object(response)):
            raise _not_a_query_service(response)
        return book_of(view)

    def _get(self, path: str, parameters: dict[str, str]) -> httpx.Response:
        def attempt() -> httpx.Response | Later:
            try:
                response = self.http.get(path, params=parameters)
            except httpx.RequestError as error:
                return unreachable(self.http, error)
            return later(response) if response.status_code in TEMPORARY else response

        return self.patience.until_settled(attempt)


def book_of(view: dict[str, Any]) -> Book:
    """Return the book that is shown as ``view``, as the importer sends it: no field is empty."""
    return {name: value for name, value in view.items() if name not in _NOT_SENT and value}


def _not_a_query_service(response: httpx.Response) -> NoBooks:
    status = response.status_code
    said = reason_of(json_object(response), status)
    url = response.request.url
    return NoBooks(f"{url} returned {status}: {said} Is that the query service?")
