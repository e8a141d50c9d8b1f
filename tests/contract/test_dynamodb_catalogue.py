"""What the DynamoDB catalogue does beyond the contract: books larger than a transaction, and odd keys."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.entries import index_entries
from core.adapters.dynamodb.keys import facet, place_key, place_of
from core.adapters.dynamodb.paging import pages
from core.ports.catalogue import BookView, Entry, Listing, StaleView, Tombstone
from core.ports.errors import StoreUnavailable
from tests.support.dynamodb import client, fresh_generation, shared_catalogue_table
from tests.support.dynamodb_wire import Wire, cut_off, fresh_wire
from tests.support.racing import race
from tests.support.books import put, view
from tests.support.walking import listed

WRITE = "TransactWriteItems"


class Shelf:
    """A generation of the catalogue on a wire, and what is in the table for it."""

    def __init__(self) -> None:
        self.wire: Wire = fresh_wire()
        self.table, self.generation = shared_catalogue_table(), fresh_generation()
        self.catalogue = DynamoDbCatalogue(
            self.wire.client, self.table, lambda: self.generation, lambda _: None
        )

    def entries(self, book_id: str) -> dict[str, Any]:
        """Return the index entries that are stored for a book, by sort key."""
        request = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :entry)",
            "ExpressionAttributeValues": {
                ":pk": {"S": f"{self.generation:06}#book#{book_id}"},
                ":entry": {"S": "entry#"},
            },
            "ConsistentRead": True,
        }
        items = [item for page in pages(client().query, request, "Query") for item in page]
        return {item["sk"]["S"]: _sorted_sets(item) for item in items}

    def is_exact(self, entry: Entry) -> bool:
        """Tell whether the book's entries are those of ``entry``, all of them and no other."""
        wanted = index_entries(self.generation, entry)
        return self.entries(entry.book_id) == {k: _sorted_sets(i) for k, i in wanted.items()}


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
    """Return a book of about 220 entries: three transactions and the note before them."""
    title = " ".join(f"{word}{number}" for number in range(165))
    return view("large", version, title=title, subjects=tuple(f"{word} {n}" for n in range(50)))


TRANSACTIONS = 4


# --- a book larger than a transaction, stopped anywhere ------------------------------------------

REPLACEMENTS: list[tuple[BookView | None, Entry]] = [
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
    shelf: Shelf, old: BookView | None, new: Entry, done: int
) -> None:
    stop_after(shelf, done, old, new)
    assert shelf.catalogue.get("large") == old
    shelf.catalogue.replace(old, new)
    assert shelf.catalogue.get("large") == new
    assert shelf.is_exact(new)


@pytest.mark.parametrize(("old", "new"), REPLACEMENTS, ids=NAMES)
@pytest.mark.parametrize("done", range(1, TRANSACTIONS))
@pytest.mark.parametrize("next_one", [view("large", 3, title="Next"), large(3, "next")])
def test_what_comes_after_a_stopped_replacement_finds_it_finished_and_leaves_no_trace_of_it(
    shelf: Shelf, old: BookView | None, new: Entry, done: int, next_one: BookView
) -> None:
    stop_after(shelf, done, old, new)
    with pytest.raises(StaleView):
        shelf.catalogue.replace(old, next_one)
    assert shelf.catalogue.get("large") == new
    shelf.catalogue.replace(new, next_one)
    assert shelf.catalogue.get("large") == next_one
    assert shelf.is_exact(next_one)


def stop_after(shelf: Shelf, done: int, old: BookView | None, new: Entry) -> None:
    """Begin to replace ``old``, which is put in before, by ``new``, and stop after ``done`` transactions."""
    if old is not None:
        put(shelf.catalogue, old)
    shelf.wire.meddle = cut_off(WRITE, done)
    with pytest.raises(StoreUnavailable):
        shelf.catalogue.replace(old, new)
    shelf.wire.meddle = None


def test_a_book_is_only_shown_as_new_when_all_of_it_is(shelf: Shelf) -> None:
    put(shelf.catalogue, old := large(1, "old"))
    seen: list[Entry | None] = []

    def look(action: str, _: object) -> None:
        if action == WRITE:
            seen.append(shelf.catalogue.get("large"))

    shelf.wire.meddle = look
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


