"""What the DynamoDB catalogue does beyond the contract.

Replacements that stop, odd keys, the stored form, and declarations other than the books'.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.adapters.dynamodb.batches import get_items
from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.generations import Fixed, Generation
from core.adapters.dynamodb.keys import (
    ALL,
    initial_key,
    place_partition,
    position_key,
    position_of,
    stream_of,
    term_key,
    word_key,
)
from core.adapters.dynamodb.listings import place_query
from core.adapters.dynamodb.parallel import Threads
from core.adapters.dynamodb.places import PlaceKey, places, placing_of
from core.domain.details import BookDetails
from core.domain.manifest import BOOKS
from core.ports.catalogue import StaleView
from core.ports.errors import StoreUnavailable
from core.ports.listing import EVERYTHING, WORDS, Listing, Page, Term
from core.ports.views import Projected, Tombstone
from tests.support.books import BookView, books_by, view
from tests.support.dynamodb import (
    catalogue_at,
    client,
    fresh_generation,
    shared_catalogue_table,
)
from tests.support.dynamodb_wire import Wire, cut_off, fresh_wire
from tests.support.racing import race
from tests.support.sample import every_listing, put
from tests.support.share import examples
from tests.support.walking import expected, items, listed, walk

AnyBook = Projected[BookDetails]


class Shelf:
    """A generation of the catalogue on a wire, and what is in the table for it."""

    def __init__(self) -> None:
        self.wire: Wire = fresh_wire()
        self.table, self.generation = shared_catalogue_table(), fresh_generation()
        self.catalogue = catalogue_at(self.wire.client, self.table, BOOKS, self.generation)

    def keys(self, projected: AnyBook | None) -> set[PlaceKey]:
        """Return the keys of the places of a book."""
        return set(places(self.generation, BOOKS.listing, placing_of(BOOKS.listing, projected)))

    def is_exact(self, projected: AnyBook, *earlier: AnyBook | None) -> bool:
        """Return whether a book has all its places, and none of those that it had ``earlier``."""
        known = sorted({key for book in (projected, *earlier) for key in self.keys(book)})
        found = {
            PlaceKey(item["pk"]["S"], item["sk"]["S"])
            for start in range(0, len(known), 100)
            for item in get_items(
                self.wire.client,
                self.table,
                [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in known[start : start + 100]],
                lambda _: None,
                consistent=True,
            )
        }
        return found == self.keys(projected)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def large(version: int, word: str) -> BookView:
    """Return a book of about 100 places."""
    title = " ".join(f"{word}{number}" for number in range(40))
    return view("large", version, title=title, subjects=tuple(f"{word} {n}" for n in range(18)))


# --- a replacement that was stopped ---------------------------------------------------------------

REPLACEMENTS: list[tuple[BookView | None, AnyBook]] = [
    (None, large(2, "new")),
    (large(1, "old"), large(2, "new")),
    (large(1, "old"), view("large", 2)),
    (large(1, "old"), Tombstone("large", 2)),
    (view("large"), view("large", 2, title="Else", subjects=("b",))),
]
NAMES = ["nothing to large", "large to large", "large to small", "large to none", "small to small"]
STOPS = [("PutItem", 0), ("PutItem", 5), ("PutItem", 80), ("DeleteItem", 0), ("DeleteItem", 5)]


@pytest.mark.parametrize(("old", "new"), REPLACEMENTS, ids=NAMES)
@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_a_replacement_that_was_stopped_is_finished_by_its_repeat(
    shelf: Shelf, old: BookView | None, new: AnyBook, stop: tuple[str, int]
) -> None:
    stop_at(shelf, stop, old, new)
    present = shelf.catalogue.get("large")
    assert present in (old, new)
    if present == new:
        shelf.catalogue.finish(new)
    else:
        shelf.catalogue.replace(old, new)
    assert shelf.catalogue.get("large") == new
    assert shelf.is_exact(new, old)


@pytest.mark.parametrize(("old", "new"), REPLACEMENTS, ids=NAMES)
@pytest.mark.parametrize("stop", STOPS[3:], ids=str)
def test_the_next_replacement_finishes_a_stopped_one(
    shelf: Shelf, old: BookView | None, new: AnyBook, stop: tuple[str, int]
) -> None:
    stop_at(shelf, stop, old, new)
    shelf.catalogue.replace(new, last := view("large", 3, title="Next"))
    assert shelf.catalogue.get("large") == last
    assert shelf.is_exact(last, new, old)


def stop_at(shelf: Shelf, stop: tuple[str, int], old: BookView | None, new: AnyBook) -> None:
    """Put ``old`` in, begin to replace it by ``new``, and stop after some requests of a kind."""
    if old is not None:
        put(shelf.catalogue, old)
    shelf.wire.intercept = cut_off(*stop)
    with suppress(StoreUnavailable):
        shelf.catalogue.replace(old, new)
    shelf.wire.intercept = None


def test_a_replacement_that_leaves_nothing_behind_costs_no_read_for_it(shelf: Shelf) -> None:
    put(shelf.catalogue, old := view("emma"))
    new = view("emma", 2, description="Handsome, clever, and rich.")
    assert shelf.wire.actions(lambda: shelf.catalogue.replace(old, new)) == ["PutItem"]
    assert shelf.wire.actions(lambda: shelf.catalogue.finish(new)) == ["GetItem"]


# --- several projectors at once -------------------------------------------------------------------


@pytest.mark.parametrize("rounds", range(2))
def test_projectors_that_replace_the_same_large_book_end_with_one_of_them(
    shelf: Shelf, rounds: int
) -> None:
    put(shelf.catalogue, old := large(1, "old"))
    rivals = [large(2, "two"), large(3, "three"), view("large", 4), large(2, "two")]
    results = race([partial(shelf.catalogue.replace, old, rival) for rival in rivals])
    assert {type(result) for result in results} <= {type(None), StaleView}
    winner = shelf.catalogue.get("large")
    assert winner in rivals
    assert listed(shelf.catalogue, books_by(("jane",))) == ["large"]
    others = [rival for rival in rivals if rival.version <= winner.version]
    assert shelf.is_exact(winner, old, *others)


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
    assert shelf.is_exact(books[-1], *books)


def apply(catalogue: DynamoDbCatalogue[BookDetails], book: BookView) -> None:
    while True:
        present = catalogue.get(book.id)
        if present is not None and present.version >= book.version:
            return catalogue.finish(present)
        try:
            catalogue.replace(present, book)
        except StaleView:
            continue


def test_requests_sent_at_once_leave_the_same_places(shelf: Shelf) -> None:
    source = Fixed(shelf.wire.client, shelf.table, Generation(shelf.generation))
    threads = DynamoDbCatalogue(
        shelf.wire.client, shelf.table, BOOKS, source, lambda _: None, Threads()
    )
    put(threads, old := large(1, "old"))
    threads.replace(old, new := view("large", 2))
    assert shelf.is_exact(new, old)


# --- pages ----------------------------------------------------------------------------------------


def test_views_that_dynamodb_has_not_processed_are_asked_for_again(shelf: Shelf) -> None:
    put(shelf.catalogue, *(view(f"b{n:02}") for n in range(20)))
    asked: list[int] = []

    def seven_at_a_time(action: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if action != "BatchGetItem":
            return shelf.wire.client.call(action, parameters)
        request = parameters["RequestItems"][shelf.table]
        asked.append(len(request["Keys"]))
        now, later = request["Keys"][:7], request["Keys"][7:]
        response = shelf.wire.client.call(
            action, {"RequestItems": {shelf.table: {**request, "Keys": now}}}
        )
        left = {shelf.table: {**request, "Keys": later}} if later else {}
        return {**response, "UnprocessedKeys": left}

    catalogue = catalogue_at(DynamoDb(seven_at_a_time), shelf.table, BOOKS, shelf.generation)
    assert listed(catalogue, books_by(), 20) == [f"b{n:02}" for n in range(20)]
    assert asked == [20, 13, 6]


def test_views_that_dynamodb_never_processes_are_not_asked_for_for_ever(shelf: Shelf) -> None:
    put(shelf.catalogue, view("emma"))

    def none(action: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if action != "BatchGetItem":
            return shelf.wire.client.call(action, parameters)
        return {"Responses": {}, "UnprocessedKeys": parameters["RequestItems"]}

    catalogue = catalogue_at(DynamoDb(none), shelf.table, BOOKS, shelf.generation)
    with pytest.raises(StoreUnavailable, match="BatchGetItem: throttled"):
        catalogue.find(books_by(), None, 5)


def test_a_place_without_its_view_is_passed_over(shelf: Shelf) -> None:
    put(shelf.catalogue, view("emma"), view("persuasion"))
    client().delete_item(
        TableName=shelf.table,
        Key={"pk": {"S": f"{shelf.generation:06}#book#emma"}, "sk": {"S": "view"}},
    )
    assert listed(shelf.catalogue, books_by()) == ["persuasion"]


def test_a_page_is_never_larger_than_a_batch(shelf: Shelf) -> None:
    put(shelf.catalogue, *(view(f"b{n:03}") for n in range(103)))
    assert [len(page.items) for page in walk(shelf.catalogue, books_by(), 103)] == [100, 3]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", [None, *BOOKS.listing.sort_names])
def test_views_that_share_a_unique_value_in_passing_are_listed_in_any_order(
    shelf: Shelf, sort: str | None, descending: bool
) -> None:
    isbn = "9780141439587"
    views = [
        view(f"b{n}", title=f"T{n % 3}", published=f"{1900 - n}", isbn=isbn, added=n * 7 % 5)
        for n in range(7)
    ]
    put(shelf.catalogue, *views)
    listing = books_by(isbn=isbn, sort=sort, descending=descending)
    found = items(walk(shelf.catalogue, listing, 3))
    assert found == expected(BOOKS.listing, views, listing)


@given(st.data())
@settings(max_examples=examples(8, thoroughly=100))
def test_a_listing_over_several_partitions_is_that_over_one(data: st.DataObject) -> None:
    spread = {EVERYTHING: 3, WORDS: 2, "author": 2, "isbn": 2}
    shelf = Shelf()
    domain = BOOKS._replace(listing=replace(BOOKS.listing, spread=spread))
    catalogue = catalogue_at(shelf.wire.client, shelf.table, domain, shelf.generation)
    titles = st.sampled_from(["Emma", "Emma Emile", "Persuasion", "P"])
    views = [
        view(f"b{n}", title=title, isbn=data.draw(st.sampled_from([None, "9780141439587"])))
        for n, title in enumerate(data.draw(st.lists(titles, max_size=8)))
    ]
    put(catalogue, *views)
    for listing in every_listing(domain.listing, views):
        found = items(walk(catalogue, listing, 2))
        assert found == expected(domain.listing, views, listing)


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


# --- keys -----------------------------------------------------------------------------------------

texts = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cc", "Cs"]), max_size=30)
positions = st.tuples(texts, texts, texts)


@given(positions, positions)
def test_keys_compare_as_positions_do(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (position_key(one) < position_key(other)) == (one < other)
    assert (position_key(one).encode() < position_key(other).encode()) == (one < other)


@given(positions)
def test_a_position_is_restored_from_its_key(position: tuple[str, ...]) -> None:
    key = position_key(position)
    assert (position_of(key), stream_of(key)) == (position, position[-1])


def test_an_id_that_leaves_no_room_for_a_word_beside_it_is_refused(shelf: Shelf) -> None:
    with pytest.raises(ValueError, match="at most 220 bytes"):
        shelf.catalogue.replace(None, view("é" * 111))
    put(shelf.catalogue, view("é" * 110, title="\U00020000" * 200))
    assert listed(shelf.catalogue, books_by(("\U00020000" * 50,))) == ["é" * 110]


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
    assert term_key(Term("initial", "e")) != initial_key("emma")
    assert term_key(Term("all", "")) != ALL


@pytest.mark.parametrize("number", [None, 0, 12])
def test_partitions_of_places_are_apart_from_those_of_views(number: int | None) -> None:
    partition = place_partition(1, "title", ALL, number)
    assert partition.startswith("000001#title")
    assert partition.endswith(":all")


# --- the stored form ------------------------------------------------------------------------------

DOC = (
    '{"details":{"title":"Emma","authors":["Jane Austen"],"isbn":"9780141439587"},'
    '"added_at":"2024-05-17T12:00:00+00:00","revised_at":"2024-05-17T12:00:01+00:00"}'
)
EMMA = view("emma", isbn="9780141439587")
ADDED = "2024-05-17T12:00:00.000000+00:00"


def view_of_emma(generation: int) -> dict[str, Any]:
    """Return the item of a book's view as every version of this program has written it."""
    return {
        "pk": {"S": f"{generation:06}#book#emma"},
        "sk": {"S": "view"},
        "version": {"N": "1"},
        "doc": {"S": DOC},
    }


