"""From a listing to one Query, and from its answer to a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import (
    ALL,
    INDEXES,
    book_id_of,
    facet,
    facet_partition,
    place_key,
    place_of,
    prefix_range,
    word_partition,
)
from core.adapters.dynamodb.views import view_from_attributes
from core.ports.catalogue import BookView, Listing, Page, Position, Sort, belongs

EVALUATED: Final = 500
"""Entries that a request looks at at most where filters combine: at 700 bytes each, they cost 43 read units."""

FILTERS: Final = 100
"""Filters that DynamoDB is asked to apply: an expression has 4 KB and 300 operators at most. We apply any others."""


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """A Query, but for its table: ``index``, its sort key ``key``, and conditions with their ``values``.

    ``filters`` are applied to what the key finds; where they are not all that ``listing`` asks for, ``partial`` is
    set. ``evaluated`` is how many entries are looked at, at most.
    """

    listing: Listing

    index: str
    key: str
    conditions: Sequence[str]
    values: Mapping[str, str]
    evaluated: int
    filters: Sequence[str] = ()
    partial: bool = False

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the low-level client's ``query``."""
        arguments: dict[str, Any] = {
            "IndexName": self.index,
            "KeyConditionExpression": " AND ".join(self.conditions),
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {name: {"S": text} for name, text in self.values.items()},
            "ProjectionExpression": f"pk, #version, doc, {self.key}",
            "ScanIndexForward": bool(self.listing.words) or not self.listing.descending,
            "Limit": self.evaluated,
        }
        if self.filters:
            arguments["FilterExpression"] = " AND ".join(self.filters)
        return arguments

    def page(self, answer: Mapping[str, Any], limit: int) -> Page:
        """Return the first ``limit`` books of an answer.

        The next page starts behind the last book shown, or, where fewer were found, behind the last one looked at.
        """
        found = [(_view(item), item) for item in answer["Items"]]
        if self.partial:
            found = [(view, item) for view, item in found if belongs(view, self.listing)]
        last: Item | None = answer.get("LastEvaluatedKey")
        if len(found) > limit:
            found, last = found[:limit], found[limit - 1][1]
        following = None if last is None else place_of(last[self.key]["S"])
        return Page(tuple(view for view, _ in found), following)


def listing_query(
    generation: int, listing: Listing, after: Position | None, limit: int
) -> ListingQuery | None:
    """Return the Query for at most ``limit`` books of ``listing`` after ``after``; None where there can be none.

    It is driven by the filter that leaves least: the last word, else ISBN, author, subject or language.
    """
    if listing.words:
        return _word_query(generation, listing, after, limit)
    driving, *others = [*_facets(listing), ALL]
    return _facet_query(generation, listing, driving, others[:-1], after, limit)


def _facets(listing: Listing) -> list[str]:
    """Return the facets that all books of a listing have, the rarest first."""
    wanted = [
        ("isbn", listing.isbn),
        ("author", listing.author),
        ("subject", listing.subject),
        ("language", listing.language),
    ]
    return [facet(name, value) for name, value in wanted if value is not None]


def _facet_query(
    generation: int,
    listing: Listing,
    driving: str,
    others: Sequence[str],
    after: Position | None,
    limit: int,
) -> ListingQuery:
    index, key = INDEXES[listing.sort]
    conditions, values = ["facet = :facet"], {":facet": facet_partition(generation, driving)}
    if after is not None:
        conditions.append(f"{key} {'<' if listing.descending else '>'} :after")
        values[":after"] = place_key(after)
    filters, filter_values = _having(others)
    return ListingQuery(
        listing,
        index,
        key,
        conditions,
        {**values, **filter_values},
        # One more than is shown tells whether there is a next page.
        evaluated=max(EVALUATED, limit + 1) if others else limit + 1,
        filters=filters,
    )


def _word_query(
    generation: int, listing: Listing, after: Position | None, limit: int
) -> ListingQuery | None:
    *whole, beginning = listing.words
    between = prefix_range(beginning, after)
    if not beginning or between is None:
        return None
    index, key = INDEXES[Sort.TITLE]
    others = [*_facets(listing), *(facet("word", word) for word in whole)]
    filters, filter_values = _having(others)
    return ListingQuery(
        listing,
        index,
        key,
        ["facet = :facet", f"{key} BETWEEN :low AND :high"],
        {
            ":facet": word_partition(generation, beginning),
            ":low": between[0],
            ":high": between[1],
            ":beginning": beginning,
            **filter_values,
        },
        # Books are passed over at their second matching word. Those are few, so a little more is looked at.
        evaluated=max(EVALUATED, limit + 1) if others else 2 * limit + 1,
        filters=["NOT begins_with(previous_word, :beginning)", *filters],
        partial=len(filters) < len(set(others)),
    )


def _having(facets: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    different = list(dict.fromkeys(facets))[:FILTERS]
    values = {f":with{number}": own for number, own in enumerate(different)}
    return [f"contains(facets, {name})" for name in values], values


def _view(item: Item) -> BookView:
    return view_from_attributes(book_id_of(item["pk"]["S"]), item)
