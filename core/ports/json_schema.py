"""What JSON Schema can say of a record's field, beyond its type."""

from collections.abc import Mapping
from typing import Any


class JsonSchema:
    """Metadata of a field's type (``Annotated``): the JSON Schema of what responses have there.

    It is pydantic that asks for it (``__get_pydantic_json_schema__``), where the API's description
    is written. Nothing that serves a request needs pydantic for it.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        is_of_responses = handler.mode == "serialization"
        return dict(self._schema) if is_of_responses else dict(handler(core_schema))
