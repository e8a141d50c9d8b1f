"""Why a domain refuses a command. Nothing is written; ``str()`` is for the client.

``noun`` is what the domain calls the thing in question ("order"), for the problem details.
"""

from typing import NamedTuple


class FieldError(NamedTuple):
    """One bad field: ``pointer`` is a JSON Pointer (RFC 6901) into the request's body."""

    pointer: str
    message: str


class Refusal(Exception):
    """A command that the domain's rules refuse."""

    def __init__(self, noun: str, message: str) -> None:
        super().__init__(message)
        self.noun = noun


class NotFound(Refusal):
    """There is no such thing: it never was, or it has been removed."""

    def __init__(self, noun: str) -> None:
        super().__init__(noun, f"There is no such {noun}.")


class InvalidInput(Refusal):
    """The command would break a rule; ``errors`` names every bad field at once."""

    def __init__(self, noun: str, errors: tuple[FieldError, ...]) -> None:
        super().__init__(noun, "; ".join(f"{e.pointer or 'the body'} {e.message}" for e in errors))
        self.errors = errors


class NotPossible(Refusal):
    """The command is valid and does not fit the present state."""
