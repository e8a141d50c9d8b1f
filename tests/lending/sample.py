"""Loans as a sample for the contract suites."""

from datetime import date

from hypothesis import strategies as st

from tests.lending.commands import (
    AmendRequest,
    LendCopy,
    LoanCommand,
    RenewLoan,
    ReportLoss,
    RequestLoan,
    ReturnCopy,
    WithdrawRequest,
)
from tests.lending.events import LoanEvent, LoanRequested, LoanWithdrawn, RequestAmended
from tests.lending.loan import LoanDetails, LoanState, Terms
from tests.lending.manifest import LOANS
from tests.support.sample import Sample

_BORROWERS = ("Ann", "ANN", "Ánn", "Bob 東")
_BARCODES = ("31-0001", "31-0002", "a b")
_DATES = (date(2024, 5, 31), date(2024, 6, 30), date(999, 1, 1))

_terms = st.builds(
    Terms,
    borrower=st.sampled_from(_BORROWERS),
    barcode=st.sampled_from(_BARCODES),
    pickup=st.sampled_from((None, "East")),
)
_details = st.one_of(
    st.builds(LoanDetails, state=st.just("requested"), terms=_terms),
    st.builds(
        LoanDetails,
        state=st.sampled_from(("lent", "returned", "lost")),
        terms=_terms,
        due=st.sampled_from(_DATES),
        renewals=st.integers(0, 2),
    ),
)


def _until(*dates: date) -> st.SearchStrategy[dict[str, str]]:
    return st.sampled_from([{"due": due.isoformat()} for due in dates])


_requests = st.builds(
    lambda who, what: RequestLoan({"borrower": who, "barcode": what}),
    st.sampled_from(_BORROWERS),
    st.sampled_from(_BARCODES),
)
_renewals = st.builds(RenewLoan, _until(date(2024, 5, 31), date(2024, 6, 30), date(2024, 7, 31)))
_commands: st.SearchStrategy[LoanCommand] = st.one_of(
    _requests,
    st.builds(AmendRequest, st.sampled_from([{"pickup": None}, {"pickup": "East"}])),
    st.builds(LendCopy, _until(date(999, 1, 1), date(2024, 5, 31))),
    _renewals,
    _renewals,  # twice, so that loans are renewed before they end
    st.sampled_from((ReturnCopy(), ReportLoss(), WithdrawRequest())),
)

LOAN_SAMPLE: Sample[LoanState, LoanCommand, LoanEvent, LoanDetails] = Sample(
    domain=LOANS,
    first=LoanRequested(terms=Terms(borrower="Ann", barcode="31-0001")),
    later=lambda number: RequestAmended(pickup=f"Branch {number}"),
    last=LoanWithdrawn(),
    create=RequestLoan({"borrower": "Ann", "barcode": "31-0001"}),
    rival=RequestLoan({"borrower": "Bob", "barcode": "31-0001"}),
    change=lambda number: AmendRequest({"pickup": f"Branch {number}"}),
    same=AmendRequest({"pickup": None}),
    end=WithdrawRequest(),
    invalid=RequestLoan({"borrower": ""}),
    commands=_commands,
    details=_details,
    plain=LoanDetails(state="requested", terms=Terms(borrower="Ann", barcode="31-0001")),
)
