"""What members and the desk can ask of a loan. A payload is the parsed JSON of a request."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestLoan:
    """Ask for the copy that ``payload`` names, under an id that was never used."""

    payload: object


@dataclass(frozen=True, slots=True)
class AmendRequest:
    """Name another branch, or with ``null`` none, to collect the copy at."""

    payload: object


@dataclass(frozen=True, slots=True)
class LendCopy:
    """Hand the requested copy to the member, until the due date in ``payload``."""

    payload: object


@dataclass(frozen=True, slots=True)
class RenewLoan:
    """Move the due date to the later one in ``payload``."""

    payload: object


@dataclass(frozen=True, slots=True)
class ReturnCopy:
    """Take the copy back, also one that was reported lost."""


@dataclass(frozen=True, slots=True)
class ReportLoss:
    """Record that the member cannot find the copy."""


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """Take back a request before the copy is lent."""


LoanCommand = (
    RequestLoan | AmendRequest | LendCopy | RenewLoan | ReturnCopy | ReportLoss | WithdrawRequest
)
