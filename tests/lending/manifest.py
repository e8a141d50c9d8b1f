"""The loans in the engine's vocabulary."""

from core.ports.domain import Domain, WriteSide
from tests.lending.commands import LoanCommand
from tests.lending.decider import DECIDER
from tests.lending.events import EVENTS, LoanEvent
from tests.lending.listing import LISTING
from tests.lending.loan import LoanDetails, LoanState, restore, view_of
from tests.lending.rules import NOUN

LOANS: Domain[LoanState, LoanCommand, LoanEvent, LoanDetails] = Domain(
    noun=NOUN,
    collection="/v1/lending/loans",
    write_side=lambda: WriteSide(DECIDER, EVENTS),
    view=view_of,
    restore=restore,
    listing=LISTING,
    claim_labels={"copy": "copy"},
)
