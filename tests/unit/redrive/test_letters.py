"""Messages are read in AWS's form, and so are the records that they are about."""

import json
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from apps.redrive.letters import (
    EventLetter,
    Letter,
    NoRecords,
    read_letter,
    record_of,
    records_of,
)
from tests.unit.redrive.messages import ARRIVED, SHARD, STREAM, TABLE, KeptStream, body

LETTER = Letter("myfunction", STREAM, SHARD, "3", "5", ARRIVED)


def numbers(stream: KeptStream, letter: Letter = LETTER) -> list[str]:
    records = records_of(letter, cast("Any", stream))
    return [record["dynamodb"]["SequenceNumber"] for record in records]


def test_a_message_in_awss_form_is_read() -> None:
    assert read_letter(body(3, 5)) == LETTER
    assert LETTER.table == TABLE


@pytest.mark.parametrize(
    "other",
    ["", "nonsense", "[]", "null", "{}", json.dumps({"DDBStreamBatchInfo": {"shardId": SHARD}})],
)
def test_another_message_is_refused(other: str) -> None:
    with pytest.raises(NoRecords, match="not a message about records"):
        read_letter(other)


def test_the_records_are_read_from_the_first_to_the_last_and_no_further() -> None:
    stream = KeptStream([[3], [], [4, 5, 6], [7]])
    assert numbers(stream) == ["3", "4", "5"]
    assert stream.asked == {
        "StreamArn": STREAM,
        "ShardId": SHARD,
        "ShardIteratorType": "AT_SEQUENCE_NUMBER",
        "SequenceNumber": "3",
    }


def test_a_message_may_be_about_one_record() -> None:
    assert numbers(
        KeptStream([[3, 4]]), Letter("myfunction", STREAM, SHARD, "3", "3", ARRIVED)
    ) == ["3"]


@pytest.mark.parametrize(
    "kept", [[[4, 5]], [[3, 4]], [[3, 4], [6]], [[]]], ids=["no first", "no last", "gap", "none"]
)
def test_records_of_which_some_are_gone_are_not_returned(kept: list[list[int]]) -> None:
    with pytest.raises(NoRecords, match="no longer has all"):
        numbers(KeptStream(kept))


@pytest.mark.parametrize("code", ["TrimmedDataAccessException", "ResourceNotFoundException"])
def test_a_stream_that_no_longer_has_the_first_record_has_none(code: str) -> None:
    with pytest.raises(NoRecords, match="no longer has its records"):
        numbers(KeptStream([], error=code))


def test_records_that_cannot_be_read_now_are_not_gone() -> None:
    with pytest.raises(ClientError):
        numbers(KeptStream([], error="LimitExceededException"))


def test_a_letter_about_an_event_is_read() -> None:
    letter = '{"stream":"a","version":3,"reason":"too large"}'
    assert read_letter(letter) == EventLetter("a", 3)


@pytest.mark.parametrize("kept", [True, False])
def test_an_event_comes_from_the_table_as_it_was_inserted(kept: bool) -> None:
    item = {"stream": {"S": "a"}, "version": {"N": "3"}, "event_id": {"S": "1"}}

    class Table:
        def get_item(self, **asked: Any) -> dict[str, Any]:
            key = {"stream": {"S": "a"}, "version": {"N": "3"}}
            assert asked == {"TableName": TABLE, "Key": key, "ConsistentRead": True}
            return {"Item": item} if kept else {}

    def read() -> Any:
        return record_of(EventLetter("a", 3), TABLE, cast("Any", Table()))

    if kept:
        assert read()["dynamodb"]["NewImage"] == item
        assert read()["eventName"] == "INSERT"
    else:
        with pytest.raises(NoRecords, match="no such event"):
            read()
