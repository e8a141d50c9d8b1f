"""Why a command is refused besides the domain's own rules. Nothing is written.

``noun`` is what the domain calls the thing in question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.ports.decider import Claim


class CommandRefused(Exception):
    """A command that is refused because of what is stored, not because of its content."""


class PreconditionFailed(CommandRefused):
    """The stream is not at a version that the client named."""

    def __init__(self, noun: str, version: int) -> None:
        super().__init__(f"The {noun} is at version {version}.")
        self.noun = noun
        self.version = version


class KeyReused(CommandRefused):
    """The Idempotency-Key was used before, with another request."""

    def __init__(self) -> None:
        super().__init__(
            "The Idempotency-Key was used before, with another request."
            " Use a new key for a new request."
        )


class AlreadyClaimed(CommandRefused):
    """``owner``, another thing of the domain, holds a claim that the command needs."""

    def __init__(self, noun: str, claim: Claim, label: str, owner: str) -> None:
        super().__init__(f"The {label} {claim.value} belongs to the {noun} {owner}.")
        self.noun = noun
        self.claim = claim
        self.label = label
        self.owner = owner


class LastingConflict(CommandRefused):
    """Others changed the stream at each attempt."""

    def __init__(self, noun: str) -> None:
        super().__init__(f"Others keep changing the {noun}. Send the request again.")
        self.noun = noun
