"""Values that a JSON Schema of the OpenAPI document describes: hypothesis strategies."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Return a strategy of values of which ``schema`` is true."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([_of_type(name, schema) for name in types])


def _of_type(name: str, schema: Schema) -> st.SearchStrategy[Any]:
    match name:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            limits = schema.get("minimum"), schema.get("maximum")
            return st.floats(*limits, allow_nan=False, allow_infinity=False)
        case "string":
            return _texts(schema)
        case "array":
            minimum, maximum = schema.get("minItems", 0), min(schema.get("maxItems", 3), 3)
            unique = schema.get("uniqueItems", False)
            items = values(schema["items"])
            return st.lists(items, min_size=minimum, max_size=maximum, unique=unique)
        case "object":
            fields = {field: values(part) for field, part in schema["properties"].items()}
            required = {field: fields.pop(field) for field in schema.get("required", [])}
            return st.fixed_dictionaries(required, optional=fields)
        case _:
            raise NotImplementedError(name)


def _texts(schema: Schema) -> st.SearchStrategy[str]:
    minimum, maximum = schema.get("minLength", 0), schema.get("maxLength")
    if "pattern" not in schema:
        return st.text(min_size=minimum, max_size=maximum)
    # Python's $ allows a line break after it.
    pattern = schema["pattern"].removesuffix("$") + r"\Z"
    return st.from_regex(pattern).filter(
        lambda text: minimum <= len(text) <= (maximum or len(text))
    )