def test_projectors_that_apply_a_history_of_large_books_end_with_its_end(shelf: Shelf) -> None:
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


def apply(catalogue: DynamoDbCatalogue, book: BookView) -> None:
    while True:
        present = catalogue.get(book.book_id)
        if present is not None and present.version >= book.version:
            return
        try:
            catalogue.replace(present, book)
        except StaleView:
            continue


# --- what is written ------------------------------------------------------------------------------


def test_entries_that_are_not_the_books_own_are_never_touched(shelf: Shelf) -> None:
    put(shelf.catalogue, old := view("emma", subjects=("a", "b")))
    shelf.catalogue.replace(old, new := view("emma", 2, title="Else", subjects=("b", "c")))
    assert shelf.is_exact(new)


def test_a_tombstone_leaves_no_entries(shelf: Shelf) -> None:
    put(shelf.catalogue, old := view("emma"))
    shelf.catalogue.replace(old, Tombstone("emma", 2))
    assert shelf.entries("emma") == {}


# --- pages cut by 1 MB ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "listing", [Listing(), Listing(language="en", author="jane austen")], ids=str
)
def test_pages_of_books_of_more_than_a_megabyte_are_complete(
    shelf: Shelf, listing: Listing
) -> None:
    # Each entry has about 60 KB, so an answer has about 17 of them.
    authors = ("Jane Austen", "x" * 60_000)
    books = [view(f"b{n:02}", title=f"T{n:02}", language="en", authors=authors) for n in range(25)]
    for book in books:
        shelf.catalogue.replace(None, book)
    first = shelf.catalogue.find(listing, None, 25)
    assert 0 < len(first.items) < 25
    assert first.next is not None
    assert listed(shelf.catalogue, listing, 25) == [book.book_id for book in books]


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
    "listing", [Listing(), Listing(descending=True), Listing(words=("emma",))], ids=str
)
def test_no_position_is_an_invalid_request(shelf: Shelf, text: str, listing: Listing) -> None:
    put(shelf.catalogue, view("emma"))
    for place in [(), (text,), (text, text), (text, text, text), (text,) * 9]:
        shelf.catalogue.find(listing, place, 5)


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_no_filter_is_an_invalid_request(shelf: Shelf, text: str) -> None:
    put(shelf.catalogue, view("emma"))
    for listing in (
        Listing(author=text),
        Listing(author="jane austen", subject=text, language=text, isbn=text),
        Listing(words=(text,)),
        Listing(words=("emma", text)),
        Listing(words=(text, "emma")),
    ):
        assert shelf.catalogue.find(listing, None, 5).items == ()


@pytest.mark.parametrize(
    "text", [t for t in ODD if t not in {" ", "\x00", "\x1f", "#", "=", "\n"}], ids=ascii
)
def test_an_id_that_can_be_no_key_is_of_no_book(shelf: Shelf, text: str) -> None:
    assert shelf.catalogue.get(text) is None


def test_more_words_than_an_expression_takes_are_all_asked_for(shelf: Shelf) -> None:
    title = " ".join(f"w{n:03}" for n in range(250))
    put(
        shelf.catalogue, view("all", title=title), view("but-one", title=title.replace("w249", "x"))
    )
    words = tuple(f"w{n:03}" for n in range(250))
    assert listed(shelf.catalogue, Listing(words=(*words, "w0"))) == ["all"]


# --- keys -------------------------------------------------------------------------------------------

texts = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cc", "Cs"]), max_size=30)
places = st.tuples(texts, texts, texts)


@given(places, places)
def test_keys_compare_as_places_do(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (place_key(one) < place_key(other)) == (one < other)
    assert (place_key(one).encode() < place_key(other).encode()) == (one < other)


@given(places)
def test_a_place_comes_back_from_its_key(place: tuple[str, ...]) -> None:
    assert place_of(place_key(place)) == place


@given(st.text(max_size=400), st.text(max_size=400))
def test_facets_differ_as_their_values_do(one: str, other: str) -> None:
    same = one.encode(errors="replace") == other.encode(errors="replace")
    assert (facet("author", one) == facet("author", other)) == same


def test_a_long_value_does_not_meet_a_short_one_that_is_its_digest() -> None:
    long = facet("author", "x" * 1000)
    assert facet("author", long.partition("#")[2]) != long
    assert len(long.encode()) < 100
