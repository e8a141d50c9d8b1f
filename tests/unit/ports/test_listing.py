"""The declaration of listings: names, terms, membership and positions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.ports.folding import fold
from core.ports.listing import (
    EVERYTHING,
    RESERVED_NAMES,
    WORDS,
    Filter,
    Listing,
    ListingDeclaration,
    Sort,
    Term,
    at_most,
    matched_word,
)
from core.ports.text import MAX_SORT_KEY_BYTES, cut_sort_key
from core.ports.views import View
from tests.support.books import NOON


@dataclass(frozen=True, slots=True)
class Track:
    title: str
    artists: tuple[str, ...] = ()
    label: str | None = None
    lyrics: str | None = None
    notes: str = "none"


def read_label(view: View[Track]) -> Iterable[str]:
    return () if view.details.label is None else (view.details.label,)


def read_artists(view: View[Track]) -> Iterable[str]:
    return view.details.artists


def checked_label(text: str) -> str:
    if not text.startswith("L"):
        raise ValueError("must begin with L")
    return text.replace("-", "")


LABEL = Filter("label", read_label, check=checked_label)
ARTIST = Filter("artist", read_artists, check=at_most(20))
TITLE: Sort[Track] = Sort("title", lambda view: fold(view.details.title))
LENGTH: Sort[Track] = Sort("length", lambda view: f"{len(view.details.title):03d}")
TRACKS: ListingDeclaration[Track] = ListingDeclaration(
    details=Track,
    filters=(LABEL, ARTIST),
    sorts=(TITLE, LENGTH),
    search_texts=lambda view: (view.details.title, *view.details.artists),
    unlisted=frozenset({"lyrics", "notes"}),
)


def track(stream: str = "track", title: str = "Blue", **details: Any) -> View[Track]:
    return View(stream, 1, Track(title=title, **details), NOON, NOON)


def declare(
    filters: Sequence[str] = (), sorts: Sequence[str] = ("title",)
) -> ListingDeclaration[Track]:
    """Return a declaration whose filters and sorts have these names."""
    return ListingDeclaration(
        details=Track,
        filters=tuple(LABEL._replace(name=name) for name in filters),
        sorts=tuple(TITLE._replace(name=name) for name in sorts),
    )


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "label", "label_2", "a" * 30])
def test_a_name_of_lower_case_letters_digits_and_underscores_is_accepted(name: str) -> None:
    assert declare([name], [name]).sort_names == (name,)


@pytest.mark.parametrize(
    "name", ["", "Label", "2nd", "_label", "la bel", "la-bel", "läbel", "label\n", "٢", "a" * 31]
)
def test_an_ill_formed_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="names of its own"):
        declare(filters=[name])
    with pytest.raises(ValueError, match="names of its own"):
        declare(sorts=[name])


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_a_filter_may_not_have_a_reserved_name(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        declare(filters=["label", name])


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_a_sort_may_have_the_name_of_a_query_parameter(name: str) -> None:
    assert declare(sorts=[name]).default_sort == name


def test_two_filters_may_not_have_one_name() -> None:
    with pytest.raises(ValueError, match="label"):
        declare(filters=["label", "artist", "label"])


def test_two_sorts_may_not_have_one_name() -> None:
    with pytest.raises(ValueError, match="title"):
        declare(sorts=["title", "length", "title"])


def test_a_listing_needs_a_sort() -> None:
    with pytest.raises(ValueError, match="needs sorts"):
        declare(sorts=[])


def test_the_first_sort_is_the_default() -> None:
    assert TRACKS.sort_names == ("title", "length")
    assert TRACKS.default_sort == "title"
    assert TRACKS.sort_of(Listing()) == "title"
    assert TRACKS.sort_of(Listing(sort="length")) == "length"


# --- filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize("characters", [0, 1, 1_234])
def test_at_most_returns_a_text_up_to_its_limit_and_refuses_a_longer_one(characters: int) -> None:
    check = at_most(characters)

    assert check("é" * characters) == "é" * characters
    with pytest.raises(ValueError, match=f"must have at most {characters:,} characters"):
        check("é" * (characters + 1))


def test_a_term_of_a_parameter_is_checked_and_then_folded() -> None:
    assert LABEL.term("Lö-B") == Term("label", "lob")


def test_a_parameter_that_its_check_refuses_has_no_term() -> None:
    with pytest.raises(ValueError, match="must begin with L"):
        LABEL.term("x")


@pytest.mark.parametrize("text", ["", "  ", "\u0301"])
def test_a_parameter_that_folds_to_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must have a letter or a digit"):
        ARTIST.term(text)


def test_the_terms_of_a_view_are_folded_and_unique() -> None:
    view = track(artists=("Zoë", "ANA  B", "Ana b", "zoe"))

    assert list(ARTIST.terms(view)) == [Term("artist", "zoe"), Term("artist", "ana b")]


def test_a_value_that_folds_to_nothing_has_no_term() -> None:
    assert list(ARTIST.terms(track(artists=("\u0301", " ")))) == []


def test_the_terms_of_all_filters_are_in_the_order_of_the_filters() -> None:
    view = track(artists=("Ana",), label="Lo")

    assert TRACKS.terms(view) == (Term("label", "lo"), Term("artist", "ana"))


def test_wanted_terms_are_in_the_order_of_the_filters_not_of_the_request() -> None:
    listing = Listing(filters={"artist": "ana", "label": "lo"})

    assert TRACKS.wanted_terms(listing) == (Term("label", "lo"), Term("artist", "ana"))
    assert TRACKS.wanted_terms(Listing()) == ()


# --- words, sort keys, summaries ------------------------------------------------------------------


def test_the_words_of_a_view_are_those_of_its_search_texts_sorted() -> None:
    assert TRACKS.words(track(title="The Blue", artists=("Ana B",))) == ("ana", "b", "blue", "the")


def test_without_search_texts_a_view_has_no_words_and_no_search_finds_it() -> None:
    silent = replace(TRACKS, search_texts=None)

    assert silent.words(track()) == ()
    assert silent.belongs(track(), Listing())
    assert not silent.belongs(track(), Listing(words=("blue",)))


def test_a_view_has_a_cut_key_in_each_sort() -> None:
    title = "a" * (MAX_SORT_KEY_BYTES + 1)

    assert TRACKS.sort_keys(track(title="Bé")) == {"title": "be", "length": "002"}
    assert TRACKS.sort_keys(track(title=title))["title"] == cut_sort_key(title) != title


def test_a_summary_leaves_out_the_unlisted_fields_alone() -> None:
    view = track(artists=("Ana",), label="Lo", lyrics="La la", notes="none yet")
    summary = TRACKS.summary(view)

    assert summary.details == Track(title="Blue", artists=("Ana",), label="Lo")
    assert replace(summary, details=view.details) == view


def test_a_summary_of_a_summary_is_the_same() -> None:
    summary = TRACKS.summary(track(lyrics="La la"))

    assert TRACKS.summary(summary) == summary


def test_a_summary_leaves_the_view_as_it_was() -> None:
    view = track(lyrics="La la")
    TRACKS.summary(view)

    assert view.details.lyrics == "La la"


# --- membership and positions ---------------------------------------------------------------------

_NAMES = ("Ana", "Ána b", "Bear", "be", "東京", "Blue")
tracks = st.builds(
    lambda number, title, artists, label: track(
        f"track-{number}", title, artists=tuple(artists), label=label
    ),
    st.integers(0, 9),
    st.lists(st.sampled_from(_NAMES), min_size=1, max_size=3).map(" ".join),
    st.lists(st.sampled_from(_NAMES), max_size=2, unique=True),
    st.sampled_from((None, "Lo", "LO", "Lux")),
)
terms = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(("lo", "lux", "l")),
        "artist": st.sampled_from([fold(name) for name in _NAMES]),
    },
)
searches = st.lists(st.sampled_from(("ana", "an", "b", "be", "bear", "blue", "東")), max_size=3)
listings = st.builds(
    Listing,
    words=searches.map(tuple),
    filters=terms,
    sort=st.sampled_from((None, "title", "length")),
    descending=st.booleans(),
)


@st.composite
def found(draw: st.DrawFn) -> tuple[View[Track], Listing]:
    """Draw a view, and a listing by some of its terms and words."""
    view = draw(tracks)
    words = draw(st.lists(st.sampled_from(TRACKS.words(view)), max_size=3))
    if words:
        words[-1] = words[-1][: draw(st.integers(1, len(words[-1])))]
    own = TRACKS.terms(view)
    chosen = draw(st.sets(st.sampled_from(own))) if own else set()
    listing = draw(listings)._replace(words=tuple(words), filters=dict(chosen))
    return view, listing


@given(tracks, st.sampled_from((None, "title", "length")), st.booleans())
def test_every_view_belongs_to_a_listing_without_conditions(
    view: View[Track], sort: str | None, descending: bool
) -> None:
    assert TRACKS.belongs(view, Listing(sort=sort, descending=descending))


@given(tracks, listings)
def test_conditions_combine_with_and(view: View[Track], listing: Listing) -> None:
    parts = [Listing(filters={name: value}) for name, value in listing.filters.items()]
    parts.append(Listing(words=listing.words))

    assert TRACKS.belongs(view, listing) == all(TRACKS.belongs(view, part) for part in parts)


@given(tracks, listings)
def test_membership_does_not_depend_on_the_order(view: View[Track], listing: Listing) -> None:
    other = listing._replace(sort="length", descending=not listing.descending)

    assert TRACKS.belongs(view, listing) == TRACKS.belongs(view, other)


@given(tracks, terms)
def test_a_view_belongs_to_a_filtered_listing_when_it_has_all_its_terms(
    view: View[Track], filters: dict[str, str]
) -> None:
    wanted = {Term(name, value) for name, value in filters.items()}

    assert TRACKS.belongs(view, Listing(filters=filters)) == (wanted <= set(TRACKS.terms(view)))


@given(found())
def test_a_view_belongs_to_every_listing_by_its_own_terms_and_words(
    case: tuple[View[Track], Listing],
) -> None:
    assert TRACKS.belongs(*case)


@given(tracks)
def test_the_parameters_with_the_values_of_a_view_ask_for_its_terms(view: View[Track]) -> None:
    asked = [f.term(v) for f in (LABEL, ARTIST) for v in f.read(view) if v is not None]

    assert set(asked) == set(TRACKS.terms(view))


@given(tracks, searches.filter(bool))
def test_a_search_finds_whole_words_and_the_beginning_of_the_last(
    view: View[Track], words: list[str]
) -> None:
    own = set(TRACKS.words(view))
    found = set(words[:-1]) <= own and any(word.startswith(words[-1]) for word in own)

    assert TRACKS.belongs(view, Listing(words=tuple(words))) == found


@given(tracks, st.data())
def test_a_view_is_found_by_the_beginning_of_any_of_its_words(
    view: View[Track], data: st.DataObject
) -> None:
    word = data.draw(st.sampled_from(TRACKS.words(view)))
    prefix = word[: data.draw(st.integers(1, len(word)))]

    assert TRACKS.belongs(view, Listing(words=(prefix,)))


@given(found())
def test_a_position_is_the_sort_key_and_the_id(case: tuple[View[Track], Listing]) -> None:
    view, listing = case[0], case[1]._replace(words=())

    key = TRACKS.sort_keys(view)[TRACKS.sort_of(listing)]
    assert TRACKS.position(view, listing) == (key, view.id)


@given(found())
def test_a_position_in_a_search_is_the_first_matched_word_the_default_key_and_the_id(
    case: tuple[View[Track], Listing],
) -> None:
    view, listing = case
    assume(listing.words)
    matched = min(word for word in TRACKS.words(view) if word.startswith(listing.words[-1]))

    assert TRACKS.position(view, listing) == (matched, fold(view.details.title), view.id)


@given(found(), st.sampled_from(("", *_NAMES)))
def test_two_views_of_a_listing_never_share_a_position(
    case: tuple[View[Track], Listing], more: str
) -> None:
    view, listing = case
    details = replace(view.details, title=f"{view.details.title} {more}")
    other = replace(view, id="another", details=details)
    positions = TRACKS.position(view, listing), TRACKS.position(other, listing)

    assert TRACKS.belongs(other, listing)
    assert positions[0] != positions[1]
    assert len(positions[0]) == len(positions[1])


@given(found())
def test_a_position_does_not_depend_on_filters_or_direction(
    case: tuple[View[Track], Listing],
) -> None:
    view, listing = case
    other = listing._replace(filters={}, descending=not listing.descending)

    assert TRACKS.position(view, listing) == TRACKS.position(view, other)


@given(found())
def test_a_summary_belongs_to_the_listings_of_its_view_at_the_same_position(
    case: tuple[View[Track], Listing],
) -> None:
    view, listing = case
    summary = TRACKS.summary(view)

    assert TRACKS.belongs(summary, listing)
    assert TRACKS.position(summary, listing) == TRACKS.position(view, listing)


@pytest.mark.parametrize(
    ("listing", "is_backwards"),
    [
        (Listing(), False),
        (Listing(descending=True), True),
        (Listing(words=("blue",)), False),
        (Listing(words=("blue",), descending=True), False),
    ],
)
def test_a_listing_goes_backwards_when_it_descends_unless_it_is_a_search(
    listing: Listing, is_backwards: bool
) -> None:
    assert listing.is_backwards is is_backwards


@pytest.mark.parametrize(
    ("prefix", "matched"),
    [("b", "be"), ("bea", "bear"), ("a", "ana"), ("c", None), ("bears", None)],
)
def test_the_matched_word_is_the_first_one_that_begins_with_the_prefix(
    prefix: str, matched: str | None
) -> None:
    assert matched_word(("ana", "be", "bear", "blue"), prefix) == matched


# --- what is kept of a term -----------------------------------------------------------------------


def test_a_term_is_kept_in_every_sort_unless_one_view_has_it_at_a_time() -> None:
    once = replace(TRACKS, filters=(LABEL._replace(name="isrc", unique=True), *TRACKS.filters))
    assert once.sorts_of("isrc") == (once.default_sort,)
    assert once.sorts_of("label") == once.sorts_of(EVERYTHING) == once.sort_names


def test_what_a_declaration_does_not_spread_is_in_one_partition() -> None:
    spread = replace(TRACKS, spread={EVERYTHING: 4, WORDS: 2, "label": 3})
    assert [spread.shards(name) for name in (EVERYTHING, WORDS, "label")] == [4, 2, 3]
    assert {TRACKS.shards(name) for name in (EVERYTHING, WORDS, "label")} == {1}


@pytest.mark.parametrize("spread", [{"title": 2}, {"label": 0}, {WORDS: -1}])
def test_what_is_no_term_cannot_be_spread(spread: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="only terms can be spread"):
        replace(TRACKS, spread=spread)
