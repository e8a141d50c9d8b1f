"""What readers find loans by. There is no search."""

from collections.abc import Iterable
from typing import get_args

from core.ports.listing import Filter, ListingDeclaration, Sort
from core.ports.text import instant_key
from core.ports.views import View
from tests.lending.loan import LoanDetails
from tests.lending.rules import iso_date, name

STATES: tuple[str, ...] = get_args(LoanDetails.model_fields["state"].annotation)


def _state(text: str) -> str:
    if text not in STATES:
        raise ValueError(f"must be one of {', '.join(STATES)}")
    return text


def _due(loan: View[LoanDetails]) -> Iterable[str]:
    return () if loan.details.due is None else (loan.details.due.isoformat(),)


LISTING: ListingDeclaration[LoanDetails] = ListingDeclaration(
    details=LoanDetails,
    filters=(
        Filter("copy", lambda loan: (loan.details.terms.barcode,), check=name),
        Filter("borrower", lambda loan: (loan.details.terms.borrower,), check=name),
        Filter("due", _due, check=iso_date),
        Filter("state", lambda loan: (loan.details.state,), check=_state),
    ),
    sorts=(
        Sort("due", lambda loan: "".join(_due(loan))),
        Sort("added", lambda loan: instant_key(loan.added_at)),
    ),
)
