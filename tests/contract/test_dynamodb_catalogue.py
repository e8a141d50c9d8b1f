"""What the DynamoDB catalogue does beyond the contract.

Views larger than a transaction, odd keys, the stored form, and declarations other than the books'.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.entries import index_entries
from core.adapters.dynamodb.keys import (
    ALL,
    position_key,
    position_of,
    term_key,
    term_partition,
    word_key,
    word_partition,
)
from core.adapters.dynamodb.listings import listing_query
from core.adapters.dynamodb.paging import pages
from core.domain.details import BookDetails
from core.domain.manifest import BOOKS
from core.ports.catalogue import StaleView
from core.ports.errors import StoreUnavailable
from core.ports.listing import Listing, Page, Term
from core.ports.views import Projected, Tombstone
from tests.support.books import BookView, books_by, view
from tests.support.dynamodb import client, database, fresh_generation, shared_catalogue_table
from tests.support.dynamodb_wire import Wire, cut_off, fresh_wire
from tests.support.racing import race
from tests.support.sample import put
from tests.support.walking import listed

AnyBook = Projected[BookDetails]

WRITE = "TransactWriteItems"


class Shelf:
    """A generation of the catalogue on a wire, and what is in the table for it."""

    def __init__(self) -> None:
        self.wire: Wire = fresh_wire()
        self.table, self.generation = shared_catalogue_table(), fresh_generation()
        self.catalogue = DynamoDbCatalogue(
            self.wire.client, self.table, BOOKS, lambda: self.generation, lambda _: None
        )

    def entries(self, stream: str) -> dict[str, Any]:
        """Return the index entries that are stored for a book, by sort key."""
        request = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :entry)",
            "ExpressionAttributeValues": {
                ":pk": {"S": f"{self.generation:06}#book#{stream}"},
                ":entry": {"S": "entry#"},
            },
            "ConsistentRead": True,
        }
        items = [item for page in pages(database().query, request, "Query") for item in page]
        return {item["sk"]["S"]: _sorted_sets(item) for item in items}

    def is_exact(self, projected: AnyBook) -> bool:
        """Return whether the stored entries are exactly those of ``projected``."""
        wanted = index_entries(self.generation, BOOKS, projected)
        return self.entries(projected.id) == {k: _sorted_sets(i) for k, i in wanted.items()}


def _sorted_sets(item: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {kind: sorted(content) if kind == "SS" else content}
        for name, value in item.items()
        for kind, content in value.items()
    }


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def large(version: int, word: str) -> BookView:
    """Return a book of about 220 entries: three transactions after the one that begins."""
    title = " ".join(f"{word}{number}" for number in range(165))
    return view("large", version, title=title, subjects=tuple(f"{word} {n}" for n in range(50)))


TRANSACTIONS = 4


# --- a view larger than a transaction, stopped anywhere ------------------------------------------

REPLACEMENTS: list[tuple[BookView | None, AnyBook]] = [
    (None, large(2, "new")),
    (large(1, "old"), large(2, "new")),
    (large(1, "old"), view("large", 2)),
    (large(1, "old"), Tombstone("large", 2)),
    (view("large"), large(2, "new")),
]
NAMES = ["nothing to large", "large to large", "large to small", "large to none", "small to large"]


@pytest.mark.parametrize(("old", "new"), REPLACEMENTS, ids=NAMES)
@pytest.mark.parametrize("done", range(TRANSACTIONS))
def test_a_replacement_that_was_stopped_is_finished_by_its_repeat(
    shelf: Shelf, old: BookView | None, new: AnyBook, done: int
) -> None:
    stop_after(shelf, done, old, new)
    assert shelf.catalogue.get("large") == old
    shelf.catalogue.replace(old, new)
    assert shelf.catalogue.get("large") == new
    assert shelf.is_exact(new)


@pytest.mark.parametrize(("old", "new"), REPLACEMENTS, ids=NAMES)
@pytest.mark.parametrize("done", range(1, TRANSACTIONS))
@pytest.mark.parametrize("next_one", [view("large", 3, title="Next"), large(3, "next")])
def test_the_next_replacement_finishes_a_stopped_one_and_leaves_no_trace_of_it(
    shelf: Shelf, old: BookView | None, new: AnyBook, done: int, next_one: BookView
) -> None:
    stop_after(shelf, done, old, new)
    with pytest.raises(StaleView):
        shelf.catalogue.replace(old, next_one)
    assert shelf.catalogue.get("large") == new
    shelf.catalogue.replace(new, next_one)
    assert shelf.catalogue.get("large") == next_one
    assert shelf.is_exact(next_one)


def stop_after(shelf: Shelf, done: int, old: BookView | None, new: AnyBook) -> None:
    """Put ``old`` in, begin to replace it by ``new``, and stop after ``done`` transactions."""
    if old is not None:
        put(shelf.catalogue, old)
    shelf.wire.intercept = cut_off(WRITE, done)
    with pytest.raises(StoreUnavailable):
        shelf.catalogue.replace(old, new)
    shelf.wire.intercept = None


def test_the_new_view_is_only_returned_when_all_of_it_is_written(shelf: Shelf) -> None:
    put(shelf.catalogue, old := large(1, "old"))
    seen: list[AnyBook | None] = []

    def look(action: str, _: object) -> None:
        if action == WRITE:
            seen.append(shelf.catalogue.get("large"))

    shelf.wire.intercept = look
    shelf.catalogue.replace(old, large(2, "new"))
    assert seen == [old] * len(seen)
    assert len(seen) >= TRANSACTIONS


# --- several projectors at once ------------------------------------------------------------------


@pytest.mark.parametrize("rounds", range(3))
def test_projectors_that_replace_the_same_large_book_end_with_one_of_them(
    shelf: Shelf, rounds: int
) -> None:
    put(shelf.catalogue, old := large(1, "old"))
    rivals = [large(2, "two"), large(3, "three"), view("large", 4), large(2, "two")]
    results = race([partial(shelf.catalogue.replace, old, rival) for rival in rivals])
    assert {type(result) for result in results} <= {type(None), StaleView}
    winner = shelf.catalogue.get("large")
    assert winner in rivals
    assert shelf.is_exact(winner)


def test_projectors_that_apply_a_history_of_large_books_end_with_its_last_version(
    shelf: Shelf,
) -> None:
    books = [
        large(version, f"of{version}") if version % 2 else view("large", version)
        for version in range(1, 6)
    ]

    def project() -> None:
        for book in books:
            apply(shelf.catalogue, book)

    assert race([project] * 3) == [None] * 3
    assert shelf.catalogue.get("large") == books[-1]
    assert shelf.is_exact(books[-1])


def apply(catalogue: DynamoDbCatalogue[BookDetails], book: BookView) -> None:
    while True:
        present = catalogue.get(book.id)
        if present is not None and present.version >= book.version:
            return
        try:
            catalogue.replace(present, book)
        except StaleView:
            continue


# --- what is written ------------------------------------------------------------------------------


def test_a_replacement_leaves_exactly_the_entries_of_the_new_view(shelf: Shelf) -> None:
    put(shelf.catalogue, old := view("emma", subjects=("a", "b")))
    shelf.catalogue.replace(old, new := view("emma", 2, title="Else", subjects=("b", "c")))
    assert shelf.is_exact(new)


def test_a_tombstone_leaves_no_entries(shelf: Shelf) -> None:
    put(shelf.catalogue, old := view("emma"))
    shelf.catalogue.replace(old, Tombstone("emma", 2))
    assert shelf.entries("emma") == {}


# --- pages cut by 1 MB ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "listing", [books_by(), books_by(language="en", author="jane austen")], ids=str
)
def test_pages_of_books_of_more_than_a_megabyte_are_complete(
    shelf: Shelf, listing: Listing
) -> None:
    # Each entry has about 60 KB, so a response has about 17 of them.
    authors = ("Jane Austen", "x" * 60_000)
    books = [view(f"b{n:02}", title=f"T{n:02}", language="en", authors=authors) for n in range(25)]
    for book in books:
        shelf.catalogue.replace(None, book)
    first = shelf.catalogue.find(listing, None, 25)
    assert 0 < len(first.items) < 25
    assert first.next is not None
    assert listed(shelf.catalogue, listing, 25) == [book.id for book in books]


# --- what clients make up -------------------------------------------------------------------------

ODD = [
    "",
    " ",
    "\x00",
    "\x1f",
    "\x1f\x1f",
    "\ud800",
    "a" * 5000,
    "\U0010ffff" * 600,
    "é" * 600,
    "#",
    "=",
    "\n",
]


@pytest.mark.parametrize("text", ODD, ids=ascii)
@pytest.mark.parametrize(
    "listing", [books_by(), books_by(descending=True), books_by(("emma",))], ids=str
)
def test_no_position_makes_an_invalid_request(shelf: Shelf, text: str, listing: Listing) -> None:
    put(shelf.catalogue, view("emma"))
    for position in [(), (text,), (text, text), (text, text, text), (text,) * 9]:
        shelf.catalogue.find(listing, position, 5)


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_no_filter_makes_an_invalid_request(shelf: Shelf, text: str) -> None:
    put(shelf.catalogue, view("emma"))
    for listing in (
        books_by(author=text),
        books_by(author="jane austen", subject=text, language=text, isbn=text),
        books_by((text,)),
        books_by(("emma", text)),
        books_by((text, "emma")),
    ):
        assert shelf.catalogue.find(listing, None, 5).items == ()


@pytest.mark.parametrize(
    "text", [t for t in ODD if t not in {" ", "\x00", "\x1f", "#", "=", "\n"}], ids=ascii
)
def test_an_id_that_is_not_a_valid_key_has_no_view(shelf: Shelf, text: str) -> None:
    assert shelf.catalogue.get(text) is None


def test_all_words_count_when_they_are_more_than_an_expression_takes(shelf: Shelf) -> None:
    title = " ".join(f"w{n:03}" for n in range(250))
    put(
        shelf.catalogue, view("all", title=title), view("but-one", title=title.replace("w249", "x"))
    )
    words = tuple(f"w{n:03}" for n in range(250))
    assert listed(shelf.catalogue, books_by((*words, "w0"))) == ["all"]


# --- keys
# -------------------------------------------------------------------------------------------

texts = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cc", "Cs"]), max_size=30)
positions = st.tuples(texts, texts, texts)


@given(positions, positions)
def test_keys_compare_as_positions_do(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (position_key(one) < position_key(other)) == (one < other)
    assert (position_key(one).encode() < position_key(other).encode()) == (one < other)


@given(positions)
def test_a_position_is_restored_from_its_key(position: tuple[str, ...]) -> None:
    assert position_of(position_key(position)) == position


@given(st.text(max_size=400), st.text(max_size=400))
def test_keys_of_terms_differ_as_their_values_do(one: str, other: str) -> None:
    same = one.encode(errors="replace") == other.encode(errors="replace")
    assert (term_key(Term("author", one)) == term_key(Term("author", other))) == same


def test_a_long_value_differs_from_a_short_one_that_is_its_digest() -> None:
    long = term_key(Term("author", "x" * 1000))
    assert term_key(Term("author", long.partition("#")[2])) != long
    assert len(long.encode()) < 100


def test_filters_named_as_parts_of_the_keys_differ_from_those_parts() -> None:
    assert term_key(Term("word", "emma")) != word_key("emma")
    partitions = {term_partition(1, term_key(Term("initial", "e"))), word_partition(1, "emma")}
    assert len(partitions) == 2
    assert term_partition(1, term_key(Term("all", ""))) != term_partition(1, ALL)


# --- the stored form: tables of earlier versions are read and updated in place -------------------

DOC = (
    '{"details":{"title":"Emma","authors":["Jane Austen"],"isbn":"9780141439587"},'
    '"added_at":"2024-05-17T12:00:00+00:00","revised_at":"2024-05-17T12:00:01+00:00"}'
)
TERMS = ["all", "author=jane austen", "isbn=9780141439587"]
WORDS = ["austen", "emma", "jane"]


def items_of_emma(generation: str) -> list[dict[str, Any]]:
    """Return the items of a book as every version of this program has written them."""
    content = {
        "pk": {"S": f"{generation}#book#emma"},
        "version": {"N": "1"},
        "doc": {"S": DOC},
    }
    of_terms = [
        {
            **content,
            "sk": {"S": f"entry#{term}"},
            "facet": {"S": f"{generation}#{term}"},
            "facets": {"SS": TERMS},
            "title_key": {"S": "emma\x1femma"},
            "published_key": {"S": "\x1femma"},
            "added_key": {"S": "2024-05-17T12:00:00.000000+00:00\x1femma"},
        }
        for term in TERMS
    ]
    of_words = [
        {
            **content,
            "sk": {"S": f"entry#word={word}"},
            "facet": {"S": f"{generation}#initial={word[0]}"},
            "facets": {"SS": [*TERMS, *(f"word={own}" for own in WORDS)]},
            "title_key": {"S": f"{word}\x1femma\x1femma"},
            **({"previous_word": {"S": previous}} if previous else {}),
        }
        for previous, word in zip(["", *WORDS], WORDS, strict=False)
    ]
    return [{**content, "sk": {"S": "view"}}, *of_terms, *of_words]


def test_a_view_of_an_earlier_version_is_read_listed_and_replaced(shelf: Shelf) -> None:
    for item in items_of_emma(f"{shelf.generation:06}"):
        client().put_item(TableName=shelf.table, Item=item)
    old = view("emma", isbn="9780141439587")
    assert shelf.catalogue.get("emma") == old
    for listing in (
        books_by(),
        books_by(sort="published"),
        books_by(sort="added", descending=True),
        books_by(author="jane austen", isbn="9780141439587"),
        books_by(("emma", "au")),
    ):
        assert listed(shelf.catalogue, listing) == ["emma"]
    shelf.catalogue.replace(old, new := view("emma", 2, title="Else"))
    assert shelf.catalogue.get("emma") == new
    assert shelf.is_exact(new)


def test_views_are_written_as_by_earlier_versions(shelf: Shelf) -> None:
    put(shelf.catalogue, view("emma", isbn="9780141439587"))
    prefix = f"{shelf.generation:06}#book#emma"
    stored = client().query(
        TableName=shelf.table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": prefix}},
        ConsistentRead=True,
    )["Items"]
    wanted = items_of_emma(f"{shelf.generation:06}")
    assert sorted(map(_sorted_sets, stored), key=_sort_key) == sorted(
        map(_sorted_sets, wanted), key=_sort_key
    )


def _sort_key(item: dict[str, Any]) -> str:
    return str(item["sk"]["S"])


# --- other declarations
# -----------------------------------------------------------------------------


def catalogue_of(shelf: Shelf, **changes: Any) -> DynamoDbCatalogue[BookDetails]:
    """Return a catalogue of the same generation for the books' domain with ``changes``."""
    domain = BOOKS._replace(**changes)
    return DynamoDbCatalogue(
        shelf.wire.client, shelf.table, domain, lambda: shelf.generation, lambda _: None
    )


