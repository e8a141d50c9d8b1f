"""The streams that were set aside: an item for each, beside the pointer to the generations."""

from collections.abc import Sequence
from typing import Any, Final

from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import ASIDE_PREFIX, READ_MODEL, aside_key
from core.adapters.dynamodb.paging import pages
from core.adapters.dynamodb.shapes import number_of, text_of
from core.adapters.dynamodb.transactions import ConditionsFailed, Operation, Writer
from core.ports.read_model import Aside

_UNLESS_LATER: Final = "attribute_not_exists(pk) OR #version <= :version"
_IF_NOT_LATER: Final = "#version <= :version"


def list_asides(client: DynamoDb, table: str) -> Sequence[Aside]:
    """Return what is set aside, ordered by stream. Raises StoreUnavailable."""
    request = {
        "TableName": table,
        "ConsistentRead": True,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": {":pk": {"S": READ_MODEL}, ":prefix": {"S": ASIDE_PREFIX}},
    }
    found: list[Aside] = []
    for items in pages(client.query, request, "Query"):
        with store_errors(table, "Query"):
            found += map(_aside_of, items)
    return sorted(found)


def keep_aside(aside: Aside, writer: Writer) -> None:
    """Keep ``aside``, unless its stream is aside at a later version. Raises StoreUnavailable."""
    item = {
        **aside_key(aside.stream),
        "stream": {"S": aside.stream},
        "version": {"N": str(aside.version)},
        "reason": {"S": aside.reason},
    }
    _write({"Put": {"Item": item, **_only_if(_UNLESS_LATER, aside, writer)}}, writer)


def forget_aside(aside: Aside, writer: Writer) -> None:
    """Forget ``aside``, unless its stream is aside at a later version. Raises StoreUnavailable."""
    condition = _only_if(_IF_NOT_LATER, aside, writer)
    _write({"Delete": {"Key": aside_key(aside.stream), **condition}}, writer)


def _write(operation: Operation, writer: Writer) -> None:
    try:
        writer.write([operation])
    except ConditionsFailed:
        return


def _only_if(condition: str, aside: Aside, writer: Writer) -> dict[str, Any]:
    return {
        "TableName": writer.table,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(aside.version)}},
    }


def _aside_of(item: Item) -> Aside:
    return Aside(text_of(item, "stream"), number_of(item, "version"), text_of(item, "reason"))
