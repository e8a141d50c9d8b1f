from apps.importer.checking import check
from apps.importer.cleaning import Book, Unusable
from apps.importer.outcomes import Outcome, Verdict, rejected
from apps.importer.rows import Row
from apps.importer.stopping import Stop

EMMA = {"title": "Emma", "authors": ["Jane Austen"], "isbn": "9780141439587"}
ADDED = Outcome(Verdict.ADDED)


def outcomes_of(*contents: Book | Unusable) -> list[Outcome]:
    rows = [Row(number, (), content) for number, content in enumerate(contents, 2)]
    checked = list(check(rows, Stop()))
    assert [row for row, _ in checked] == rows
    return [outcome for _, outcome in checked]


def test_a_valid_book_would_be_added_once() -> None:
    again = dict(reversed(EMMA.items()))
    assert outcomes_of(EMMA, again) == [ADDED, Outcome(Verdict.ALREADY_THERE)]


def test_a_book_that_breaks_rules_would_be_rejected_with_all_errors() -> None:
    (outcome,) = outcomes_of({"title": "", "published": "soon", "pages": 7})
    assert outcome.verdict is Verdict.REJECTED
    assert outcome.reason == (
        "/title must have 1 to 500 characters; /authors is required; /published must be a year"
        " (1999 or -0750), a month (1999-05) or a day (1999-05-17); /pages is not a known field"
    )


def test_a_row_that_is_no_book_would_be_rejected_with_its_reason() -> None:
    assert outcomes_of(Unusable("is not JSON"), EMMA) == [rejected("is not JSON"), ADDED]


def test_an_isbn_of_an_earlier_row_would_be_rejected_with_that_row() -> None:
    other = {**EMMA, "title": "Emma, again", "isbn": "0-14-143958-0"}
    assert outcomes_of(EMMA, other) == [
        ADDED,
        rejected("The ISBN 9780141439587 belongs to the book of row 2."),
    ]


def test_a_rejected_row_takes_no_isbn() -> None:
    _, second = outcomes_of({**EMMA, "title": ""}, EMMA)
    assert second == ADDED


def test_a_book_over_the_limit_of_a_body_would_be_rejected() -> None:
    (outcome,) = outcomes_of({**EMMA, "description": "\U0001f4d6" * 20_000})
    assert outcome == rejected("The body must not be over 65,536 bytes.")


def test_a_check_stops_on_request() -> None:
    stop = Stop()
    checked = check([Row(2, (), EMMA), Row(3, (), EMMA)], stop)
    next(checked)
    stop.ask("interrupted")
    assert list(checked) == []
