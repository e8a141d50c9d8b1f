"""What a client knows of its request, whatever came back."""

import pytest

from core.config import PROBLEM_TYPES
from tests.reliability.processes.history import Outcome
from tests.reliability.processes.http_client import Reply
from tests.reliability.processes.requests import outcome_of


def problem(status: int, name: str) -> Reply:
    return Reply(True, status, {}, {"type": PROBLEM_TYPES + name})


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(sent=False), Outcome.UNSENT),
        (Reply(sent=True), Outcome.UNKNOWN),
        (Reply(True, 201), Outcome.OK),
        (Reply(True, 304), Outcome.OK),
        (problem(409, "isbn-taken"), Outcome.REFUSED),
        (problem(503, "store-unavailable"), Outcome.UNKNOWN),
        (problem(503, "identity-unavailable"), Outcome.REFUSED),
        (problem(503, "unreadable-history"), Outcome.REFUSED),
        (problem(500, "internal"), Outcome.UNKNOWN),
        (Reply(True, 502, {}, "Bad gateway"), Outcome.UNKNOWN),
    ],
)
def test_only_a_refusal_says_that_nothing_was_written(reply: Reply, outcome: Outcome) -> None:
    assert outcome_of(reply) is outcome
