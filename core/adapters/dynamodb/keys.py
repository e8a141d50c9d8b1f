"""The keys of the catalogue's items.

Everything but what is known of the read model as a whole is keyed by generation, so that one can be
built while another serves. What is named here is stored: it never changes once there is data.
"""

from hashlib import sha256
from typing import Final

from core.adapters.dynamodb.items import MAX_SORT_KEY_BYTES, Item, cut_key, is_key
from core.ports.listing import Position, Term

READ_MODEL: Final = "read-model"
"""The partition of what is known of the read model as a whole."""

ASIDE_PREFIX: Final = "aside#"
"""What the sort keys of streams that were set aside begin with."""

VIEW: Final = "view"

ALL: Final = "all"
"""The key of the term that every view has."""

VERSION: Final = "version"
"""The attribute with the version of a view, or of the replacement that wrote a place."""

TERMS: Final = "terms"
"""The attribute of a place with digests of what its view is filtered by."""

PREVIOUS_WORD: Final = "previous_word"
"""The attribute of a word's place with the word before it, of the same view."""

MAX_ID_BYTES: Final = 220
"""What a word and a sort key leave of a sort key for the id of a view."""

_SEPARATOR: Final = "\x1f"
"""Sorts before everything that folded text can hold, so keys compare as positions do."""

_HIGHEST: Final = "\U0010fffd"
"""Sorts after everything that a word can hold."""

_MAX_TERM_BYTES: Final = 256

_WORD: Final = "word"
_INITIAL: Final = "initial"


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
    """Return the partition of a view."""
    return f"{generation_prefix(generation)}{noun}#{stream}"


def view_key(generation: int, noun: str, stream: str) -> Item:
    """Return the key of a view."""
    return {"pk": {"S": view_partition(generation, noun, stream)}, "sk": {"S": VIEW}}


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


def initial_key(word: str) -> str:
    """Return what the partition of a word is named by: words with one prefix lie together.

    ``word`` is not empty.
    """
    return f"{_INITIAL}={word[0]}"


def place_partition(generation: int, sort: str, term: str, shard: int | None = None) -> str:
    """Return the partition of the places that the key of a term has in a sort.

    ``shard`` is the number of one of the partitions over which the term is spread.
    """
    numbered = sort if shard is None else f"{sort}.{shard}"
    return f"{generation_prefix(generation)}{numbered}:{term}"


def shard_of(stream: str, shards: int) -> int | None:
    """Return in which of so many partitions a view has its places: None where there is one."""
    if shards == 1:
        return None
    return int.from_bytes(sha256(stream.encode(errors="replace")).digest()[:8]) % shards


def term_digest(term: str) -> str:
    """Return six characters that stand for the key of a term.

    Two terms of a view have the same ones once in millions: then a page has a view to pass over.
    """
    return sha256(term.encode()).hexdigest()[:6]


def position_key(position: Position) -> str:
    """Return the sort key of a position: a valid one, whatever position a client makes up."""
    return cut_key(_SEPARATOR.join(position), MAX_SORT_KEY_BYTES) or _SEPARATOR


def position_of(key: str) -> Position:
    """Return the position of a ``position_key``."""
    return tuple(key.split(_SEPARATOR))


def stream_of(key: str) -> str:
    """Return the stream whose position a ``position_key`` is."""
    return key.rpartition(_SEPARATOR)[2]


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
