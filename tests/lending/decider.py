"""The loan as a decider: ``decide`` holds the rules, ``evolve`` none."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TypeVar, assert_never

from core.ports.decider import Claim, Decider, ImpossibleHistory
from core.ports.refusals import FieldError, InvalidInput, NotFound, NotPossible
from tests.lending import commands, events
from tests.lending.loan import Lent, LoanState, Lost, NoLoan, Requested, Returned, Withdrawn
from tests.lending.rules import NOUN, parse_due, parse_pickup, parse_request

MAX_RENEWALS = 2

T = TypeVar("T")


def decide(state: LoanState, command: commands.LoanCommand) -> list[events.LoanEvent]:
    """Return the events that ``command`` causes, none when it changes nothing.

    Raises InvalidInput, NotFound or NotPossible when the rules of lending refuse it.
    """
    match command:
        case commands.RequestLoan(payload):
            if not isinstance(state, NoLoan):
                raise NotPossible(NOUN, "The id belongs to a loan already.")
            return [events.LoanRequested(terms=parse_request(payload))]
        case commands.AmendRequest(payload):
            before, pickup = _requested(state).terms.pickup, parse_pickup(payload)
            return [] if pickup == before else [events.RequestAmended(pickup=pickup)]
        case commands.LendCopy(payload):
            _requested(state)
            return [events.CopyLent(due=parse_due(payload))]
        case commands.RenewLoan(payload):
            return [events.LoanRenewed(due=_later_due(_lent(state), parse_due(payload)))]
        case commands.ReturnCopy():
            _lent(state.lent if isinstance(state, Lost) else state)
            return [events.CopyReturned()]
        case commands.ReportLoss():
            _lent(state)
            return [events.CopyLost()]
        case commands.WithdrawRequest():
            _requested(state)
            return [events.LoanWithdrawn()]
        case _:
            assert_never(command)


def _requested(state: LoanState) -> Requested:
    return _in_state(Requested, state, "The copy was lent already.")


def _lent(state: LoanState) -> Lent:
    return _in_state(Lent, state, "The copy is not on loan.")


def _in_state(wanted: type[T], state: LoanState, refusal: str) -> T:
    if isinstance(state, NoLoan | Withdrawn):
        raise NotFound(NOUN)
    if not isinstance(state, wanted):
        raise NotPossible(NOUN, refusal)
    return state


def _later_due(loan: Lent, due: date) -> date:
    if loan.renewals == MAX_RENEWALS:
        raise NotPossible(NOUN, f"A loan can be renewed {MAX_RENEWALS} times.")
    if due <= loan.due:
        raise InvalidInput(NOUN, (FieldError("/due", f"must be later than {loan.due}"),))
    return due


def evolve(state: LoanState, event: events.LoanEvent) -> LoanState:
    """Return the state after ``event``. Raises ImpossibleHistory if ``state`` forbids it."""
    match event, state:
        case events.LoanRequested(terms=terms), NoLoan():
            return Requested(terms)
        case events.RequestAmended(pickup=pickup), Requested(terms):
            return Requested(replace(terms, pickup=pickup))
        case events.CopyLent(due=due), Requested(terms):
            return Lent(terms, due)
        case events.LoanRenewed(due=due), Lent(terms, _, renewals):
            return Lent(terms, due, renewals + 1)
        case events.CopyReturned(), (Lent() as lent) | Lost(lent):
            return Returned(lent)
        case events.CopyLost(), Lent() as lent:
            return Lost(lent)
        case events.LoanWithdrawn(), Requested():
            return Withdrawn()
        case _:
            raise ImpossibleHistory(
                f"{type(event).__name__} cannot happen to {type(state).__name__}"
            )


def claims(state: LoanState) -> Iterable[Claim]:
    """Return what a loan holds for itself alone: its copy, until it is returned."""
    match state:
        case Requested(terms) | Lent(terms) | Lost(Lent(terms)):
            yield Claim("copy", terms.barcode)


def is_withdrawn(state: LoanState) -> bool:
    """Return whether the request was withdrawn: no event follows."""
    return isinstance(state, Withdrawn)


DECIDER: Decider[LoanState, commands.LoanCommand, events.LoanEvent] = Decider(
    initial=NoLoan(), decide=decide, evolve=evolve, is_terminal=is_withdrawn, claims=claims
)
