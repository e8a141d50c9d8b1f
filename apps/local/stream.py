"""An event source mapping for a laptop: invokes a handler with a stream as Lambda does.

It keeps the rules that a handler can notice
(https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html): batches of one shard's records in
order, from TRIM_HORIZON, a parent shard before its children. After a partial failure it continues
at the lowest sequence number that failed. A record that fails ``MAX_ATTEMPTS`` times is passed to
``give_up``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

BATCH_SIZE = 100
MAX_ATTEMPTS = 8

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
    """Pass ``records`` of one shard to ``handler`` until each has succeeded or was given up.

    ``pause`` is called before each retry, with the number of attempts so far.
    """
    attempts = 0
    while records:
        failed = _failed_numbers(records, handler)
        passed = next((i for i, r in enumerate(records) if _number(r) in failed), len(records))
        attempts = 1 if passed else attempts + 1
        records = records[passed:]
        if records and attempts >= MAX_ATTEMPTS:
            give_up(records[0])
            records, attempts = records[1:], 0
        elif records:
            pause(attempts)


def _failed_numbers(records: Sequence[Record], handler: Handler) -> set[str]:
    response = handler({"Records": list(records)})
    return {failure["itemIdentifier"] for failure in response.get("batchItemFailures", [])}


def _number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


@dataclass
class StreamReader:
    """A reader of all shards of a stream, each from its beginning, oldest first."""

    client: "DynamoDBStreamsClient"
    stream_arn: str
    _iterators: dict[str, str | None] = field(default_factory=dict)

    def batches(self) -> Iterator[Sequence[Record]]:
        """Yield the records since the last call, in batches as Lambda makes them."""
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
            page = self.client.get_records(ShardIterator=iterator, Limit=BATCH_SIZE)
            self._iterators[shard] = page.get("NextShardIterator")
            if not page["Records"]:
                return
            yield [_as_lambda_sends(record, self.stream_arn) for record in page["Records"]]


def _as_lambda_sends(record: Mapping[str, Any], stream_arn: str) -> Record:
    change = {k: v for k, v in record["dynamodb"].items() if k != "ApproximateCreationDateTime"}
    names = ("eventID", "eventName", "eventVersion", "eventSource", "awsRegion")
    return {
        **{n: record[n] for n in names if n in record},
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }
