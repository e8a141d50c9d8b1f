"""Calls that are made together all end, and their results are in order."""

from functools import partial
from threading import Barrier

import pytest

from core.adapters.dynamodb.parallel import Threads, Together, one_by_one

MAKERS: dict[str, Together] = {"threads": Threads(4), "one by one": one_by_one}


@pytest.fixture(params=MAKERS)
def together(request: pytest.FixtureRequest) -> Together:
    return MAKERS[request.param]


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_results_are_in_the_order_of_the_calls(together: Together, count: int) -> None:
    assert together([partial(int, number) for number in range(count)]) == list(range(count))


def test_the_first_error_is_raised(together: Together) -> None:
    def fail(reason: str) -> None:
        raise ValueError(reason)

    with pytest.raises(ValueError, match="first"):
        together([partial(fail, "first"), partial(fail, "second")])


def test_threads_make_calls_at_the_same_time() -> None:
    meeting = Barrier(3, timeout=60)
    assert sorted(Threads(3)([meeting.wait] * 3)) == [0, 1, 2]


def test_threads_have_made_all_calls_when_one_has_failed() -> None:
    done: list[int] = []

    def call(number: int) -> None:
        if number == 0:
            raise ValueError("the first")
        done.append(number)

    with pytest.raises(ValueError, match="the first"):
        Threads(2)([partial(call, number) for number in range(7)])
    assert sorted(done) == list(range(1, 7))