def places_of_emma() -> dict[tuple[str, str], tuple[list[str] | None, str | None]]:
    """Return the places of the same book: what is stored never changes once there is data."""
    author, jane, austen, emma, isbn = "930a37", "cf7bf1", "dd2770", "df9a8a", "0fabfa"
    return {
        ("title:all", "emma\x1femma"): (None, None),
        ("published:all", "\x1femma"): (None, None),
        ("added:all", f"{ADDED}\x1femma"): (None, None),
        ("title:isbn=9780141439587", "emma\x1femma"): ([author], None),
        ("title:author=jane austen", "emma\x1femma"): (None, None),
        ("published:author=jane austen", "\x1femma"): (None, None),
        ("added:author=jane austen", f"{ADDED}\x1femma"): (None, None),
        ("title:initial=a", "austen\x1femma\x1femma"): ([author, jane, austen, emma, isbn], None),
        ("title:initial=e", "emma\x1femma\x1femma"): ([author, jane, austen, emma, isbn], "austen"),
        ("title:initial=j", "jane\x1femma\x1femma"): ([author, jane, austen, emma, isbn], "emma"),
    }


def test_what_is_stored_of_a_book_stays_as_it_is(shelf: Shelf) -> None:
    put(shelf.catalogue, EMMA)
    stored = [
        client().get_item(TableName=shelf.table, Key=key, ConsistentRead=True)["Item"]
        for key in (
            {"pk": {"S": f"{shelf.generation:06}#book#emma"}, "sk": {"S": "view"}},
            *({"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in sorted(shelf.keys(EMMA))),
        )
    ]
    assert stored[0] == view_of_emma(shelf.generation)
    prefix = f"{shelf.generation:06}#"
    assert {
        (item["pk"]["S"].removeprefix(prefix), item["sk"]["S"]): (
            sorted(item["terms"]["SS"]) if "terms" in item else None,
            item.get("previous_word", {}).get("S"),
        )
        for item in stored[1:]
    } == {key: (terms and sorted(terms), word) for key, (terms, word) in places_of_emma().items()}
    assert {item["version"]["N"] for item in stored} == {"1"}


# --- generations that earlier versions have begun: views, without places --------------------------


@pytest.fixture
def old_shelf(shelf: Shelf) -> Shelf:
    source = Fixed(shelf.wire.client, shelf.table, Generation(shelf.generation, has_places=False))
    shelf.catalogue = DynamoDbCatalogue(
        shelf.wire.client, shelf.table, BOOKS, source, lambda _: None
    )
    return shelf


PENDING = {"M": {"version": {"N": "2"}, "doc": {"S": DOC}}}


@pytest.mark.parametrize("pending", [{}, {"pending": PENDING}], ids=["at rest", "pending"])
def test_a_view_of_an_earlier_version_is_read_and_replaced(
    old_shelf: Shelf, pending: dict[str, Any]
) -> None:
    client().put_item(
        TableName=old_shelf.table, Item={**view_of_emma(old_shelf.generation), **pending}
    )
    assert old_shelf.catalogue.get("emma") == EMMA
    old_shelf.catalogue.finish(EMMA)
    new = view("emma", 2, title="Else")
    calls = old_shelf.wire.actions(lambda: old_shelf.catalogue.replace(EMMA, new))
    assert calls == ["PutItem"]
    assert old_shelf.catalogue.get("emma") == new


def test_a_first_view_that_an_earlier_version_has_begun_to_write_is_none_yet(
    old_shelf: Shelf,
) -> None:
    key = {name: view_of_emma(old_shelf.generation)[name] for name in ("pk", "sk")}
    client().put_item(TableName=old_shelf.table, Item={**key, "pending": PENDING})
    assert old_shelf.catalogue.get("emma") is None
    old_shelf.catalogue.replace(None, EMMA)
    assert old_shelf.catalogue.get("emma") == EMMA


def test_a_listing_of_a_generation_without_places_says_what_to_do(old_shelf: Shelf) -> None:
    with pytest.raises(StoreUnavailable, match=r"make rebuild") as refused:
        old_shelf.catalogue.find(books_by(), None, 5)
    assert refused.value.retry_after == 60


# --- other declarations ---------------------------------------------------------------------------


def catalogue_of(shelf: Shelf, **changes: Any) -> DynamoDbCatalogue[BookDetails]:
    """Return a catalogue of the same generation for the books' domain with ``changes``."""
    domain = BOOKS._replace(**changes)
    return catalogue_at(shelf.wire.client, shelf.table, domain, shelf.generation)


def test_a_query_reads_along_the_first_declared_filter() -> None:
    listing = books_by(language="en", subject="a", isbn="9780141439587")
    for filters, driving in [
        (BOOKS.listing.filters, "isbn=9780141439587"),
        (BOOKS.listing.filters[::-1], "language=en"),
    ]:
        declaration = replace(BOOKS.listing, filters=filters)
        query = place_query(1, declaration, listing, None, 5)
        assert query is not None
        assert query.partitions == [f"000001#title:{driving}"]


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
