"""What a client can ask of a book. Ids come in as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.book import BookDetails


@dataclass(frozen=True, slots=True)
class AddBook:
    """Make a book under an id that was never used."""

    book_id: str
    details: BookDetails


@dataclass(frozen=True, slots=True)
class ReviseBook:
    """Change a book by a JSON Merge Patch (RFC 7396): ``patch`` is parsed JSON, as it came."""

    book_id: str
    patch: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RemoveBook:
    """Take a book out of the catalogue."""

    book_id: str


BookCommand = AddBook | ReviseBook | RemoveBook
