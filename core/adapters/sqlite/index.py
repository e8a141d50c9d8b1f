"""What the index of a generation has of a view.

It is kept beside the view, so that the entries of a replaced view are removed as they were put in,
even if the declaration has changed since or a later version of Unicode folds text otherwise. An
entry consists of numbers: that of a sort, a term or a word (``numbering``) and that of a place
(``places``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from struct import Struct, pack, unpack_from
from typing import Final, NamedTuple, TypeVar

from core.ports.listing import ListingDeclaration, Term
from core.ports.records import Record
from core.ports.views import Projected, View

V = TypeVar("V", bound=Record)

_DIGEST_BYTES: Final = 16
_LENGTHS: Final = Struct("<HHH")
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


class Indexed(NamedTuple):
    """By what a view is found; a tombstone is found by nothing.

    ``keys`` has the key of each sort, the default one first. ``terms`` are tokens; ``words`` are
    sorted.
    """

    keys: dict[str, str]
    terms: tuple[bytes, ...]
    words: tuple[str, ...]


NOT_INDEXED: Final = Indexed({}, (), ())


def indexed(projected: Projected[V], declaration: ListingDeclaration[V]) -> Indexed:
    """Return by what ``projected`` is found."""
    if not isinstance(projected, View):
        return NOT_INDEXED
    terms = tuple(map(token, declaration.terms(projected)))
    return Indexed(declaration.sort_keys(projected), terms, declaration.words(projected))


def token(term: Term) -> bytes:
    """Return ``term`` as the index knows it: the filter's whole name and a digest of the value.

    No two filters share a token, since the digest has a fixed length.
    """
    digest = blake2b(term.value.encode(), digest_size=_DIGEST_BYTES)
    return b"%s_%s" % (term.name.encode(), digest.digest())


class Entries(NamedTuple):
    """The entries of a view: its place in each sort, the default one first, its terms and words.

    ``words`` are in the order of their texts.
    """

    places: dict[int, int]
    terms: tuple[int, ...]
    words: tuple[int, ...]

    @property
    def default_sort(self) -> int | None:
        """Return the sort in which the view is found by words; None for a tombstone."""
        return next(iter(self.places), None)

    def to_bytes(self) -> bytes:
        """Return the entries as they are kept."""
        lengths = tuple(map(len, self))
        places = self.places
        return pack(
            _format(*lengths), *lengths, *places.values(), *places, *self.terms, *self.words
        )


NO_ENTRIES: Final = Entries({}, (), ())


def entries_from_bytes(kept: bytes | None) -> Entries:
    """Return what ``Entries.to_bytes`` returned as ``kept``, and no entries for None."""
    if kept is None:
        return NO_ENTRIES
    sorts, terms, words = _LENGTHS.unpack_from(kept)
    numbers = unpack_from(_format(sorts, terms, words), kept)[3:]
    places, named, rest = numbers[:sorts], numbers[sorts : 2 * sorts], numbers[2 * sorts :]
    return Entries(dict(zip(named, places, strict=True)), rest[:terms], rest[terms:])


def keys_to_json(keys: Mapping[str, str]) -> str:
    """Return the key of each sort as they are kept, in the order of the places."""
    return f"[{', '.join(map(_encode, keys.values()))}]"  # faster than a list's encoder


def keys_from_json(kept: str | None, entries: Entries) -> dict[int, str]:
    """Return what ``keys_to_json`` returned as ``kept``, by the numbers of the sorts."""
    return {} if kept is None else dict(zip(entries.places, json.loads(kept), strict=True))


def _format(sorts: int, terms: int, words: int) -> str:
    return f"<HHH{sorts}q{sorts + terms + words}I"