def test_a_query_reads_along_the_first_declared_filter() -> None:
    listing = books_by(language="en", subject="a", isbn="9780141439587")
    for filters, driving in [
        (BOOKS.listing.filters, "isbn=9780141439587"),
        (BOOKS.listing.filters[::-1], "language=en"),
    ]:
        domain = BOOKS._replace(listing=replace(BOOKS.listing, filters=filters))
        query = listing_query(1, domain, listing, None, 5)
        assert query is not None
        assert query.values[":term"] == f"000001#{driving}"


def test_without_search_texts_a_search_finds_nothing_and_asks_nothing(shelf: Shelf) -> None:
    catalogue = catalogue_of(shelf, listing=replace(BOOKS.listing, search_texts=None))
    put(catalogue, view("emma"))
    assert listed(catalogue, books_by()) == ["emma"]
    assert shelf.wire.actions(lambda: catalogue.find(books_by(("emma",)), None, 5)) == []
    assert catalogue.find(books_by(("emma",)), None, 5) == Page((), None)


def test_words_of_an_unlisted_field_all_count_when_they_are_more_than_an_expression_takes(
    shelf: Shelf,
) -> None:
    by_description = replace(
        BOOKS.listing, search_texts=lambda book: (book.details.description or "",)
    )
    catalogue = catalogue_of(shelf, listing=by_description)
    words = tuple(f"w{n:03}" for n in range(250))
    put(catalogue, view("all", description=" ".join(words)))
    put(catalogue, view("but-one", description=" ".join(words[:-1])))
    assert listed(catalogue, books_by((*words, "w0"))) == ["all"]


def test_views_of_two_nouns_with_one_id_are_kept_apart(shelf: Shelf) -> None:
    loans = catalogue_of(shelf, noun="loan")
    put(shelf.catalogue, view("emma"))
    assert loans.get("emma") is None
    put(loans, view("emma", 2, title="A loan"))
    assert shelf.catalogue.get("emma") == view("emma")
    assert loans.get("emma") == view("emma", 2, title="A loan")
    assert shelf.is_exact(view("emma"))
