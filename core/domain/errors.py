"""What the domain refuses, each with what a client needs to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One bad field: ``pointer`` is a JSON Pointer (RFC 6901) into the request's body."""

    pointer: str
    message: str


class DomainError(Exception):
    """A command that the book's rules refuse. Nothing is written."""


class InvalidBook(DomainError):
    """The command would make a book that breaks a rule; ``errors`` names every bad field at once."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__("; ".join(f"{e.pointer or 'the body'} {e.message}" for e in errors))
        self.errors = errors


class BookNotFound(DomainError):
    """There is no such book: it never was, or it has been removed."""

    def __init__(self, book_id: str) -> None:
        super().__init__(f"There is no book {book_id}.")
        self.book_id = book_id


class BookExists(DomainError):
    """A book is added under an id that has a history."""

    def __init__(self, book_id: str) -> None:
        super().__init__(f"The id {book_id} belongs to a book already.")
        self.book_id = book_id
