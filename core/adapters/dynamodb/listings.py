"""From a listing to one Query, and from its response to a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import (
    ALL,
    PREVIOUS_WORD,
    TERM,
    TERMS,
    SortIndex,
    position_key,
    position_of,
    prefix_range,
    sort_index,
    stream_of,
    term_key,
    term_partition,
    word_key,
    word_partition,
)
from core.adapters.dynamodb.shapes import items_of, text_of, texts_of
from core.adapters.dynamodb.views import view_from_attributes
from core.ports.domain import Domain
from core.ports.listing import Listing, Page, Position
from core.ports.records import Record
from core.ports.views import View

V = TypeVar("V", bound=Record)

MAX_EVALUATED: Final = 500
"""Index entries that a request evaluates where filters combine: at 700 bytes each, they cost 43
read units."""

MAX_FILTERS: Final = 100
"""Terms that DynamoDB is asked to filter by: an expression has at most 4 KB and 300 operators.

This adapter filters by any others.
"""


@dataclass(frozen=True, slots=True)
class ListingQuery(Generic[V]):
    """A Query, but for its table: an index, and conditions on its keys with their ``values``.

    ``filters`` are applied by DynamoDB to the entries that the keys find, at most ``evaluated`` of
    them. ``unfiltered`` has the keys of terms that are left to check in the response.
    """

    domain: Domain[Any, Any, Any, V]
    index: SortIndex
    conditions: Sequence[str]
    values: Mapping[str, str]
    evaluated: int
    filters: Sequence[str] = ()
    unfiltered: frozenset[str] = frozenset()
    backwards: bool = False

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the low-level client's ``query``."""
        attributes = [
            "pk",
            "#version",
            "doc",
            self.index.key,
            *([TERMS] if self.unfiltered else []),
        ]
        arguments: dict[str, Any] = {
            "IndexName": self.index.name,
            "KeyConditionExpression": " AND ".join(self.conditions),
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {name: {"S": text} for name, text in self.values.items()},
            "ProjectionExpression": ", ".join(attributes),
            "ScanIndexForward": not self.backwards,
            "Limit": self.evaluated,
        }
        if self.filters:
            arguments["FilterExpression"] = " AND ".join(self.filters)
        return arguments

    def page(self, response: Mapping[str, Any], limit: int) -> Page[V]:
        """Return the first ``limit`` views of a response.

        The next page starts after the last view shown, or, where fewer were found, after the last
        entry evaluated. Raises Malformed.
        """
        found: list[Item] = [item for item in items_of(response) if self._has_the_rest(item)]
        last: Item | None = response.get("LastEvaluatedKey")
        if len(found) > limit:
            found = found[:limit]
            last = found[-1]
        following = None if last is None else position_of(text_of(last, self.index.key))
        return Page(tuple(map(self._view, found)), following)

    def _has_the_rest(self, item: Item) -> bool:
        return not self.unfiltered or self.unfiltered <= set(texts_of(item, TERMS))

    def _view(self, item: Item) -> View[V]:
        stream = stream_of(text_of(item, "pk"), self.domain.noun)
        return view_from_attributes(stream, item, self.domain.listing.details)


def listing_query(
    generation: int,
    domain: Domain[Any, Any, Any, V],
    listing: Listing,
    after: Position | None,
    limit: int,
) -> ListingQuery[V] | None:
    """Return the Query for at most ``limit`` views of ``listing`` after ``after``.

    None when there can be no such view. The Query reads along the term that leaves fewest: the last
    word, or else the most selective filter.
    """
    terms = [term_key(term) for term in domain.listing.wanted_terms(listing)]
    if listing.words:
        return _word_query(generation, domain, listing.words, terms, after, limit)
    driving, *others = terms or [ALL]
    index = sort_index(domain.listing.sort_of(listing))
    conditions = [f"{TERM} = :term"]
    values = {":term": term_partition(generation, driving)}
    if after is not None:
        conditions.append(f"{index.key} {'<' if listing.is_backwards else '>'} :after")
        values[":after"] = position_key(after)
    filters, filter_values, unfiltered = _having(others)
    return ListingQuery(
        domain,
        index,
        conditions,
        {**values, **filter_values},
        # One more than is shown: it says whether there is a next page.
        evaluated=max(MAX_EVALUATED, limit + 1) if others else limit + 1,
        filters=filters,
        unfiltered=unfiltered,
        backwards=listing.is_backwards,
    )


def _word_query(
    generation: int,
    domain: Domain[Any, Any, Any, V],
    words: Sequence[str],
    terms: Sequence[str],
    after: Position | None,
    limit: int,
) -> ListingQuery[V] | None:
    *whole, prefix = words
    between = prefix_range(prefix, after)
    if domain.listing.search_texts is None or not prefix or between is None:
        return None
    index = sort_index(domain.listing.default_sort)
    others = [*terms, *map(word_key, whole)]
    filters, filter_values, unfiltered = _having(others)
    return ListingQuery(
        domain,
        index,
        [f"{TERM} = :term", f"{index.key} BETWEEN :low AND :high"],
        {
            ":term": word_partition(generation, prefix),
            ":low": between[0],
            ":high": between[1],
            ":prefix": prefix,
            **filter_values,
        },
        # A view is passed over at its second matching word. That is rare, so a little more is
        # evaluated.
        evaluated=max(MAX_EVALUATED, limit + 1) if others else 2 * limit + 1,
        filters=[f"NOT begins_with({PREVIOUS_WORD}, :prefix)", *filters],
        unfiltered=unfiltered,
    )


def _having(terms: Sequence[str]) -> tuple[list[str], dict[str, str], frozenset[str]]:
    """Return filters by terms, the filters' values, and the terms left over."""
    different = list(dict.fromkeys(terms))
    values = {f":with{number}": term for number, term in enumerate(different[:MAX_FILTERS])}
    filters = [f"contains({TERMS}, {name})" for name in values]
    return filters, values, frozenset(different[MAX_FILTERS:])
