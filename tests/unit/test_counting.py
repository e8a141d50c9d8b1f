"""Numbers of things in what programs print."""

import pytest

from apps.counting import counted


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 events"), (1, "1 event"), (2, "2 events"), (1_200, "1,200 events")],
)
def test_one_thing_is_singular(number: int, text: str) -> None:
    assert counted(number, "event") == text
