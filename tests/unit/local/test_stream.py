"""The laptop's event source mapping follows Lambda's rules for batches that fail."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.local.stream import MAX_RECORD_AGE_SECONDS, Record, deliver

NOW = 1_800_000_000.0


def record(number: int, created: float = NOW) -> Record:
    return {"dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": created}}


def records(*numbers: int) -> list[Record]:
    return [record(number) for number in numbers]


def numbers(batch: Sequence[Record]) -> list[int]:
    return [int(record["dynamodb"]["SequenceNumber"]) for record in batch]


class Function:
    """Reports the records of ``failing`` as failed, each as many times as it says.

    The first ``raising`` invocations raise instead.
    """

    def __init__(self, failing: Mapping[int, int], raising: int = 0) -> None:
        self.failing = dict(failing)
        self.raising = raising
        self.invocations: list[list[int]] = []

    def __call__(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        batch = numbers(event["Records"])
        self.invocations.append(batch)
        if len(self.invocations) <= self.raising:
            raise RuntimeError("as planned")
        failed = [number for number in batch if self.failing.get(number, 0) > 0]
        self.failing = {n: left - (n in batch) for n, left in self.failing.items()}
        return {"batchItemFailures": [{"itemIdentifier": str(number)} for number in failed]}


class Clock:
    """A clock that goes on by a second with each pause; after ``pauses`` the mapping is stopped."""

    def __init__(self, pauses: int = 1_000_000) -> None:
        self.now = NOW
        self.attempts: list[int] = []
        self._pauses = pauses

    def __call__(self) -> float:
        return self.now

    def pause(self, attempts: int) -> bool:
        self.attempts.append(attempts)
        self.now += 1
        return len(self.attempts) < self._pauses


def delivered(
    batch: Sequence[Record], function: Function, clock: Clock | None = None
) -> tuple[list[int], list[int]]:
    """Deliver a batch to its end; return the records that were given up, and the pauses."""
    given_up: list[Record] = []
    clock = clock or Clock()
    assert deliver(batch, function, given_up.append, clock.pause, clock)
    return numbers(given_up), clock.attempts


def test_a_batch_that_succeeds_is_sent_once() -> None:
    function = Function({})
    assert delivered(records(1, 2, 3), function) == ([], [])
    assert function.invocations == [[1, 2, 3]]


def test_delivery_resumes_at_the_lowest_number_that_failed() -> None:
    function = Function({2: 1, 4: 1})
    assert delivered(records(1, 2, 3, 4), function) == ([], [1])
    assert function.invocations == [[1, 2, 3, 4], [2, 3, 4]]


def test_pauses_start_anew_after_progress() -> None:
    assert delivered(records(1, 2, 3), Function({1: 3, 3: 5})) == ([], [1, 2, 3, 1, 2])


def test_a_batch_whose_invocation_raises_is_sent_again_whole() -> None:
    function = Function({}, raising=2)
    assert delivered(records(1, 2), function) == ([], [1, 2])
    assert function.invocations == [[1, 2]] * 3


def test_a_failure_of_a_record_that_was_not_sent_is_a_failure_of_the_whole_batch() -> None:
    function = Function({})
    responses = iter([{"batchItemFailures": [{"itemIdentifier": "unknown"}]}, {}])

    def confused(event: Mapping[str, Any]) -> Mapping[str, Any]:
        function(event)
        return next(responses)

    clock = Clock()
    assert deliver(records(1, 2), confused, lambda _: None, clock.pause, clock)
    assert function.invocations == [[1, 2], [1, 2]]


@pytest.mark.parametrize("function", [Function({2: 5000}), Function({}, raising=5000)])
def test_a_young_record_is_tried_as_often_as_it_takes(function: Function) -> None:
    given_up, pauses = delivered(records(1, 2), function)
    assert given_up == []
    assert pauses == list(range(1, 5001))


@pytest.mark.parametrize("age", [0, 3600])
def test_a_record_that_fails_is_given_up_once_it_is_too_old_and_the_others_go_on(age: int) -> None:
    function, clock = Function({2: 1_000_000}), Clock()
    given_up, _ = delivered([record(1), record(2, NOW - age), record(3)], function, clock)
    assert given_up == [2]
    assert clock.now - (NOW - age) == MAX_RECORD_AGE_SECONDS + 1
    assert function.invocations[-1] == [3]


def test_an_old_record_that_succeeds_is_not_given_up() -> None:
    old = record(1, NOW - MAX_RECORD_AGE_SECONDS - 1)
    assert delivered([old], Function({})) == ([], [])


def test_a_stop_ends_the_delivery() -> None:
    function, clock = Function({}, raising=5000), Clock(pauses=3)
    assert not deliver(records(1, 2), function, lambda _: None, clock.pause, clock)
    assert len(function.invocations) == 3


@given(st.dictionaries(st.integers(1, 12), st.integers(1, 20)), st.integers(0, 12))
def test_every_record_succeeds_in_the_end(failing: dict[int, int], last: int) -> None:
    function = Function(failing)
    given_up, _ = delivered(records(*range(1, last + 1)), function)
    assert given_up == []
    assert {n for n, left in function.failing.items() if left > 0 and n <= last} == set()
    # Each of them was in an invocation in which it did not fail.
    assert {n for batch in function.invocations for n in batch} == set(range(1, last + 1))
