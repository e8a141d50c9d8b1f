"""Messages in AWS's form, and a stream that keeps some of its records.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html has the example.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

TABLE = "mytable"
STREAM = f"arn:aws:dynamodb:us-east-2:123456789012:table/{TABLE}/stream/2019-11-14T00:04:06.388"
SHARD = "shardId-00000001573689847184-864758bb"
ARRIVED = "2019-11-14T00:13:19Z"


def body(first: int, last: int, stream: str = STREAM, function: str = "myfunction") -> str:
    """Return the message about records that the event source mapping has given up."""
    return json.dumps(
        {
            "requestContext": {
                "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81",
                "functionArn": f"arn:aws:lambda:us-east-2:123456789012:function:{function}",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 1,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled",
            },
            "version": "1.0",
            "timestamp": "2019-11-14T00:13:49.717Z",
            "DDBStreamBatchInfo": {
                "shardId": SHARD,
                "startSequenceNumber": str(first),
                "endSequenceNumber": str(last),
                "approximateArrivalOfFirstRecord": ARRIVED,
                "approximateArrivalOfLastRecord": ARRIVED,
                "batchSize": last - first + 1,
                "streamArn": stream,
            },
        }
    )


def record(number: int) -> dict[str, Any]:
    return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(number)}}


class KeptStream:
    """A client of DynamoDB Streams: one shard, in pages, whose first records may be gone."""

    def __init__(self, pages: Sequence[Sequence[int]], *, error: str | None = None) -> None:
        self._pages = [[record(number) for number in page] for page in pages]
        self._error = error
        self.asked: dict[str, Any] = {}

    def get_shard_iterator(self, **asked: Any) -> Mapping[str, Any]:
        self.asked = asked
        if self._error:
            raise ClientError({"Error": {"Code": self._error}}, "GetShardIterator")
        return {"ShardIterator": "0"}

    def get_records(self, **asked: str) -> Mapping[str, Any]:
        at = int(asked["ShardIterator"])
        following = {"NextShardIterator": str(at + 1)} if at + 1 < len(self._pages) else {}
        return {"Records": self._pages[at], **following}
