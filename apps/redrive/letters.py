"""The messages of the dead-letter queues: which records of a stream, or events, were given up.

Those about records have AWS's form, without the records themselves
(https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html). Those about an event
are the publisher's own (``core.adapters.eventbridge.letters``).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

Record = Mapping[str, Any]

_GONE = ("TrimmedDataAccessException", "ResourceNotFoundException")
"""Codes of DynamoDB's for a record, or a whole shard or stream, that is no longer kept."""


class NoRecords(Exception):
    """The records that a message is about cannot be read again; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The records of a shard from ``first`` to ``last``, by sequence number.

    ``function`` is the name of the one that was invoked with them.
    """

    function: str
    stream_arn: str
    shard: str
    first: str
    last: str
    arrived: str

    def __str__(self) -> str:
        return f"records {self.first} to {self.last} of {self.shard}, the first from {self.arrived}"

    @property
    def table(self) -> str:
        """Return the name of the table whose stream it is."""
        return self.stream_arn.partition(":table/")[2].partition("/")[0]


@dataclass(frozen=True, slots=True)
class EventLetter:
    """An event that could not be published."""

    stream: str
    version: int

    def __str__(self) -> str:
        return f"version {self.version} of {self.stream}"


def read_letter(body: str) -> Letter | EventLetter:
    """Return the letter that a message's body is. Raises NoRecords for any other body."""
    try:
        content = json.loads(body)
        if "stream" in content:
            return EventLetter(str(content["stream"]), int(content["version"]))
        batch = content["DDBStreamBatchInfo"]
        return Letter(
            content["requestContext"]["functionArn"].rpartition(":")[2],
            batch["streamArn"],
            batch["shardId"],
            batch["startSequenceNumber"],
            batch["endSequenceNumber"],
            batch["approximateArrivalOfFirstRecord"],
        )
    except (ValueError, TypeError, KeyError) as error:
        raise NoRecords("it is not a message about records of a DynamoDB stream") from error


def records_of(letter: Letter, client: "DynamoDBStreamsClient") -> Sequence[Record]:
    """Return all records of a letter, in order. Raises NoRecords when some are gone.

    Records that the event source mapping filters out are among them: the projector ignores them.
    """
    try:
        records = list(_up_to_last(letter, client))
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in _GONE:
            raise
        raise NoRecords("the stream no longer has its records") from error
    if [_number(record) for record in (records[:1] + records[-1:])] != _ends(letter):
        raise NoRecords("the stream no longer has all of its records")
    return records


def record_of(letter: EventLetter, table: str, client: "DynamoDBClient") -> Record:
    """Return an event as the record of its insertion. Raises NoRecords for one that is not there.

    Unlike the stream, the table has it for ever.
    """
    key = {"stream": {"S": letter.stream}, "version": {"N": str(letter.version)}}
    item = client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if item is None:
        raise NoRecords("the events table has no such event")
    return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": item}}


def _up_to_last(letter: Letter, client: "DynamoDBStreamsClient") -> Iterator[Record]:
    iterator: str | None = client.get_shard_iterator(
        StreamArn=letter.stream_arn,
        ShardId=letter.shard,
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=letter.first,
    )["ShardIterator"]
    while iterator is not None:  # a page may be empty in the middle of a shard
        page = client.get_records(ShardIterator=iterator)
        for record in page["Records"]:
            yield record
            if _number(record) >= int(letter.last):
                return
        iterator = page.get("NextShardIterator")


def _number(record: Record) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


def _ends(letter: Letter) -> list[int]:
    return [int(letter.first), int(letter.last)]
