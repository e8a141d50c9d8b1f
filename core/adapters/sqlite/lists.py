"""The lists of the index, each in the order of places, and a listing as the lists it combines."""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import Connection
from typing import Any, Final, NamedTuple

from core.adapters.sqlite.index import token
from core.adapters.sqlite.numbering import find_sorts, find_terms, find_words
from core.ports.listing import Listing, ListingDeclaration
from core.ports.text import MAX_WORDS

LAST_LETTER: Final = "\U0010ffff"
"""Comes after every letter: what begins with p lies between p and p + LAST_LETTER."""


class Places(NamedTuple):
    """A list of places: of a term, of a word, or (without a number) of all views.

    ``shorter_than`` leaves out the views whose word before begins with the same characters, so
    many.
    """

    table: str
    number: int | None
    shorter_than: int | None = None

    @property
    def condition(self) -> str:
        """Return the SQL condition of what is in the list."""
        number = "" if self.number is None else " AND number = ?"
        return f"sort = ?{number}{self.only_first}"

    @property
    def only_first(self) -> str:
        """Return the SQL condition that leaves out views, to follow another one."""
        return "" if self.shorter_than is None else " AND shared < ?"

    def values(self, sort: int) -> list[int]:
        """Return the values of the parameters of ``condition``."""
        return [n for n in (sort, self.number, self.shorter_than) if n is not None]

    def whole(self) -> Places:
        """Return the list with no view left out."""
        return self._replace(shorter_than=None)


ALL_VIEWS: Final = Places("places", None)


def and_in(generation: int, lists: Iterable[Places]) -> str:
    """Return the SQL condition that the place of ``entry`` is in all ``lists``, after another."""
    return "".join(
        f" AND EXISTS (SELECT 1 FROM {each.table}_{generation}"
        f" WHERE {each.condition} AND place = entry.place)"
        for each in lists
    )


def values_of(sort: int, lists: Iterable[Places]) -> list[int]:
    """Return the values of the parameters of ``and_in``."""
    return [value for each in lists for value in each.values(sort)]


class Wanted(NamedTuple):
    """A listing in numbers.

    ``rare`` are the terms without an order. ``words`` are the whole words, ``prefix`` is the
    beginning of one; "" is no search.
    """

    sort: int
    rare: tuple[int, ...]
    terms: tuple[int, ...]
    words: tuple[int, ...]
    prefix: str
    backwards: bool

    @property
    def lists(self) -> list[Places]:
        """Return the lists of the terms with an order, and of the whole words."""
        return [
            *(Places("listings", number) for number in self.terms),
            *(Places("matches", number) for number in self.words),
        ]

    @property
    def word_range(self) -> tuple[str, str]:
        """Return the first word that begins as asked could be, and what comes after the last."""
        return self.prefix, self.prefix + LAST_LETTER


class Visit(NamedTuple):
    """An entry: the matched word ("" without a search), the place, and whether the view belongs."""

    word: str
    place: int
    belongs: bool = True


def wanted_of(
    connection: Connection,
    generation: int,
    declaration: ListingDeclaration[Any],
    listing: Listing,
) -> Wanted | None:
    """Return ``listing`` in numbers, or None if it asks for what no view has."""
    *whole, prefix = listing.words or ("",)
    if len(words := set(whole)) > MAX_WORDS:
        return None  # no view has so many
    sort = declaration.default_sort if prefix else declaration.sort_of(listing)
    tokens = set(map(token, declaration.wanted_terms(listing)))
    sorts = find_sorts(connection, generation, [sort])
    terms = find_terms(connection, generation, tokens)
    numbers = find_words(connection, generation, words)
    if not sorts or len(terms) < len(tokens) or len(numbers) < len(words):
        return None
    return Wanted(
        sorts[sort],
        tuple(term.number for term in terms.values() if not term.ordered),
        tuple(term.number for term in terms.values() if term.ordered),
        tuple(numbers.values()),
        prefix,
        listing.is_backwards,
    )
