"""From a listing to the Query of its places, and from the responses to the views to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from core.adapters.dynamodb.batches import MAX_BATCH_KEYS
from core.adapters.dynamodb.keys import (
    ALL,
    PREVIOUS_WORD,
    TERMS,
    initial_key,
    place_partition,
    position_key,
    position_of,
    prefix_range,
    stream_of,
    term_digest,
    term_key,
    word_key,
)
from core.adapters.dynamodb.shapes import items_of, text_of
from core.ports.listing import EVERYTHING, WORDS, Listing, ListingDeclaration, Position

MAX_EVALUATED: Final = 500
"""Places that a request evaluates where filters combine: at 200 bytes each, they cost 13 read
units."""

MAX_FILTERS: Final = 100
"""Terms that DynamoDB is asked to filter by: an expression has at most 4 KB and 300 operators.

Any others are left to whoever looks at the views.
"""


class Candidates(NamedTuple):
    """Places that a listing may show, by their sort keys, in its order.

    ``next`` is where the next page starts: None when the listing has ended.
    """

    keys: tuple[str, ...]
    next: Position | None

    @property
    def streams(self) -> tuple[str, ...]:
        """Return the streams of the places, each once."""
        return tuple(dict.fromkeys(map(stream_of, self.keys)))


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """A Query, but for its table: one for each of ``partitions``, which are merged.

    ``filters`` are applied by DynamoDB to the places that the keys find, at most ``evaluated`` in
    each partition. Where it is not ``in_order``, what it finds is all that there is, in an order
    that is not the listing's.
    """

    partitions: Sequence[str]
    conditions: Sequence[str]
    values: Mapping[str, str]
    evaluated: int
    filters: Sequence[str] = ()
    backwards: bool = False
    in_order: bool = True

    def arguments(self, partition: str) -> dict[str, Any]:
        """Return the arguments of the low-level client's ``query``."""
        values = {":partition": partition, **self.values}
        arguments: dict[str, Any] = {
            "KeyConditionExpression": " AND ".join(["pk = :partition", *self.conditions]),
            "ExpressionAttributeValues": {name: {"S": text} for name, text in values.items()},
            "ProjectionExpression": "pk, sk",
            "ScanIndexForward": not self.backwards,
            "Limit": self.evaluated,
        }
        if self.filters:
            arguments["FilterExpression"] = " AND ".join(self.filters)
        return arguments

    def candidates(self, responses: Sequence[Mapping[str, Any]], limit: int) -> Candidates:
        """Return the first ``limit`` places of the responses. Raises Malformed.

        The next page starts after the last of them, or, where fewer were found, after the last
        place up to which every partition was evaluated.
        """
        found = [text_of(item, "sk") for response in responses for item in items_of(response)]
        found.sort(reverse=self.backwards)
        ends = [text_of(r["LastEvaluatedKey"], "sk") for r in responses if "LastEvaluatedKey" in r]
        last = None
        if ends:
            last = max(ends) if self.backwards else min(ends)
            found = [key for key in found if (key >= last if self.backwards else key <= last)]
        if len(found) > limit:
            found = found[:limit]
            last = found[-1]
        return Candidates(tuple(found), None if last is None else position_of(last))


def place_query(
    generation: int,
    declaration: ListingDeclaration[Any],
    listing: Listing,
    after: Position | None,
    limit: int,
) -> PlaceQuery | None:
    """Return the Query for at least ``limit`` places of ``listing`` after ``after``.

    None when there can be no such place. The Query reads along the term that leaves fewest: the
    last word, or else the most selective filter.
    """
    wanted = declaration.wanted_terms(listing)
    terms = [term_key(term) for term in wanted]
    if listing.words:
        return _word_query(generation, declaration, listing.words, terms, after, limit)
    driving, *others = terms or [ALL]
    name = wanted[0].name if wanted else EVERYTHING
    sort = declaration.sort_of(listing)
    in_order = sort in declaration.sorts_of(name)
    if not in_order:
        sort, after, limit = declaration.default_sort, None, MAX_BATCH_KEYS - 1
    partitions = _partitions(generation, declaration, name, sort, driving)
    filters, values = _having(others)
    conditions = []
    if after is not None:
        conditions.append(f"sk {'<' if listing.is_backwards else '>'} :after")
        values[":after"] = position_key(after)
    return PlaceQuery(
        partitions,
        conditions,
        values,
        evaluated=_evaluated(limit + 1, others, len(partitions)),
        filters=filters,
        backwards=listing.is_backwards and in_order,
        in_order=in_order,
    )


def _word_query(
    generation: int,
    declaration: ListingDeclaration[Any],
    words: Sequence[str],
    terms: Sequence[str],
    after: Position | None,
    limit: int,
) -> PlaceQuery | None:
    *whole, prefix = words
    between = prefix_range(prefix, after)
    if declaration.search_texts is None or not prefix or between is None:
        return None
    others = [*terms, *map(word_key, whole)]
    filters, values = _having(others)
    sort = declaration.default_sort
    partitions = _partitions(generation, declaration, WORDS, sort, initial_key(prefix))
    return PlaceQuery(
        partitions,
        ["sk BETWEEN :low AND :high"],
        {":low": between[0], ":high": between[1], ":prefix": prefix, **values},
        # A view is passed over at its second matching word. That is rare, so a little more is
        # evaluated.
        evaluated=_evaluated(2 * limit + 1, others, len(partitions)),
        filters=[f"NOT begins_with({PREVIOUS_WORD}, :prefix)", *filters],
    )


def _partitions(
    generation: int, declaration: ListingDeclaration[Any], name: str, sort: str, term: str
) -> list[str]:
    shards = declaration.shards(name)
    numbers = range(shards) if shards > 1 else [None]
    return [place_partition(generation, sort, term, number) for number in numbers]


def _evaluated(least: int, combined: Sequence[str], partitions: int) -> int:
    """Return how many places of each partition are evaluated.

    One more than is shown: it says whether there is a next page.
    """
    return max(MAX_EVALUATED // partitions, least) if combined else least


def _having(terms: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return filters by terms, and the filters' values."""
    different = list(dict.fromkeys(terms))[:MAX_FILTERS]
    values = {f":with{number}": term_digest(term) for number, term in enumerate(different)}
    return [f"contains({TERMS}, {name})" for name in values], values
