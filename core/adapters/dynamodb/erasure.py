"""Erasure in DynamoDB."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, Final

from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.envelopes import event_key
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.parallel import Together, one_by_one
from core.adapters.dynamodb.shapes import items_of, number_of, text_of
from core.adapters.dynamodb.transactions import ConditionsFailed, Writer
from core.ports.clock import Sleep
from core.ports.erasure import ERASED, Erased

_NAMES: Final = {"#actor": "actor"}


class DynamoDbActorErasure:
    """Erases actors from the events in ``table``.

    It costs strongly consistent Scans, 1 read unit for each 4 KB of the table, and for each event
    that is changed one conditional UpdateItem, 1 write unit for each KB of the event. The table's
    stream gets a record of each change, MODIFY, which is no new event to whoever follows it.

    Claims and snapshots are among what was seen: a Scan does not say how many they are.
    """

    def __init__(
        self, client: DynamoDb, table: str, sleep: Sleep, together: Together = one_by_one
    ) -> None:
        self._client = client
        self._table = table
        self._writer = Writer(client, table, sleep)
        self._together = together

    def erase(self, actors: Collection[str]) -> Iterator[Erased]:
        total, start = Erased(0, 0), None
        while True:
            with store_errors(self._table, "Scan"):
                response: Any = self._client.scan(**self._scan(actors, start))
                found = [
                    (text_of(item, "stream"), number_of(item, "version"), text_of(item, "actor"))
                    for item in items_of(response)
                ]
            changed = self._together([partial(self._change, *event) for event in found])
            seen = total.seen + response.get("ScannedCount", 0)
            total = Erased(seen, total.changed + sum(changed))
            yield total
            if (start := response.get("LastEvaluatedKey")) is None:
                return

    def _scan(self, actors: Collection[str], start: Item | None) -> dict[str, Any]:
        values = {f":actor{number}": {"S": actor} for number, actor in enumerate(actors)}
        return {
            "TableName": self._table,
            "ConsistentRead": True,
            "FilterExpression": f"#actor IN ({', '.join(values)})",
            "ProjectionExpression": "#stream, #version, #actor",
            "ExpressionAttributeNames": {**_NAMES, "#stream": "stream", "#version": "version"},
            "ExpressionAttributeValues": values,
            **({} if start is None else {"ExclusiveStartKey": start}),
        }

    def _change(self, stream: str, version: int, actor: str) -> bool:
        """Return whether this erasure, and not another one meanwhile, has changed the event."""
        update = {
            "TableName": self._table,
            "Key": event_key(stream, version),
            "UpdateExpression": "SET #actor = :erased",
            # So an item that has gone meanwhile is not created either.
            "ConditionExpression": "#actor = :actor",
            "ExpressionAttributeNames": _NAMES,
            "ExpressionAttributeValues": {":erased": {"S": ERASED}, ":actor": {"S": actor}},
        }
        try:
            self._writer.write([{"Update": update}])
        except ConditionsFailed:
            return False
        return True
