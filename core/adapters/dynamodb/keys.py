"""The keys of the catalogue's items, in the base table and in its indexes.

Everything but what is known of the read model as a whole is keyed by generation, so that one can be
built while another serves. What is named here is stored: it never changes once there is data.
"""

from hashlib import sha256
from typing import Final, NamedTuple

from core.adapters.dynamodb.items import MAX_SORT_KEY_BYTES, Item, cut_key, is_key
from core.ports.listing import Position, Term

READ_MODEL: Final = "read-model"
"""The partition of what is known of the read model as a whole."""

ASIDE_PREFIX: Final = "aside#"
"""What the sort keys of streams that were set aside begin with."""

VIEW: Final = "view"

ALL: Final = "all"
"""The key of the term that every view has."""

TERM: Final = "facet"
"""The attribute with the partition of an index entry's term, the partition key of every index.

Tables call a term a facet, as this program once did.
"""

TERMS: Final = "facets"
"""The attribute with all terms of an index entry's view."""

PREVIOUS_WORD: Final = "previous_word"
"""The attribute of a word's entry with the word before it, of the same view."""

_SEPARATOR: Final = "\x1f"
"""Sorts before everything that folded text can hold, so keys compare as positions do."""

_HIGHEST: Final = "\U0010fffd"
"""Sorts after everything that a word can hold."""

_MAX_TERM_BYTES: Final = 256

_WORD: Final = "word"
_INITIAL: Final = "initial"


class SortIndex(NamedTuple):
    """The index of a sort: its name, and the attribute that is its sort key."""

    name: str
    key: str


def sort_index(sort: str) -> SortIndex:
    """Return the index of the sort with that name."""
    return SortIndex(f"by_{sort}", f"{sort}_key")


def generation_prefix(generation: int) -> str:
    """Return what the keys of a generation begin with. Those of an earlier one sort before it."""
    return f"{generation:06}#"


def aside_key(stream: str) -> Item:
    """Return the key of a stream that was set aside: with its digest, where the id is too long."""
    key = f"{ASIDE_PREFIX}{stream}"
    if not is_key(key, MAX_SORT_KEY_BYTES):
        key = f"{ASIDE_PREFIX}#{sha256(stream.encode(errors='replace')).hexdigest()}"
    return {"pk": {"S": READ_MODEL}, "sk": {"S": key}}


def view_partition(generation: int, noun: str, stream: str) -> str:
    """Return the partition of a view and its index entries."""
    return f"{generation_prefix(generation)}{noun}#{stream}"


def stream_of(partition: str, noun: str) -> str:
    """Return the stream of a ``view_partition``."""
    return partition.partition(f"#{noun}#")[2]


def view_key(generation: int, noun: str, stream: str) -> Item:
    """Return the key of a view."""
    return {"pk": {"S": view_partition(generation, noun, stream)}, "sk": {"S": VIEW}}


def entry_sort_key(term: str) -> str:
    """Return the sort key, in its view's partition, of the index entry for the key of a term."""
    return f"entry#{term}"


def term_key(term: Term) -> str:
    """Return the key of a filter's term: ``state=open``, or ``state#9f86...`` for a long value."""
    # The underscore, which no filter's name begins with, keeps it apart from a word's.
    name = f"_{term.name}" if term.name in {_WORD, _INITIAL} else term.name
    return _key(name, term.value)


def word_key(word: str) -> str:
    """Return the key of a word, which is a term of the views that it finds."""
    return _key(_WORD, word)


def _key(name: str, value: str) -> str:
    content = value.encode(errors="replace")
    if len(content) > _MAX_TERM_BYTES:
        return f"{name}#{sha256(content).hexdigest()}"
    return f"{name}={content.decode()}"


def term_partition(generation: int, term: str) -> str:
    """Return the partition, in the indexes, of the views that have a term, given by its key."""
    return f"{generation_prefix(generation)}{term}"


def word_partition(generation: int, word: str) -> str:
    """Return the partition, in the default sort's index, of the words with the initial of ``word``.

    ``word`` is not empty.
    """
    return f"{generation_prefix(generation)}{_INITIAL}={word[0]}"


def position_key(position: Position) -> str:
    """Return the sort key of a position: a valid one, whatever position a client makes up."""
    return cut_key(_SEPARATOR.join(position), MAX_SORT_KEY_BYTES) or _SEPARATOR


def position_of(key: str) -> Position:
    """Return the position of a ``position_key``."""
    return tuple(key.split(_SEPARATOR))


def prefix_range(prefix: str, after: Position | None) -> tuple[str, str] | None:
    """Return the first and the last key of words that begin with ``prefix``, after a position.

    None when there can be no such key.
    """
    low = cut_key(prefix, MAX_SORT_KEY_BYTES - len(_HIGHEST.encode()))
    high = low + _HIGHEST
    if after is not None:
        # No key has a character below the separator: between a key and this one lies nothing but
        # the key itself.
        low = max(low, cut_key(_SEPARATOR.join(after), MAX_SORT_KEY_BYTES - 1) + "\x01")
    return (low, high) if low <= high else None
