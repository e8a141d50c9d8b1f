"""What responses of DynamoDB, and the items in them, have to look like.

Only what this program reads is checked. Its own items are not all alike: which attributes one must
have is up to whoever reads it, with ``text_of`` and ``number_of``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from core.adapters.dynamodb.items import Item

T = TypeVar("T")


class Malformed(Exception):
    """A response of the store, or an item in it, is not what the store was asked for."""


class Member(NamedTuple):
    """A member of a response, and how to recognise a valid one."""

    name: str
    is_valid: Callable[[Any], bool]
    required: bool = False


def check_members(kind: str, response: Mapping[str, Any]) -> None:
    """Raise Malformed unless ``response`` has the members of its ``kind``.

    That is the name of the operation that succeeded, or DynamoDB's code for its error.
    """
    for name, is_valid, required in _MEMBERS.get(kind, ()):
        if name not in response:
            if required:
                raise Malformed(f"{name} is missing")
        elif not is_valid(response[name]):
            raise Malformed(f"{name} does not have the shape of one")


def items_of(response: Mapping[str, Any]) -> Sequence[Item]:
    """Return the items of a Query or Scan. Raises Malformed when the response has none."""
    if "Items" not in response:
        raise Malformed("Items is missing")
    items: Sequence[Item] = response["Items"]
    return items


def text_of(item: Mapping[str, Any], name: str) -> str:
    """Return an attribute that is a string. Raises Malformed."""
    return _content(item, name, "S", str)


def texts_of(item: Mapping[str, Any], name: str) -> Sequence[str]:
    """Return an attribute that is a set of strings. Raises Malformed."""
    return _content(item, name, "SS", list)


def number_of(item: Mapping[str, Any], name: str) -> int:
    """Return an attribute that is a whole number. Raises Malformed."""
    text = _content(item, name, "N", str)
    try:
        return int(text)
    except ValueError as error:
        raise Malformed(f"attribute {name} is no whole number") from error


def _content(item: Mapping[str, Any], name: str, kind: str, cls: type[T]) -> T:
    try:
        content = item[name][kind]
    except (LookupError, TypeError) as error:
        raise Malformed(f"an item has no attribute {name} of type {kind}") from error
    if not isinstance(content, cls):
        raise Malformed(f"an item has no attribute {name} of type {kind}")
    return content


def _is_item(item: Any) -> bool:
    return isinstance(item, dict) and all(map(_is_value, item.values()))


def _is_value(value: Any) -> bool:
    """Return whether ``value`` is an attribute's, as ``{type: content}``.

    Binary ones, which botocore would have to decode, are not valid: no item of this program has
    them.
    """
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((kind, content),) = value.items()
    match kind:
        case "S" | "N":
            return isinstance(content, str)
        case "SS" | "NS":
            return isinstance(content, list) and all(isinstance(text, str) for text in content)
        case "M":
            return _is_item(content)
        case "L":
            return isinstance(content, list) and all(map(_is_value, content))
        case "BOOL" | "NULL":
            return isinstance(content, bool)
        case _:
            return False


def _are_items(items: Any) -> bool:
    return isinstance(items, list) and all(map(_is_item, items))


def _is_full_item(item: Any) -> bool:
    return _is_item(item) and len(item) > 0


def _are_requests(tables: Any) -> bool:
    return isinstance(tables, dict) and all(map(_are_deletions, tables.values()))


def _are_deletions(requests: Any) -> bool:
    return isinstance(requests, list) and all(map(_is_deletion, requests))


def _is_deletion(request: Any) -> bool:
    match request:
        case {"DeleteRequest": {"Key": key}}:
            return _is_full_item(key)
        case _:
            return False


def _are_reasons(reasons: Any) -> bool:
    return isinstance(reasons, list) and all(map(_is_reason, reasons))


def _is_reason(reason: Any) -> bool:
    # DynamoDB's documentation has null for the message of an operation whose condition holds.
    return (
        isinstance(reason, dict)
        and isinstance(reason.get("Code"), str)
        and isinstance(reason.get("Message", ""), str | None)
        and _is_item(reason.get("Item", {}))
    )


def _are_tables_items(tables: Any) -> bool:
    return isinstance(tables, dict) and all(map(_are_items, tables.values()))


def _are_tables_keys(tables: Any) -> bool:
    return isinstance(tables, dict) and all(map(_are_keys, tables.values()))


def _are_keys(request: Any) -> bool:
    match request:
        case {"Keys": [*keys]}:
            return all(map(_is_full_item, keys))
        case _:
            return False


_PAGE: Final = (
    Member("Items", _are_items),  # a count has none: see items_of
    Member("LastEvaluatedKey", _is_full_item),
)
_MEMBERS: Final[Mapping[str, Sequence[Member]]] = {
    "GetItem": (Member("Item", _is_full_item),),
    "PutItem": (Member("Attributes", _is_full_item),),
    "BatchGetItem": (
        Member("Responses", _are_tables_items, required=True),
        Member("UnprocessedKeys", _are_tables_keys, required=True),
    ),
    "Query": _PAGE,
    "Scan": _PAGE,
    "BatchWriteItem": (Member("UnprocessedItems", _are_requests, required=True),),
    "ConditionalCheckFailedException": (Member("Item", _is_full_item),),
    "TransactionCanceledException": (Member("CancellationReasons", _are_reasons, required=True),),
}
