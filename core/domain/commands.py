"""What a client can ask of a book. Commands carry the parsed JSON of requests as it came."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AddBook:
    """Add the book that ``payload`` describes, under an id that was never used."""

    payload: object


@dataclass(frozen=True, slots=True)
class ReviseBook:
    """Change a book by a JSON Merge Patch (RFC 7396)."""

    patch: object


@dataclass(frozen=True, slots=True)
class RemoveBook:
    """Remove a book from the catalogue."""


BookCommand = AddBook | ReviseBook | RemoveBook
