"""The keys of the catalogue's items, in the base table and in its indexes.

Everything but the pointer to the generations is keyed by generation, so that one can be made while another serves.
"""

from hashlib import sha256
from typing import Final

from core.adapters.dynamodb.items import SORT_KEY_BYTES, Item, cut_key
from core.ports.catalogue import Position, Sort

VIEW: Final = "view"
ALL: Final = "all"

INDEXES: Final[dict[Sort, tuple[str, str]]] = {
    Sort.TITLE: ("by_title", "title_key"),
    Sort.PUBLISHED: ("by_published", "published_key"),
    Sort.ADDED: ("by_added", "added_key"),
}
"""The index for each sort, and its sort key. The partition key of all three is ``facet``."""

_SEPARATOR: Final = "\x1f"
"""Sorts before everything that folded text can hold, so keys compare as positions do."""

_LAST: Final = "\U0010fffd"
"""Sorts after everything that a word can hold."""

_FACET_BYTES: Final = 256
_BOOK: Final = "#book#"


def generation_prefix(generation: int) -> str:
    """Return what the keys of a generation begin with. Those of an earlier one sort before it."""
    return f"{generation:06}#"


def book_partition(generation: int, book_id: str) -> str:
    """Return the partition of a book: its view and its index entries."""
    return f"{generation:06}{_BOOK}{book_id}"


def book_id_of(partition: str) -> str:
    """Return the book of a ``book_partition``."""
    return partition.partition(_BOOK)[2]


def view_key(generation: int, book_id: str) -> Item:
    """Return the key of a book's view."""
    return {"pk": {"S": book_partition(generation, book_id)}, "sk": {"S": VIEW}}


def entry_sort_key(facet: str) -> str:
    """Return the sort key, in its book's partition, of the entry for a facet."""
    return f"entry#{facet}"


def facet(name: str, value: str) -> str:
    """Return a facet of a book: ``author=jane austen``, or with the digest of a long value: ``author#9f86...``."""
    content = value.encode(errors="replace")
    if len(content) > _FACET_BYTES:
        return f"{name}#{sha256(content).hexdigest()}"
    return f"{name}={content.decode()}"


def facet_partition(generation: int, own_facet: str) -> str:
    """Return the partition, in the indexes, of the books that have a facet."""
    return f"{generation_prefix(generation)}{own_facet}"


def word_partition(generation: int, word: str) -> str:
    """Return the partition, in the index by title, of the words that begin as ``word`` does. A word is not empty."""
    return f"{generation_prefix(generation)}initial={word[0]}"


def place_key(place: Position) -> str:
    """Return the sort key of a place in a listing: one that DynamoDB takes, whatever place a client makes up."""
    return cut_key(_SEPARATOR.join(place), SORT_KEY_BYTES) or _SEPARATOR


def place_of(key: str) -> Position:
    """Return the place of a ``place_key``."""
    return tuple(key.split(_SEPARATOR))


def prefix_range(prefix: str, after: Position | None) -> tuple[str, str] | None:
    """Return the first and the last key of words that begin with ``prefix``, after a place; None where none can be."""
    low, high = cut_key(prefix, SORT_KEY_BYTES - len(_LAST.encode())), ""
    high = low + _LAST
    if after is not None:
        # No key has a character below the separator, so nothing lies between a key and this one but the key itself.
        low = max(low, cut_key(_SEPARATOR.join(after), SORT_KEY_BYTES - 1) + "\x01")
    return (low, high) if low <= high else None
