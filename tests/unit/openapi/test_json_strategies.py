"""Values are drawn of each type that a field of a domain may have."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.documented import Documentation, committed
from tests.support.json_strategies import Schema, values


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "boolean"},
        {"type": ["integer", "null"], "minimum": 0, "maximum": 9},
        {"type": "number", "minimum": -0.5, "maximum": 0.5},
        {"type": "string", "minLength": 1, "maxLength": 3},
        {"type": "array", "items": {"type": "integer"}, "minItems": 1},
    ],
    ids=lambda schema: str(schema["type"]),
)
@given(data=st.data())
def test_a_value_is_as_its_schema_says(schema: Schema, data: Any) -> None:
    assert Documentation(committed()).errors(schema, data.draw(values(schema))) == []
