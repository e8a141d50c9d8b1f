"""The rules of lending."""

from datetime import date
from typing import Any

import pytest

from core.ports.decider import Claim, ImpossibleHistory
from core.ports.refusals import InvalidInput, NotFound, NotPossible
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
from tests.lending.decider import DECIDER, claims
from tests.lending.events import (
    CopyLent,
    CopyLost,
    CopyReturned,
    LoanEvent,
    LoanRenewed,
    LoanRequested,
    LoanWithdrawn,
    RequestAmended,
)
from tests.lending.listing import LISTING
from tests.lending.loan import LoanDetails, Terms, view_of
from tests.support.specification import Specification, folded

given = Specification(DECIDER).given

REQUEST = {"borrower": "Ann", "barcode": "31-0001"}
TERMS = Terms(borrower="Ann", barcode="31-0001")
JUNE, JULY, AUGUST, SEPTEMBER = (date(2024, month, 1) for month in (6, 7, 8, 9))
REQUESTED = (LoanRequested(terms=TERMS),)
LENT = (*REQUESTED, CopyLent(due=JUNE))
RENEWED_TWICE = (*LENT, LoanRenewed(due=JULY), LoanRenewed(due=AUGUST))
RETURNED = (*LENT, CopyReturned())
LOST = (*LENT, CopyLost())
WITHDRAWN = (*REQUESTED, LoanWithdrawn())

AFTER_THE_REQUEST: list[LoanCommand] = [
    AmendRequest({"pickup": "East"}),
    LendCopy({"due": "2024-06-01"}),
    RenewLoan({"due": "2024-09-01"}),
    ReturnCopy(),
    ReportLoss(),
    WithdrawRequest(),
]


def by_type(value: object) -> str | None:
    return None if isinstance(value, tuple) else type(value).__name__


def test_a_copy_can_be_requested() -> None:
    terms = Terms(borrower="Ann", barcode="31-0001", pickup="East")
    given().when(RequestLoan({**REQUEST, "borrower": " Ann", "pickup": "East"})).then(
        LoanRequested(terms=terms)
    )


def test_all_errors_of_a_request_are_reported_at_once() -> None:
    payload = {"borrower": "", "pickup": 7, "a/b~c": 1}
    error = given().when(RequestLoan(payload)).raises(InvalidInput)
    assert {e.pointer: e.message for e in error.errors} == {
        "/borrower": "must have 1 to 50 printable characters",
        "/barcode": "is required",
        "/pickup": "must be a string",
        "/a~1b~0c": "is not a known field",
    }


@pytest.mark.parametrize("payload", [None, [], "x", 7])
def test_a_payload_other_than_an_object_is_refused(payload: object) -> None:
    error = given().when(RequestLoan(payload)).raises(InvalidInput)
    assert [(e.pointer, e.message) for e in error.errors] == [("", "must be an object")]


@pytest.mark.parametrize("history", [REQUESTED, LENT, RETURNED, LOST, WITHDRAWN])
def test_an_id_that_has_a_history_cannot_be_requested_again(history: tuple[LoanEvent, ...]) -> None:
    given(*history).when(RequestLoan(REQUEST)).raises(NotPossible)


def test_a_request_can_be_amended_until_the_copy_is_lent() -> None:
    command = AmendRequest({"pickup": "East"})
    given(*REQUESTED).when(command).then(RequestAmended(pickup="East"))
    given(*REQUESTED, RequestAmended(pickup="East")).when(command).then()
    given(*LENT).when(command).raises(NotPossible)


def test_a_requested_copy_is_lent_until_its_due_date() -> None:
    given(*REQUESTED).when(LendCopy({"due": "2024-06-01"})).then(CopyLent(due=JUNE))


@pytest.mark.parametrize(
    "due", ["1 June", "2024-6-1", "20240601", "2024-02-30", "", 20240601, None]
)
def test_other_forms_of_due_dates_are_refused(due: Any) -> None:
    error = given(*REQUESTED).when(LendCopy({"due": due})).raises(InvalidInput)
    assert [e.pointer for e in error.errors] == ["/due"]


@pytest.mark.parametrize("history", [LENT, RETURNED, LOST])
def test_a_copy_is_lent_once(history: tuple[LoanEvent, ...]) -> None:
    given(*history).when(LendCopy({"due": "2024-06-01"})).raises(NotPossible)


def test_a_loan_can_be_renewed_twice() -> None:
    given(*LENT).when(RenewLoan({"due": "2024-07-01"})).then(LoanRenewed(due=JULY))
    once = (*LENT, LoanRenewed(due=JULY))
    given(*once).when(RenewLoan({"due": "2024-08-01"})).then(LoanRenewed(due=AUGUST))
    given(*RENEWED_TWICE).when(RenewLoan({"due": "2024-09-01"})).raises(NotPossible)


