"""The deployed tables, with all permissions, and the stream from one to the other."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.domain.details import BookDetails
from core.domain.events import BookEvent
from core.domain.manifest import BOOKS
from tests.e2e.stack.deployed import Stack

Record = dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """The stores in the tables, the tables' names, and a reader of the stream."""

    events: str
    catalogue: str
    event_store: DynamoDbEventStore[BookEvent]
    read_model: DynamoDbReadModel[BookDetails]
    streams: Any
    stream_arn: str

    def records(self) -> Iterator[Record]:
        """Yield all records of the events table's stream, as Lambda passes them to a function."""
        of = {"StreamArn": self.stream_arn}
        [shard] = self.streams.describe_stream(**of)["StreamDescription"]["Shards"]
        start = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = self.streams.get_shard_iterator(**of, **start)["ShardIterator"]
        while (page := self.streams.get_records(ShardIterator=iterator))["Records"]:
            yield from (self._as_lambda_sends(record) for record in page["Records"])
            iterator = page["NextShardIterator"]

    def _as_lambda_sends(self, record: Record) -> Record:
        created = record["dynamodb"]["ApproximateCreationDateTime"].timestamp()
        change = {**record["dynamodb"], "ApproximateCreationDateTime": created}
        return {**record, "dynamodb": change, "eventSourceARN": self.stream_arn}


def tables_of(stack: Stack) -> Tables:
    """Return the tables of a stack."""
    names, client = stack.deployment.output("tables"), stack.client("dynamodb")
    events, catalogue = names["events"], names["catalogue"]
    return Tables(
        events,
        catalogue,
        DynamoDbEventStore(client, events, BOOKS.events, time.sleep),
        DynamoDbReadModel(client, catalogue, BOOKS, time.sleep, time.monotonic),
        stack.client("dynamodbstreams"),
        client.describe_table(TableName=events)["Table"]["LatestStreamArn"],
    )
