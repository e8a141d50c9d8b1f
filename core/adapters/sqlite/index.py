"""What the indexes of the catalogue hold of a book.

It is kept beside the book, so that a replaced book's rows are taken out as they were put in, even if a later version
of Unicode folds its text otherwise.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Final

from core.domain.text import fold
from core.ports.catalogue import (
    BookView,
    Entry,
    Listing,
    Position,
    Sort,
    book_sort_key,
    book_words,
    matched_word,
)

ALL_BOOKS: Final = "all"
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Indexed:
    """The sort keys, filter terms and words of a book; a removed book has none."""

    keys: dict[str, str]
    terms: tuple[str, ...]
    words: tuple[str, ...]

    def search_text(self) -> str:
        """Return what the full-text index holds of the book."""
        return " ".join([*self.terms, *(word_term(word) for word in self.words)])

    def listing_rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield (term, sort, key) for each place of the book in a listing."""
        for term in (ALL_BOOKS, *self.terms) if self.keys else ():
            for sort, key in self.keys.items():
                yield term, sort, key

    def word_rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield (word, title key, the word before) for each of the book's words."""
        for before, word in zip(("", *self.words), self.words, strict=False):
            yield word, self.keys[Sort.TITLE], before

    def place(self, book_id: str, listing: Listing) -> Position | None:
        """Return the position in ``listing``, or None where the book has not its last word."""
        if not listing.words:
            return (self.keys[listing.sort], book_id)
        matched = matched_word(self.words, listing.words[-1])
        return None if matched is None else (matched, self.keys[Sort.TITLE], book_id)

    def to_json(self) -> str:
        """Return it as it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)


NOT_INDEXED: Final = Indexed({}, (), ())


def indexed_from_json(text: str | None) -> Indexed:
    """Return what ``to_json`` has kept, or nothing for None."""
    if text is None:
        return NOT_INDEXED
    kept = json.loads(text)
    return Indexed(kept["keys"], tuple(kept["terms"]), tuple(kept["words"]))


def indexed(entry: Entry) -> Indexed:
    """Return what the indexes are to hold of ``entry``."""
    if not isinstance(entry, BookView):
        return NOT_INDEXED
    details = entry.details
    terms = [term("author", fold(author)) for author in details.authors]
    terms += [term("subject", fold(subject)) for subject in details.subjects]
    terms.append(term("language", fold(details.language or "")))
    if details.isbn is not None:
        terms.append(term("isbn", details.isbn))
    keys = {sort.value: book_sort_key(entry, sort) for sort in Sort}
    return Indexed(keys, tuple(dict.fromkeys(terms)), book_words(entry))


def wanted_terms(listing: Listing) -> list[str]:
    """Return the terms that a book of ``listing`` has, those that fewest books have (as a rule) first."""
    filters = {
        "isbn": listing.isbn,
        "author": listing.author,
        "subject": listing.subject,
        "language": listing.language,
    }
    return [term(kind, text) for kind, text in filters.items() if text is not None]


def term(kind: str, text: str) -> str:
    """Return a token of fixed length for ``text``: ASCII letters and digits, which any tokenizer leaves alone."""
    return kind[0] + blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def word_term(word: str) -> str:
    """Return the token of a word."""
    return term("word", word)
