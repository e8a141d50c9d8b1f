"""The size of an item is the sum of what DynamoDB counts for each of its attributes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.dynamodb.items import item_size

TEXTS = st.text("aé東𝄞", max_size=4)
PLAIN = st.one_of(
    st.builds(lambda text: {"S": text}, TEXTS),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda texts: {"SS": sorted(texts)}, st.sets(TEXTS, min_size=1)),
)
FLAT = st.dictionaries(TEXTS, PLAIN, max_size=4)
ITEMS = st.dictionaries(TEXTS, PLAIN | st.builds(lambda item: {"M": item}, FLAT), max_size=4)


def counted(kind: str, content: Any) -> int:
    """Return the bytes of a value, as the developer guide has them."""
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return 21  # at most
        case "SS":
            return sum(len(text.encode()) for text in content)
        case _:
            members = [counted(*next(iter(value.items()))) + 1 for value in content.values()]
            return 3 + sum(len(name.encode()) for name in content) + sum(members)


@given(ITEMS)
def test_each_attribute_counts_with_its_name(item: dict[str, Any]) -> None:
    values = [counted(*next(iter(value.items()))) for value in item.values()]
    assert item_size(item) == sum(len(name.encode()) for name in item) + sum(values)


def test_a_lone_surrogate_which_no_request_can_carry_has_a_size_all_the_same() -> None:
    assert item_size({"a": {"S": "\ud800"}}) == 2


def test_an_attribute_of_a_type_that_no_item_has_is_refused() -> None:
    with pytest.raises(ValueError, match="BOOL"):
        item_size({"a": {"BOOL": True}})
