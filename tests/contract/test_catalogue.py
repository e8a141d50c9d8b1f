"""What every catalogue promises of single books (``core.ports.catalogue``).

Its listings are tested by ``test_listings.py``.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from core.domain.details import BookDetails
from core.ports.catalogue import Catalogue, StaleView
from core.ports.listing import Listing
from core.ports.views import Projected, Tombstone, View
from tests.support.books import books_by, view
from tests.support.racing import race
from tests.support.sample import put
from tests.support.walking import listed

RACERS = 8


# --- get ----------------------------------------------------------------------------------------


def test_an_unknown_book_has_no_view(catalogue: Catalogue[Any]) -> None:
    assert catalogue.get("emma") is None


def test_a_book_is_returned_with_all_its_fields(catalogue: Catalogue[Any]) -> None:
    full = View(
        id="emma",
        version=7,
        details=BookDetails(
            title="Noli me tángere \U00020000",
            authors=("José Rizal", "李白"),
            isbn="9780143039693",
            description="Line one\nline two\t \U0001f4da",
            published="-0750-01",
            language="zh-Hant",
            subjects=("Épopée", "history"),
        ),
        added_at=datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        revised_at=datetime(2024, 1, 1, tzinfo=UTC),
    )
    put(catalogue, full)
    assert catalogue.get("emma") == full


def test_a_book_without_optional_fields_is_returned(catalogue: Catalogue[Any]) -> None:
    put(catalogue, plain := view("emma"))
    assert catalogue.get("emma") == plain


def test_a_tombstone_is_returned(catalogue: Catalogue[Any]) -> None:
    catalogue.replace(None, Tombstone("emma", 2))
    assert catalogue.get("emma") == Tombstone("emma", 2)


# --- replace ------------------------------------------------------------------------------------


def test_a_book_is_replaced(catalogue: Catalogue[Any]) -> None:
    put(catalogue, old := view("emma"))
    new = view("emma", 2, title="Emma, revised")
    catalogue.replace(old, new)
    assert catalogue.get("emma") == new


def test_a_book_is_replaced_by_its_tombstone(catalogue: Catalogue[Any]) -> None:
    put(catalogue, old := view("emma"))
    catalogue.replace(old, Tombstone("emma", 2))
    assert catalogue.get("emma") == Tombstone("emma", 2)


def test_adding_a_book_that_exists_is_stale(catalogue: Catalogue[Any]) -> None:
    put(catalogue, old := view("emma"))
    with pytest.raises(StaleView):
        catalogue.replace(None, view("emma", 2, title="Another"))
    assert catalogue.get("emma") == old


def test_replacing_a_book_that_does_not_exist_is_stale(catalogue: Catalogue[Any]) -> None:
    with pytest.raises(StaleView):
        catalogue.replace(view("emma"), view("emma", 2))
    assert catalogue.get("emma") is None


def test_replacing_a_version_that_was_replaced_is_stale(catalogue: Catalogue[Any]) -> None:
    put(catalogue, first := view("emma"))
    catalogue.replace(first, second := view("emma", 2))
    with pytest.raises(StaleView):
        catalogue.replace(first, view("emma", 3))
    assert catalogue.get("emma") == second


def test_a_stale_replacement_leaves_the_index_unchanged(catalogue: Catalogue[Any]) -> None:
    put(catalogue, view("emma", title="Emma"))
    with pytest.raises(StaleView):
        catalogue.replace(None, view("emma", 2, title="Another"))
    assert listed(catalogue, books_by(words=("another",))) == []
    assert listed(catalogue, books_by(words=("emma",))) == ["emma"]


def test_a_late_event_does_not_bring_a_removed_book_back(catalogue: Catalogue[Any]) -> None:
    put(catalogue, first := view("emma"))
    catalogue.replace(first, gone := Tombstone("emma", 2))
    with pytest.raises(StaleView):
        catalogue.replace(first, view("emma", 3))
    assert catalogue.get("emma") == gone


def test_a_tombstone_can_be_replaced(catalogue: Catalogue[Any]) -> None:
    catalogue.replace(None, gone := Tombstone("emma", 1))
    catalogue.replace(gone, view("emma", 2))
    assert listed(catalogue, books_by()) == ["emma"]


@pytest.mark.parametrize(
    "new",
    [view("emma", 3), view("emma", 2), Tombstone("emma", 3), view("persuasion", 4)],
    ids=["same version", "lower version", "tombstone of the same version", "another book"],
)
def test_an_impossible_replacement_is_an_error(
    catalogue: Catalogue[Any], new: Projected[Any]
) -> None:
    put(catalogue, old := view("emma", 3))
    with pytest.raises(ValueError, match="cannot replace"):
        catalogue.replace(old, new)
    assert catalogue.get("emma") == old
    assert listed(catalogue, books_by()) == ["emma"]


def test_old_index_entries_are_removed_when_a_book_is_replaced(catalogue: Catalogue[Any]) -> None:
    old = view(
        "b",
        title="Old Title",
        authors=("Old Author",),
        isbn="9780141439587",
        language="de",
        published="1900",
        subjects=("old subject",),
    )
    put(catalogue, old, view("m", title="Middle", published="1950"))
    catalogue.replace(old, view("b", 2, title="Zeta", authors=("New",), published="1999"))
    for gone in (
        books_by(words=("old",)),
        books_by(words=("title",)),
        books_by(author="old author"),
        books_by(isbn="9780141439587"),
        books_by(language="de"),
        books_by(subject="old subject"),
    ):
        assert listed(catalogue, gone) == [], gone
    assert listed(catalogue, books_by()) == ["m", "b"]


@pytest.mark.parametrize(
    "listing",
    [
        books_by(),
        books_by(words=("emma",)),
        books_by(words=("jane", "aus")),
        books_by(author="jane austen"),
        books_by(subject="match-making"),
        books_by(language="en"),
        books_by(isbn="9780141439587"),
    ],
    ids=str,
)
def test_a_removed_book_is_in_no_listing(catalogue: Catalogue[Any], listing: Listing) -> None:
    old = view("emma", isbn="9780141439587", language="en", subjects=("match-making",))
    put(catalogue, old)
    assert listed(catalogue, listing) == ["emma"]
    catalogue.replace(old, Tombstone("emma", 2))
    assert listed(catalogue, listing) == []


def test_unchanged_terms_are_still_found_after_a_replacement(catalogue: Catalogue[Any]) -> None:
    put(catalogue, old := view("emma", subjects=("a", "b")))
    catalogue.replace(old, view("emma", 2, subjects=("b", "c")))
    assert listed(catalogue, books_by(words=("jane", "emma"))) == ["emma"]
    assert listed(catalogue, books_by(subject="b")) == ["emma"]
    assert listed(catalogue, books_by(subject="c")) == ["emma"]


@pytest.mark.parametrize("new", [view("emma", 2, title="Else"), Tombstone("emma", 2)], ids=str)
def test_finishing_a_replacement_that_was_not_interrupted_changes_nothing(
    catalogue: Catalogue[Any], new: Projected[Any]
) -> None:
    put(catalogue, old := view("emma"))
    catalogue.replace(old, new)
    before = listed(catalogue, books_by()), listed(catalogue, books_by(("el",)))
    catalogue.finish(new)
    assert catalogue.get("emma") == new
    assert (listed(catalogue, books_by()), listed(catalogue, books_by(("el",)))) == before


# --- a book of the maximum size -----------------------------------------------------------------


def ideograph(number: int) -> str:
    """Return a letter that takes four bytes of UTF-8."""
    return chr(0x20000 + number)


LARGEST = BookDetails(
    title=" ".join(ideograph(n) for n in range(250)),
    authors=tuple(ideograph(1_000 + n) * 200 for n in range(50)),
    isbn="9780141439587",
    description=ideograph(0) * 20_000,
    published="-9999-12-31",
    language="zh-Hant-x-" + "-".join(["abcdefgh"] * 2) + "-abcdefg",
    subjects=tuple(ideograph(2_000 + n) * 100 for n in range(50)),
)


def largest(version: int = 1) -> View[BookDetails]:
    return view("largest", version, **asdict(LARGEST))


def test_a_book_of_the_maximum_size_is_returned(catalogue: Catalogue[Any]) -> None:
    put(catalogue, largest())
    assert catalogue.get("largest") == largest()


@pytest.mark.parametrize(
    "listing",
    [
        books_by(),
        books_by(words=(ideograph(0),)),
        books_by(words=tuple(ideograph(n) for n in range(250))),
        books_by(words=(ideograph(249), ideograph(1_049))),
        books_by(words=(ideograph(1_000) * 50,)),
        books_by(author=ideograph(1_049) * 200),
        books_by(subject=ideograph(2_049) * 100, descending=True),
        books_by(author=ideograph(1_000) * 200, subject=ideograph(2_000) * 100),
    ],
    ids=range(8),
)
def test_a_book_of_the_maximum_size_is_found_by_all_its_terms(
    catalogue: Catalogue[Any], listing: Listing
) -> None:
    put(catalogue, largest(), view("emma"))
    assert "largest" in listed(catalogue, listing)


def test_a_book_of_the_maximum_size_is_replaced_and_removed(catalogue: Catalogue[Any]) -> None:
    put(catalogue, largest())
    catalogue.replace(largest(), small := view("largest", 2))
    assert listed(catalogue, books_by(words=(ideograph(7),))) == []
    catalogue.replace(small, again := largest(3))
    catalogue.replace(again, Tombstone("largest", 4))
    assert listed(catalogue, books_by()) == []


# --- races --------------------------------------------------------------------------------------


def test_of_racing_first_entries_one_wins(catalogue: Catalogue[Any]) -> None:
    rivals = [view("emma", title=f"Title {number}") for number in range(RACERS)]
    results = race([partial(catalogue.replace, None, rival) for rival in rivals])
    winners = [v for v, result in zip(rivals, results, strict=True) if result is None]
    assert [type(r) for r in results if r is not None] == [StaleView] * (RACERS - 1)
    assert [catalogue.get("emma")] == winners


def test_of_racing_replacements_one_wins_with_its_index_entries(catalogue: Catalogue[Any]) -> None:
    put(catalogue, old := view("emma"))
    rivals = [view("emma", 2, title=f"Title {number}") for number in range(RACERS)]
    results = race([partial(catalogue.replace, old, rival) for rival in rivals])
    won = [number for number, result in enumerate(results) if result is None]
    assert [type(r) for r in results if r is not None] == [StaleView] * (RACERS - 1)
    found = [n for n in range(RACERS) if listed(catalogue, books_by(words=("title", str(n))))]
    assert found == won


def test_different_books_can_be_added_concurrently(catalogue: Catalogue[Any]) -> None:
    rivals = [view(f"book-{number}") for number in range(RACERS)]
    assert race([partial(catalogue.replace, None, v) for v in rivals]) == [None] * RACERS
    assert listed(catalogue, books_by()) == [v.id for v in rivals]


def test_a_catalogue_that_responds_passes_its_check(catalogue: Catalogue[Any]) -> None:
    catalogue.check()
