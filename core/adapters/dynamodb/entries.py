"""The index entries of a view: what its listings are read from.

There is one for each term of the view, one for the term "all", which every view has, and one for
each of its words. Each carries the view as listings show it, so that a page is one Query, and the
keys of all terms of the view, for filters that combine.

A term's entry is in the indexes of all sorts at once. A word's entry is in the index of the default
sort alone, in the partition of its initial, where its key is the word and then the sort key: words
with one prefix lie together.

The entries of a view that is replaced are computed from it too. So once the declaration or folding
has changed, a rebuild is needed, or else entries that are not computed any more stay behind.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypeVar

from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import (
    ALL,
    PREVIOUS_WORD,
    TERM,
    TERMS,
    entry_sort_key,
    position_key,
    sort_index,
    term_key,
    term_partition,
    view_partition,
    word_key,
    word_partition,
)
from core.adapters.dynamodb.views import projected_attributes
from core.ports.domain import Domain
from core.ports.records import Record
from core.ports.views import Projected, View

V = TypeVar("V", bound=Record)


def index_entries(
    generation: int, domain: Domain[Any, Any, Any, V], projected: Projected[V] | None
) -> dict[str, Item]:
    """Return the items that find a view, by sort key: none for a tombstone.

    They are all in the view's own partition of the base table.
    """
    if not isinstance(projected, View):
        return {}
    listing = domain.listing
    content = {
        "pk": {"S": view_partition(generation, domain.noun, projected.id)},
        **projected_attributes(listing.summary(projected)),
    }
    terms = sorted({ALL, *map(term_key, listing.terms(projected))})
    words = listing.words(projected)
    sort_keys = listing.sort_keys(projected)
    positions = {
        sort_index(sort).key: {"S": position_key((key, projected.id))}
        for sort, key in sort_keys.items()
    }
    of_terms = [
        {
            **content,
            **positions,
            "sk": {"S": entry_sort_key(term)},
            TERM: {"S": term_partition(generation, term)},
            TERMS: {"SS": terms},
        }
        for term in terms
    ]
    word_index = sort_index(listing.default_sort)
    terms_and_words = [*terms, *map(word_key, words)]
    of_words = [
        {
            **content,
            "sk": {"S": entry_sort_key(word_key(word))},
            TERM: {"S": word_partition(generation, word)},
            word_index.key: {
                "S": position_key((word, sort_keys[listing.default_sort], projected.id))
            },
            TERMS: {"SS": terms_and_words},
            # A search shows a view at its first matching word only: where the word before it does
            # not match.
            **({PREVIOUS_WORD: {"S": previous}} if previous else {}),
        }
        for previous, word in pairwise(["", *words])
    ]
    return {item["sk"]["S"]: item for item in (*of_terms, *of_words)}
