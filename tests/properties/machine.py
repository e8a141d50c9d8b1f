"""A Hypothesis state machine that sends any sequence of commands to the engine and to its model."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.application.errors import AlreadyClaimed, CommandRefused
from core.application.handling import Accepted
from core.application.log import catch_up
from core.application.queries import QueryHandler
from core.application.requests import Actor
from core.domain.manifest import BOOKS
from core.ports.listing import Listing
from core.ports.read_model import Aside
from core.ports.records import shown_data
from core.ports.refusals import NotFound, Refusal
from tests.properties.requests import actors, books, conditions, keys, patches
from tests.properties.shelf import (
    AUTHORS,
    ISBNS,
    LANGUAGES,
    PLAIN,
    SUBJECTS,
    Outcome,
    Request,
    Shelf,
)
from tests.properties.stores import Stores
from tests.support.books import books_by
from tests.support.desk import NOON, Desk

OpenStores = Callable[[], AbstractContextManager[Stores]]

NOWHERE = "00000000-0000-4000-8000-000000000000"
numbers = st.integers(0, 30)
QUERIES = (
    "e",
    "em",
    "emma",
    "emma e",
    "emile emma",
    "jane",
    "jane a",
    "austen emi",
    "東",
    "x",
    "mma",
)
FOLDED_SUBJECTS = dict(zip(SUBJECTS, ("courtship", "education"), strict=True))


class CatalogueMachine(RuleBasedStateMachine):
    """Compares a catalogue with ``Shelf`` after each request."""

    def __init__(self, open_stores: OpenStores) -> None:
        super().__init__()
        self._opened = open_stores()
        store, self.read_model = self._opened.__enter__()
        self.desk = Desk(store)
        self.shelf = Shelf()
        self.sent: list[Request] = []
        self.queries = QueryHandler(
            BOOKS, self.read_model, lambda: store, lambda: self.desk.now, _never, lambda: 0.0
        )

    def teardown(self) -> None:
        """Close the stores."""
        self._opened.__exit__(None, None, None)

    @rule(body=books, actor=actors, key=keys)
    def add(self, body: dict[str, Any], actor: str, key: str | None) -> None:
        self.send(Request("AddBook", "", body, actor, key))

    @precondition(lambda self: self.shelf.present())
    @rule(which=numbers, body=patches, actor=actors, key=keys)
    def revise(self, which: int, body: dict[str, Any], actor: str, key: str | None) -> None:
        self.send(Request("ReviseBook", self.present(which), body, actor, key))

    @precondition(lambda self: self.shelf.present())
    @rule(which=numbers, body=patches, key=keys, off=st.sampled_from((0, 0, 0, -1, 1)))
    def revise_under_a_condition(
        self, which: int, body: dict[str, Any], key: str | None, off: int
    ) -> None:
        book_id = self.present(which)
        versions = frozenset({self.shelf.books[book_id].version + off, 99})
        self.send(Request("ReviseBook", book_id, body, "ann", key, versions))

    @precondition(lambda self: len(self.shelf.present()) > 1)
    @rule(which=numbers, actor=actors, key=keys, if_match=conditions)
    def remove(
        self, which: int, actor: str, key: str | None, if_match: frozenset[int] | None
    ) -> None:
        self.send(Request("RemoveBook", self.present(which), None, actor, key, if_match))

    @precondition(lambda self: len(self.shelf.books) > len(self.shelf.present()))
    @rule(which=numbers, body=patches | st.none(), actor=actors, key=keys, if_match=conditions)
    def change_a_book_that_is_not_there(
        self,
        which: int,
        body: dict[str, Any] | None,
        actor: str,
        key: str | None,
        if_match: frozenset[int] | None,
    ) -> None:
        gone = [NOWHERE, *(b for b in self.shelf.books if b not in self.shelf.present())]
        kind = "RemoveBook" if body is None else "ReviseBook"
        self.send(Request(kind, gone[which % len(gone)], body, actor, key, if_match))

    @precondition(lambda self: self.sent)
    @rule(which=numbers)
    def repeat_a_request(self, which: int) -> None:
        self.send(self.sent[which % len(self.sent)])

    def present(self, which: int) -> str:
        """Return one of the books that are there."""
        ids = list(self.shelf.present())
        return ids[which % len(ids)]

    def send(self, request: Request) -> None:
        """Send ``request`` to both, and require the same outcome."""
        self.desk.now += timedelta(seconds=1)
        self.sent.append(request)
        outcome = _outcome(lambda: _send(self.desk, request))
        assert outcome == self.shelf.handle(request, outcome.book_id)

    @invariant()
    def the_catalogue_equals_the_model(self) -> None:
        catch_up("machine", self.read_model, self.desk.store, BOOKS, _fail)
        self.each_book_equals_the_model()
        self.each_listing_equals_the_model()
        self.each_search_equals_the_model()

    def each_book_equals_the_model(self) -> None:
        """Compare books one by one, and their histories."""
        for book_id, book in self.shelf.books.items():
            history, _ = self.queries.history(book_id, 0, 1_000)
            assert [e.version for e in history] == list(range(1, book.version + 1))
            assert all(a.occurred_at < b.occurred_at for a, b in pairwise(history))
            if book.fields is None:
                assert _is_missing(partial(self.queries.view, book_id))
                continue
            view = self.queries.view(book_id, book.version)
            assert view.version == book.version
            assert shown_data(view.details) == book.fields
            assert (view.added_at - NOON).total_seconds() == book.added
            assert self.queries.view_as_of(book_id, view.revised_at) == view

    def each_listing_equals_the_model(self) -> None:
        """Compare the listings by every filter and every sort."""
        for sort in BOOKS.listing.sort_names:
            for descending in (False, True):
                order = f"-{sort}" if descending else sort
                listing = books_by(sort=sort, descending=descending)
                assert self.listed(listing) == self.shelf.listed({}, order)
        for author in AUTHORS:
            self.require_equal(books_by(author=PLAIN[author]), {"authors": author})
        for subject, folded in FOLDED_SUBJECTS.items():
            self.require_equal(books_by(subject=folded), {"subjects": subject})
        for language in LANGUAGES:
            self.require_equal(books_by(language=language.lower()), {"language": language})
        for isbn in ISBNS:
            self.require_equal(books_by(isbn=isbn), {"isbn": isbn})
        both = {"authors": AUTHORS[0], "language": LANGUAGES[0]}
        self.require_equal(books_by(author=PLAIN[AUTHORS[0]], language=LANGUAGES[0]), both)

    def require_equal(self, listing: Listing, wanted: dict[str, str]) -> None:
        """Require that ``listing`` has the model's books with the ``wanted`` values, by title."""
        assert self.listed(listing) == self.shelf.listed(wanted), listing

    def each_search_equals_the_model(self) -> None:
        """Compare searches."""
        for query in QUERIES:
            assert self.listed(books_by(words=tuple(query.split()))) == self.shelf.found(query), (
                query
            )

    def listed(self, listing: Listing) -> list[str]:
        """Return the ids on all pages of a listing."""
        return list(self._pages(listing))

    def _pages(self, listing: Listing) -> Iterator[str]:
        after, page = None, None
        while page is None or after is not None:
            page = self.queries.page(listing, after, 2)
            yield from (view.id for view in page.items)
            after = page.next


def _send(desk: Desk, request: Request) -> Accepted:
    actor = Actor("https://issuer.test", request.actor)
    if_match = None if request.if_match is None else set(request.if_match)
    match request.kind:
        case "AddBook":
            return desk.add(request.body, request.key, actor)
        case "ReviseBook":
            return desk.revise(request.book_id, request.body, request.key, if_match, actor)
        case _:
            return desk.remove(request.book_id, request.key, if_match, actor)


def _outcome(send: Callable[[], Accepted]) -> Outcome:
    try:
        accepted = send()
    except AlreadyClaimed as taken:
        return Outcome("AlreadyClaimed", taken.owner)
    except (CommandRefused, Refusal) as refusal:
        return Outcome(type(refusal).__name__)
    return Outcome(None, accepted.id, accepted.version, accepted.replayed)


def _is_missing(read: Callable[[], object]) -> bool:
    try:
        read()
    except NotFound:
        return True
    return False


def _never(seconds: float, /) -> None:
    raise AssertionError("a query waited for a view that is projected already")


def _fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error
