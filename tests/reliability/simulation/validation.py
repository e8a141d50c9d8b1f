"""What DynamoDB refuses of a request, whatever is stored, and how it counts an item's size."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.reliability.simulation.errors import invalid
from tests.reliability.simulation.expressions import check_all_used
from tests.reliability.simulation.tables import Key, KeySchema

MAX_PARTITION_KEY_BYTES: Final = 2_048
MAX_SORT_KEY_BYTES: Final = 1_024

_COMMON: Final = {
    "TableName",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "ReturnValuesOnConditionCheckFailure",
}
_ARGUMENTS: Final = {
    "Put": _COMMON | {"Item"},
    "Update": _COMMON | {"Key", "UpdateExpression"},
    "Delete": _COMMON | {"Key"},
    "ConditionCheck": _COMMON | {"Key"},
}


def check_arguments(action: str, request: Mapping[str, Any]) -> None:
    """Raise NotImplementedError for an argument that the model does not know."""
    if not request.keys() <= _ARGUMENTS[action]:
        raise NotImplementedError(f"{action} with {sorted(request)}")


def check_used(
    expressions: Sequence[str | None], names: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    """Raise a ServiceError for a name or a value that no expression uses."""
    try:
        check_all_used([text for text in expressions if text is not None], names, values)
    except ValueError as error:
        raise invalid(str(error)) from error


def valid_key(schema: KeySchema, attributes: Mapping[str, Any], whole: bool = False) -> Key:
    """Return the key in ``attributes``; in a ``whole`` item there are others too."""
    try:
        partition, sort = schema.key_of(attributes)
    except (KeyError, ValueError) as error:
        raise invalid(f"Type mismatch or missing key: {error}") from error
    if not whole and len(attributes) != 2:
        raise invalid("The provided key element does not match the schema")
    _check_key(partition, MAX_PARTITION_KEY_BYTES)
    if schema.sort_type == "S":
        _check_key(sort, MAX_SORT_KEY_BYTES)
    return partition, sort


def _check_key(text: str, limit: int) -> None:
    # A character has at most 4 bytes.
    if not text or (4 * len(text) > limit and len(text.encode()) > limit):
        raise invalid("A key is empty, or has exceeded its size limit")


def item_bytes(item: Mapping[str, Any]) -> int:
    """Return the size of an item as DynamoDB counts it."""
    size = 0
    for name, value in item.items():
        ((kind, content),) = value.items()
        size += len(name)
        if kind == "S":
            size += len(content) if content.isascii() else len(content.encode())
        else:
            size += _other_bytes(kind, content)
    return size


def _other_bytes(kind: str, content: Any) -> int:
    match kind:
        case "N":
            return len(content) // 2 + 2
        case "SS":
            if not content or len(set(content)) < len(content):
                raise invalid("A set is empty, or has duplicates")
            return sum(len(text.encode()) for text in content)
        case "M":
            return 3 + item_bytes(content) + len(content)
        case _:
            raise NotImplementedError(f"attribute of type {kind}")
