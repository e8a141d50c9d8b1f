"""What a command can be refused for besides the book's own rules. Nothing is written."""


class CommandRefused(Exception):
    """A command that is refused for what is stored, not for what it says."""


class PreconditionFailed(CommandRefused):
    """The book is not at a version that the client named."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The book is at version {version}.")
        self.version = version


class KeyReused(CommandRefused):
    """The Idempotency-Key came before, with another request."""

    def __init__(self) -> None:
        super().__init__(
            "The Idempotency-Key was used before, with another request. Use a new key for a new request."
        )


class IsbnTaken(CommandRefused):
    """The ISBN belongs to another book."""

    def __init__(self, isbn: str, book_id: str) -> None:
        super().__init__(f"The ISBN {isbn} belongs to the book {book_id}.")
        self.isbn = isbn
        self.book_id = book_id


class LastingConflict(CommandRefused):
    """The book was changed by others at each attempt."""

    def __init__(self) -> None:
        super().__init__(
            "The book is being changed by others all the time. Send the request again."
        )