@pytest.mark.parametrize("due", ["2024-05-31", "2024-06-01"])
def test_a_renewal_needs_a_later_due_date(due: str) -> None:
    error = given(*LENT).when(RenewLoan({"due": due})).raises(InvalidInput)
    assert [(e.pointer, e.message) for e in error.errors] == [
        ("/due", "must be later than 2024-06-01")
    ]


@pytest.mark.parametrize("history", [LENT, RENEWED_TWICE, LOST])
def test_a_copy_on_loan_can_be_returned_even_after_it_was_lost(
    history: tuple[LoanEvent, ...],
) -> None:
    given(*history).when(ReturnCopy()).then(CopyReturned())


@pytest.mark.parametrize("history", [LENT, RENEWED_TWICE])
def test_a_copy_on_loan_can_be_lost(history: tuple[LoanEvent, ...]) -> None:
    given(*history).when(ReportLoss()).then(CopyLost())


@pytest.mark.parametrize("history", [REQUESTED, RETURNED])
@pytest.mark.parametrize(
    "command", [RenewLoan({"due": "2024-09-01"}), ReturnCopy(), ReportLoss()], ids=by_type
)
def test_what_needs_a_copy_on_loan_is_refused_without_one(
    command: LoanCommand, history: tuple[LoanEvent, ...]
) -> None:
    given(*history).when(command).raises(NotPossible)


def test_a_request_can_be_withdrawn_until_the_copy_is_lent() -> None:
    given(*REQUESTED).when(WithdrawRequest()).then(LoanWithdrawn())
    given(*LENT).when(WithdrawRequest()).raises(NotPossible)


@pytest.mark.parametrize("history", [(), WITHDRAWN])
@pytest.mark.parametrize("command", AFTER_THE_REQUEST, ids=by_type)
def test_a_missing_loan_is_not_found(command: LoanCommand, history: tuple[LoanEvent, ...]) -> None:
    assert given(*history).when(command).raises(NotFound).noun == "loan"


@pytest.mark.parametrize(
    "history",
    [
        (CopyLent(due=JUNE),),
        (*REQUESTED, *REQUESTED),
        (*REQUESTED, LoanRenewed(due=JULY)),
        (*REQUESTED, CopyReturned()),
        (*RETURNED, CopyLost()),
        (*LENT, LoanWithdrawn()),
        (*LENT, RequestAmended(pickup=None)),
    ],
    ids=range(7),
)
def test_events_that_no_command_causes_are_an_impossible_history(
    history: tuple[LoanEvent, ...],
) -> None:
    with pytest.raises(ImpossibleHistory):
        folded(DECIDER, history)


def test_a_third_renewal_in_the_log_is_a_fact() -> None:
    view = view_of(folded(DECIDER, (*RENEWED_TWICE, LoanRenewed(due=SEPTEMBER))))
    assert view == LoanDetails(state="lent", terms=TERMS, due=SEPTEMBER, renewals=3)


@pytest.mark.parametrize(
    ("history", "is_claimed"),
    [
        ((), False),
        (REQUESTED, True),
        (LENT, True),
        (LOST, True),
        ((*LOST, CopyReturned()), False),
        (RETURNED, False),
        (WITHDRAWN, False),
    ],
    ids=range(7),
)
def test_a_copy_is_claimed_until_it_is_returned(
    history: tuple[LoanEvent, ...], is_claimed: bool
) -> None:
    claimed = list(claims(folded(DECIDER, history)))
    assert claimed == ([Claim("copy", "31-0001")] if is_claimed else [])


@pytest.mark.parametrize(
    ("history", "state", "due"),
    [
        (REQUESTED, "requested", None),
        (RENEWED_TWICE, "lent", AUGUST),
        (RETURNED, "returned", JUNE),
        (LOST, "lost", JUNE),
    ],
    ids=["requested", "lent", "returned", "lost"],
)
def test_ended_loans_stay_visible(
    history: tuple[LoanEvent, ...], state: str, due: date | None
) -> None:
    view = view_of(folded(DECIDER, history))
    assert view is not None
    assert (view.state, view.due) == (state, due)


@pytest.mark.parametrize(
    ("name", "text"), [("due", "soon"), ("state", "overdue"), ("copy", ""), ("borrower", "x" * 51)]
)
def test_filters_refuse_what_no_loan_can_have(name: str, text: str) -> None:
    (filter_,) = (f for f in LISTING.filters if f.name == name)
    with pytest.raises(ValueError, match="must"):
        filter_.term(text)
