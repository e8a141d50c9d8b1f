"""Snapshots of streams: items of the events table that are no events."""

from typing import Final

from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.envelopes import event_key
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import MAX_PARTITION_KEY_BYTES, is_key
from core.adapters.dynamodb.shapes import items_of

SNAPSHOT_VERSION: Final = 0
"""The sort key of a snapshot, as of a claim: a projector's event source filters both out by it."""


class Snapshots:
    """Keeps snapshots in ``table``, each in a partition of its own.

    What a call costs, in requests and units (read: 4 KB each, write: 1 KB each):

    - ``load``: one eventually consistent Query, half a read unit for each 4 KB. (A GetItem costs as
      much; the query service has no other use for the permission.)
    - ``save``: one PutItem, 1 write unit for each KB. At most 400 KB.
    """

    def __init__(self, client: DynamoDb, table: str) -> None:
        self._client = client
        self._table = table

    def load(self, stream: str, version: int) -> str | None:
        """Return the snapshot of ``stream`` at ``version``, or None. Raises StoreUnavailable."""
        partition = _partition(stream, version)
        if not is_key(partition, MAX_PARTITION_KEY_BYTES):
            return None
        with store_errors(self._table, "Query"):
            response = self._client.query(
                TableName=self._table,
                KeyConditionExpression="#stream = :partition",
                ExpressionAttributeNames={"#stream": "stream"},
                ExpressionAttributeValues={":partition": {"S": partition}},
            )
            items = items_of(response)
        return next((item.get("snapshot", {}).get("S") for item in items), None)

    def save(self, stream: str, version: int, snapshot: str) -> None:
        """Keep ``snapshot`` of ``stream`` at ``version``. Raises StoreUnavailable."""
        key = event_key(_partition(stream, version), SNAPSHOT_VERSION)
        with store_errors(self._table, "PutItem"):
            self._client.put_item(TableName=self._table, Item={**key, "snapshot": {"S": snapshot}})


def _partition(stream: str, version: int) -> str:
    return f"snapshot#{version}#{stream}"
