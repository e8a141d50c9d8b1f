"""The messages of the dead-letter queue: which records of a stream were given up.

They have AWS's form, without the records themselves
(https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

Record = Mapping[str, Any]

_GONE = ("TrimmedDataAccessException", "ResourceNotFoundException")
"""Codes of DynamoDB's for a record, or a whole shard or stream, that is no longer kept."""


class NoRecords(Exception):
    """The records that a message is about cannot be read again; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message: the records of a shard from ``first`` to ``last``, by sequence number."""

    stream_arn: str
    shard: str
    first: str
    last: str
    arrived: str

    @property
    def table(self) -> str:
        """Return the name of the table whose stream it is."""
        return self.stream_arn.partition(":table/")[2].partition("/")[0]


def read_letter(body: str) -> Letter:
    """Return the letter that a message's body is. Raises NoRecords for any other body."""
    try:
        batch = json.loads(body)["DDBStreamBatchInfo"]
        return Letter(
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
