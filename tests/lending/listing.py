"""What readers find loans by. There is no search."""

from typing import get_args, get_type_hints

from core.ports.listing import EVERYTHING, Filter, ListingDeclaration, Sort, one_of
from core.ports.text import instant_key
from core.ports.views import View
from tests.lending.loan import LoanDetails
from tests.lending.rules import iso_date, name

STATES: tuple[str, ...] = get_args(get_type_hints(LoanDetails)["state"])


def _due(loan: View[LoanDetails]) -> str | None:
    return None if loan.details.due is None else loan.details.due.isoformat()


LISTING: ListingDeclaration[LoanDetails] = ListingDeclaration(
    details=LoanDetails,
    filters=(
        Filter("copy", lambda loan: (loan.details.terms.barcode,), check=name),
        Filter("borrower", lambda loan: (loan.details.terms.borrower,), check=name),
        Filter("due", lambda loan: (_due(loan),), check=iso_date),
        Filter("state", lambda loan: (loan.details.state,), check=one_of(*STATES)),
    ),
    sorts=(
        Sort("due", lambda loan: _due(loan) or ""),
        Sort("added", lambda loan: instant_key(loan.added_at)),
    ),
    spread={EVERYTHING: 3, "borrower": 2, "state": 4},
)
