"""How long an invocation on the events table's stream goes on."""

import pytest

from core.bootstrap import stream


class Context:
    """Lambda's context, as far as it is used."""

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


@pytest.mark.parametrize(("left", "is_enough"), [(20_000, True), (19_999, False)])
def test_a_record_is_begun_with_time_for_a_store_that_does_not_respond(
    left: int, is_enough: bool
) -> None:
    assert stream.has_time(Context(left)) is is_enough


def test_a_laptop_has_all_the_time() -> None:
    assert stream.has_time(None)
