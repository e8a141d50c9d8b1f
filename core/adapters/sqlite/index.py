"""What the indexes of a generation hold of a view.

It is kept beside the view, so that the rows of a replaced view are removed as they were put in,
even if the declaration has changed since or a later version of Unicode folds text otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final, NamedTuple, TypeVar

from core.ports.listing import Listing, ListingDeclaration, Position, Term, matched_word
from core.ports.records import Record
from core.ports.views import Projected, View

V = TypeVar("V", bound=Record)

ALL_VIEWS: Final = "all"
"""The term under which every view is listed. It equals no token, since tokens end in a digest."""

_DIGEST_BYTES: Final = 16


class Indexed(NamedTuple):
    """The index entries of a view; a tombstone has none.

    ``keys`` has the key of each sort, the default one first. ``terms``, as tokens, and ``words``
    are sorted.
    """

    keys: dict[str, str]
    terms: tuple[str, ...]
    words: tuple[str, ...]

    def full_text(self) -> str:
        """Return what the full-text index holds of the view."""
        return " ".join([*self.terms, *map(word_token, self.words)])

    def listing_rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield (term, sort, key) for each entry of the view in the listings."""
        for term in (ALL_VIEWS, *self.terms) if self.keys else ():
            for sort, key in self.keys.items():
                yield term, sort, key

    def word_rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield (word, key of the default sort, the word before) for each of the view's words."""
        for before, word in zip(("", *self.words), self.words, strict=False):
            yield word, self._default_key, before

    def position(self, stream: str, listing: Listing, sort: str) -> Position | None:
        """Return where the view stands in ``listing``, which ``sort`` orders.

        That is None when the view does not have the last word, or was indexed before there was such
        a sort.
        """
        if listing.words:
            matched = matched_word(self.words, listing.words[-1])
            return None if matched is None else (matched, self._default_key, stream)
        key = self.keys.get(sort)
        return None if key is None else (key, stream)

    @property
    def _default_key(self) -> str:
        return next(iter(self.keys.values()))

    def to_json(self) -> str:
        """Return the entries as they are kept."""
        return json.dumps(self._asdict(), ensure_ascii=False)


NOT_INDEXED: Final = Indexed({}, (), ())


def indexed_from_json(text: str | None) -> Indexed:
    """Return what ``to_json`` returned as ``text``, and no entries for None."""
    if text is None:
        return NOT_INDEXED
    kept = json.loads(text)
    return Indexed(kept["keys"], tuple(kept["terms"]), tuple(kept["words"]))


def indexed(projected: Projected[V], declaration: ListingDeclaration[V]) -> Indexed:
    """Return the index entries that ``projected`` has."""
    if not isinstance(projected, View):
        return NOT_INDEXED
    terms = sorted(map(token, declaration.terms(projected)))
    return Indexed(declaration.sort_keys(projected), tuple(terms), declaration.words(projected))


def token(term: Term) -> str:
    """Return ``term`` as one word of the full-text index.

    It is the filter's whole name and a digest of the value. No two filters share a token, since the
    digest has a fixed length.
    """
    digest = blake2b(term.value.encode(), digest_size=_DIGEST_BYTES)
    return f"{term.name}_{digest.hexdigest()}"


def word_token(word: str) -> str:
    """Return the token of a word, which is that of a filter without a name: no filter has it."""
    return token(Term("", word))
