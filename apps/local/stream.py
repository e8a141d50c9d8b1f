"""An event source mapping for a laptop: reads a DynamoDB stream and invokes a handler as Lambda does.

It keeps the rules that a handler can notice (https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html): batches
of one shard's records in order, from TRIM_HORIZON, a parent shard before its children; after a partial failure it goes
on at the lowest sequence number that failed; a record that fails too often is given up, and told to ``give_up``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

BATCH_SIZE = 100
ATTEMPTS = 8

Record = Mapping[str, Any]


class Handler(Protocol):
    """A Lambda function on a stream that reports failed records (ReportBatchItemFailures)."""

    def __call__(self, event: Mapping[str, Any], /) -> Mapping[str, Any]:
        """Return ``{"batchItemFailures": [{"itemIdentifier": sequence number}]}``."""


def deliver(
    records: Sequence[Record],
    handler: Handler,
    give_up: Callable[[Record], None],
    pause: Callable[[int], None],
) -> None:
    """Hand ``records`` of one shard to ``handler`` until each has passed or was given up after ``ATTEMPTS``.

    ``pause`` is called before an attempt that repeats a failed one, with the number of attempts so far.
    """
    attempts = 0
    while records:
        failed = _failed_numbers(records, handler)
        passed = next((i for i, r in enumerate(records) if _number(r) in failed), len(records))
        attempts = 1 if passed else attempts + 1
        records = records[passed:]
        if records and attempts >= ATTEMPTS:
            give_up(records[0])
            records, attempts = records[1:], 0
        elif records:
            pause(attempts)


def _failed_numbers(records: Sequence[Record], handler: Handler) -> set[str]:
    answer = handler({"Records": list(records)})
    return {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}


def _number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


@dataclass
class StreamReader:
    """Reads all shards of a stream, each from its beginning, oldest first. It is polled by ``batches``."""

    client: "DynamoDBStreamsClient"
    stream_arn: str
    _iterators: dict[str, str | None] = field(default_factory=dict)

    def batches(self) -> Iterator[Sequence[Record]]:
        """Yield what is new since the last call, in batches as Lambda makes them."""
        parents = self._known_shards()
        for shard, parent in parents.items():
            if self._iterators.get(parent or "") is None:  # the parent, if any, was read to its end
                yield from self._read(shard)

    def _known_shards(self) -> dict[str, str | None]:
        description = self.client.describe_stream(StreamArn=self.stream_arn)["StreamDescription"]
        parents = {shard["ShardId"]: shard.get("ParentShardId") for shard in description["Shards"]}
        for shard in parents:
            if shard not in self._iterators:
                start = self.client.get_shard_iterator(
                    StreamArn=self.stream_arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
                )
                self._iterators[shard] = start["ShardIterator"]
        return parents

    def _read(self, shard: str) -> Iterator[Sequence[Record]]:
        while (iterator := self._iterators[shard]) is not None:
            answer = self.client.get_records(ShardIterator=iterator, Limit=BATCH_SIZE)
            self._iterators[shard] = answer.get("NextShardIterator")
            if not answer["Records"]:
                return
            yield [_as_lambda_sends(record, self.stream_arn) for record in answer["Records"]]


def _as_lambda_sends(record: Mapping[str, Any], stream_arn: str) -> Record:
    change = {k: v for k, v in record["dynamodb"].items() if k != "ApproximateCreationDateTime"}
    names = ("eventID", "eventName", "eventVersion", "eventSource", "awsRegion")
    return {
        **{n: record[n] for n in names if n in record},
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }
