"""The places of a view: by what its listings find it.

A place is an item of its own, in the partition of a term and a sort, where its sort key is the
view's position. There is one in each sort for each term of the view and for ``ALL``, a term that
every view has; a term that one view has at a time (``Filter.unique``) has one in the default sort
alone. A word's place is in the partition of the word's initial, where its position is the word and
then that of the default sort: words with one prefix lie together.

A place has nothing of the view that a listing would show, so it stays as it is unless what the
listing is ordered or filtered by has changed. It has digests of what the listings that read along
its term may filter by as well: the terms of filters declared after its own, or, for a word, all
terms and words.

The places of a view that is replaced are computed from it too. So once the declaration or folding
has changed, a rebuild is needed, or else places that are not computed any more stay behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from core.adapters.dynamodb.keys import (
    ALL,
    MAX_ID_BYTES,
    initial_key,
    place_partition,
    position_key,
    shard_of,
    term_digest,
    term_key,
    word_key,
)
from core.ports.json_text import compact_json
from core.ports.listing import EVERYTHING, WORDS, ListingDeclaration, Term
from core.ports.views import Projected, View


class PlaceKey(NamedTuple):
    """The key of a place."""

    partition: str
    sort_key: str


class Place(NamedTuple):
    """What a place has beside its key and its version.

    ``terms`` are digests. A word's has ``previous_word``, None for the first of the view's: a
    search shows a view at its first matching word, where the word before it does not match.
    """

    terms: frozenset[str] = frozenset()
    previous_word: str | None = None


class Placing(NamedTuple):
    """What the places of a view are computed from."""

    stream: str
    terms: tuple[Term, ...]
    words: tuple[str, ...]
    sort_keys: Mapping[str, str]

    def to_json(self) -> str:
        """Return it as text."""
        return compact_json(self)


def placing_of(
    listing: ListingDeclaration[Any], projected: Projected[Any] | None
) -> Placing | None:
    """Return what the places of a view are computed from: None for a tombstone.

    Raises ValueError for an id that would not fit into a key beside a word and a sort key.
    """
    if not isinstance(projected, View):
        return None
    if len(projected.id.encode()) > MAX_ID_BYTES:
        raise ValueError(f"an id has at most {MAX_ID_BYTES} bytes: {projected.id!r}")
    return Placing(
        projected.id,
        listing.terms(projected),
        listing.words(projected),
        listing.sort_keys(projected),
    )


def placing_from_json(text: str) -> Placing:
    """Return what ``Placing.to_json`` has made text of. Raises ValueError or TypeError."""
    stream, terms, words, sort_keys = json.loads(text)
    return Placing(stream, tuple(Term(*term) for term in terms), tuple(words), sort_keys)


def places(
    generation: int, listing: ListingDeclaration[Any], placing: Placing | None
) -> dict[PlaceKey, Place]:
    """Return the places of a view, by key: none for a tombstone."""
    if placing is None:
        return {}
    found = dict(_of_terms(generation, listing, placing))
    if listing.default_sort in placing.sort_keys:
        found |= _of_words(generation, listing, placing)
    return found


def _of_terms(
    generation: int, listing: ListingDeclaration[Any], placing: Placing
) -> Iterator[tuple[PlaceKey, Place]]:
    yield from _in_sorts(generation, listing, placing, EVERYTHING, ALL, frozenset())
    later: frozenset[str] = frozenset()
    for each in reversed(listing.filters):
        own = [term_key(term) for term in placing.terms if term.name == each.name]
        for term in own:
            yield from _in_sorts(generation, listing, placing, each.name, term, later)
        later |= frozenset(map(term_digest, own))


def _in_sorts(
    generation: int,
    listing: ListingDeclaration[Any],
    placing: Placing,
    name: str,
    term: str,
    others: frozenset[str],
) -> Iterator[tuple[PlaceKey, Place]]:
    """Yield the places of one term, which is spread as ``name`` says."""
    shard = shard_of(placing.stream, listing.shards(name))
    for sort in listing.sorts_of(name):
        if sort in placing.sort_keys:
            key = position_key((placing.sort_keys[sort], placing.stream))
            yield PlaceKey(place_partition(generation, sort, term, shard), key), Place(others)


def _of_words(
    generation: int, listing: ListingDeclaration[Any], placing: Placing
) -> Iterator[tuple[PlaceKey, Place]]:
    keys = {*map(term_key, placing.terms), *map(word_key, placing.words)}
    digests = frozenset(map(term_digest, keys))
    sort = listing.default_sort
    shard = shard_of(placing.stream, listing.shards(WORDS))
    for previous, word in zip((None, *placing.words), placing.words, strict=False):
        partition = place_partition(generation, sort, initial_key(word), shard)
        key = position_key((word, placing.sort_keys[sort], placing.stream))
        yield PlaceKey(partition, key), Place(digests, previous)
