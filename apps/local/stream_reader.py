"""Reads a table's stream, all shards of it, through failures of any call."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from apps.local.stream import Pause, Record, sequence_number

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

BATCH_SIZE: Final = 100  # Lambda's default


class RecordsTrimmed(Exception):
    """A shard has lost records that were not read: a stream keeps them for 24 hours."""


@dataclass
class _Shard:
    """How far a shard was read.

    ``iterator`` is where to read on, or None where that must be asked for: after the record
    ``last``, the last one delivered, or from the shard's beginning where there is none.
    """

    iterator: str | None = None
    last: str | None = None
    ended: bool = False


@dataclass
class StreamReader:
    """A reader of all shards of a stream, each from its beginning, a parent before its children."""

    client: "DynamoDBStreamsClient"
    stream_arn: str
    _shards: dict[str, _Shard] = field(default_factory=dict)

    def batches(self) -> Iterator[Sequence[Record]]:
        """Yield the records that were not delivered yet, in batches as Lambda makes them.

        A batch counts as delivered when the next one is asked for; until then it comes again with
        the next call. Raise what the client raises, and RecordsTrimmed; the next call continues
        where this one failed.
        """
        parents = self._parents()
        for shard_id, parent in parents.items():
            if parent not in parents or self._shard(parent).ended:
                yield from self._read(shard_id)

    def positions(self) -> dict[str, str]:
        """Return how far each shard was read: the number of the last record delivered."""
        return {name: shard.last for name, shard in self._shards.items() if shard.last}

    def resume(self, positions: Mapping[str, str]) -> None:
        """Go on after ``positions`` of an earlier reader."""
        for name, last in positions.items():
            self._shards[name] = _Shard(last=last)

    def _shard(self, shard_id: str) -> _Shard:
        return self._shards.setdefault(shard_id, _Shard())

    def _parents(self) -> dict[str, str]:
        """Return the parent of each shard, or "" where it has none."""
        found: dict[str, str] = {}
        page: dict[str, Any] = {}
        while True:
            described = self.client.describe_stream(StreamArn=self.stream_arn, **page)
            stream = described["StreamDescription"]
            found |= {s["ShardId"]: s.get("ParentShardId", "") for s in stream["Shards"]}
            if (last := stream.get("LastEvaluatedShardId")) is None:
                return found
            page = {"ExclusiveStartShardId": last}

    def _read(self, shard_id: str) -> Iterator[Sequence[Record]]:
        shard = self._shard(shard_id)
        while not shard.ended:
            page = self._page(shard_id, shard)
            records = [_as_lambda_sends(record, self.stream_arn) for record in page["Records"]]
            if records:
                yield records
                shard.last = sequence_number(records[-1])
            shard.iterator = page.get("NextShardIterator")
            shard.ended = shard.iterator is None
            if not records:
                return

    def _page(self, shard_id: str, shard: _Shard) -> Mapping[str, Any]:
        try:
            if shard.iterator is None:
                shard.iterator = self._iterator(shard_id, shard.last)
            return self.client.get_records(ShardIterator=shard.iterator, Limit=BATCH_SIZE)
        except ClientError as error:
            match error.response.get("Error", {}).get("Code"):
                case "ExpiredIteratorException":  # an iterator is valid for 15 minutes
                    shard.iterator = None
                case "TrimmedDataAccessException":
                    after = f" after {shard.last}" if shard.last else ""
                    shard.iterator = shard.last = None
                    raise RecordsTrimmed(
                        f"records of {shard_id}{after} may be lost: the stream deleted them"
                    ) from error
            raise

    def _iterator(self, shard_id: str, after: str | None) -> str:
        start: dict[str, Any] = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
            if after
            else {"ShardIteratorType": "TRIM_HORIZON"}
        )
        response = self.client.get_shard_iterator(
            StreamArn=self.stream_arn, ShardId=shard_id, **start
        )
        return response["ShardIterator"]


def follow(
    open_reader: Callable[[], StreamReader],
    deliver: Callable[[Sequence[Record]], bool],
    caught_up: Callable[[], None],
    pause: Pause,
    report: Callable[[Exception], None],
) -> None:
    """Pass each batch to ``deliver`` until that or ``pause`` returns False.

    ``caught_up`` is called whenever nothing was left to deliver. What fails, opening the reader
    included, is reported and tried again after a pause.
    """
    reader: StreamReader | None = None
    failures = 0
    while pause(failures):
        try:
            reader = reader or open_reader()
            for batch in reader.batches():
                if not deliver(batch):
                    return
            caught_up()
            failures = 0
        except Exception as error:  # noqa: BLE001 - whatever it is, stopping would help nobody
            report(error)
            failures += 1


def _as_lambda_sends(record: Mapping[str, Any], stream_arn: str) -> Record:
    change = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    names = ("eventID", "eventName", "eventVersion", "eventSource", "awsRegion")
    return {
        **{n: record[n] for n in names if n in record},
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }
