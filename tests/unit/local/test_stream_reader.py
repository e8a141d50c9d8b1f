"""A stream is read through whatever fails: no record is lost, and none is read twice for long."""

# ruff: noqa: N803 - the streams API has its own names for arguments

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from apps.local.stream import Record
from apps.local.stream_reader import BATCH_SIZE, RecordsTrimmed, StreamReader, follow
from tests.support.unreliable_stores import nothing

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def numbers(batch: Sequence[Record]) -> list[int]:
    return [int(record["dynamodb"]["SequenceNumber"]) for record in batch]


def error(code: str, status: int = 400) -> ClientError:
    about: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(about, "GetRecords")


FAILURES: dict[str, Callable[[], Exception]] = {
    "refused": lambda: EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
    "timed out": lambda: ReadTimeoutError(endpoint_url="http://127.0.0.1:1"),
    "throttled": lambda: error("ThrottlingException"),
    "too many readers": lambda: error("LimitExceededException"),
    "internal": lambda: error("InternalServerError", 500),
    "unavailable": lambda: error("ServiceUnavailable", 503),
    "malformed": lambda: ResponseParserError("not JSON"),
    "expired": lambda: error("ExpiredIteratorException"),
}


class Shards:
    """The streams API of a stream whose shard "old" is closed and whose child "new" is open.

    Each call raises the next error of ``failures``, where that is not None. With ``shards_a_page``
    the description of the stream has several pages.
    """

    def __init__(self, failures: Iterable[Exception | None] = (), size: int = 2) -> None:
        self.content = {"old": [1, 2, 3], "new": [4]}
        self.failures = iter(failures)
        self.size = size
        self.shards_a_page = 2
        self.trimmed = 0  # records up to this number were deleted
        self.calls: list[str] = []

    def _called(self, name: str) -> None:
        self.calls.append(name)
        failure = next(self.failures, None)
        if failure is not None:
            raise failure

    def describe_stream(self, StreamArn: str, ExclusiveStartShardId: str = "") -> dict[str, Any]:
        self._called("describe_stream")
        shards = [{"ShardId": "new", "ParentShardId": "old"}, {"ShardId": "old"}]
        names = ["", *(shard["ShardId"] for shard in shards)]
        start = names.index(ExclusiveStartShardId)
        page = shards[start : start + self.shards_a_page]
        more = start + self.shards_a_page < len(shards)
        last = {"LastEvaluatedShardId": page[-1]["ShardId"]} if more else {}
        return {"StreamDescription": {"Shards": page, **last}}

    def get_shard_iterator(
        self, StreamArn: str, ShardId: str, ShardIteratorType: str, SequenceNumber: str = "0"
    ) -> dict[str, str]:
        self._called(f"iterator of {ShardId} after {SequenceNumber}")
        assert (ShardIteratorType == "TRIM_HORIZON") == (SequenceNumber == "0")
        return {"ShardIterator": f"{ShardId} {SequenceNumber}"}

    def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:
        assert Limit == BATCH_SIZE
        self._called("get_records")
        shard, after = ShardIterator.split()
        if 0 < int(after) < self.trimmed:
            raise error("TrimmedDataAccessException")
        left = [n for n in self.content[shard] if n > max(int(after), self.trimmed)]
        found = left[: self.size]
        ended = shard == "old" and len(left) <= self.size
        last = found[-1] if found else int(after)
        following = {} if ended else {"NextShardIterator": f"{shard} {last}"}
        return {"Records": [self._record(number) for number in found], **following}

    def _record(self, number: int) -> dict[str, Any]:
        change = {"SequenceNumber": str(number), "ApproximateCreationDateTime": CREATED}
        return {"eventID": str(number), "dynamodb": change}


def reader_of(stream: Shards) -> StreamReader:
    return StreamReader(stream, "arn:stream")  # type: ignore[arg-type]


def followed(stream: Shards, wanted: Sequence[int]) -> tuple[list[int], list[Exception]]:
    """Follow ``stream`` until the records ``wanted`` were delivered; return all, and the errors."""
    read: list[int] = []
    errors: list[Exception] = []

    def deliver(batch: Sequence[Record]) -> bool:
        read.extend(numbers(batch))
        return True

    def pause(_: int) -> bool:
        return not set(wanted) <= set(read) and len(stream.calls) < 10_000

    follow(lambda: reader_of(stream), deliver, nothing, pause, errors.append)
    return read, errors


def test_a_parent_shard_is_read_to_its_end_before_its_child_and_nothing_is_read_twice() -> None:
    stream = Shards()
    reader = reader_of(stream)
    read = [numbers(batch) for _ in range(3) for batch in reader.batches()]
    assert read == [[1, 2], [3], [4]]
    stream.content["new"].append(5)
    assert [numbers(batch) for batch in reader.batches()] == [[5]]


def test_a_shard_on_a_later_page_of_the_description_is_read() -> None:
    stream = Shards()
    stream.shards_a_page = 1
    assert followed(stream, [1, 2, 3, 4]) == ([1, 2, 3, 4], [])


def test_a_record_has_what_lambda_sends_and_the_time_as_a_number() -> None:
    [[record], *_] = reader_of(Shards(size=1)).batches()
    assert record == {
        "eventID": "1",
        "dynamodb": {"SequenceNumber": "1", "ApproximateCreationDateTime": CREATED.timestamp()},
        "eventSourceARN": "arn:stream",
    }


def test_a_batch_that_was_not_delivered_comes_again() -> None:
    reader = reader_of(Shards())
    assert numbers(next(reader.batches())) == [1, 2]  # as when something raises afterwards
    assert numbers(next(reader.batches())) == [1, 2]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("passing", range(7))
def test_a_call_that_fails_for_long_is_repeated_until_it_succeeds(
    failure: str, passing: int
) -> None:
    failures = [None] * passing + [FAILURES[failure]() for _ in range(50)]
    read, errors = followed(Shards(failures), [1, 2, 3, 4])
    assert read == [1, 2, 3, 4]
    assert errors == failures[passing:]


@given(st.lists(st.none() | st.sampled_from(sorted(FAILURES)), max_size=40), st.integers(1, 3))
def test_every_record_is_delivered_once_and_in_order_whatever_fails(
    plan: list[str | None], size: int
) -> None:
    failures = [FAILURES[name]() if name else None for name in plan]
    assert followed(Shards(failures, size), [1, 2, 3, 4])[0] == [1, 2, 3, 4]


def test_an_expired_iterator_is_replaced_by_one_after_the_last_record_delivered() -> None:
    stream = Shards([None, None, None, FAILURES["expired"]()])
    assert followed(stream, [1, 2, 3, 4])[0] == [1, 2, 3, 4]
    assert stream.calls[:7] == [
        "describe_stream",
        "iterator of old after 0",
        "get_records",
        "get_records",
        "describe_stream",
        "iterator of old after 2",
        "get_records",
    ]


def test_after_records_were_trimmed_the_rest_is_read_and_the_loss_is_reported() -> None:
    stream = Shards(size=1)
    stream.content["old"] = [1, 2, 3, 4, 5]
    stream.content["new"] = [6]
    read: list[int] = []
    errors: list[Exception] = []

    def deliver(batch: Sequence[Record]) -> bool:
        read.extend(numbers(batch))
        stream.trimmed = 3  # the machine was asleep for a day
        return True

    follow(lambda: reader_of(stream), deliver, nothing, lambda _: 6 not in read, errors.append)
    assert read == [1, 4, 5, 6]
    [loss] = errors
    assert isinstance(loss, RecordsTrimmed)
    assert str(loss) == "records of old after 1 may be lost: the stream deleted them"


def test_pauses_grow_while_calls_fail_and_start_anew_afterwards() -> None:
    failures = [FAILURES["refused"]() for _ in range(3)]
    stream, pauses = Shards(failures), []

    def pause(count: int) -> bool:
        pauses.append(count)
        return len(pauses) < 6

    follow(lambda: reader_of(stream), lambda _: True, nothing, pause, lambda _: None)
    assert pauses == [0, 1, 2, 3, 0, 0]


def test_a_stream_that_cannot_be_opened_is_opened_later() -> None:
    stream, attempts, read = Shards(), [], []

    def open_reader() -> StreamReader:
        attempts.append("open")
        if len(attempts) < 3:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        return reader_of(stream)

    def deliver(batch: Sequence[Record]) -> bool:
        read.extend(numbers(batch))
        return True

    follow(open_reader, deliver, nothing, lambda _: 4 not in read, lambda _: None)
    assert (len(attempts), read) == (3, [1, 2, 3, 4])


def test_it_has_caught_up_when_a_whole_pass_over_the_shards_has_succeeded() -> None:
    failures = [FAILURES["refused"](), None, None, None, FAILURES["refused"]()]
    stream, passes = Shards(failures), []

    def caught_up() -> None:
        passes.append(len(stream.calls))

    errors: list[Exception] = []
    follow(
        lambda: reader_of(stream), lambda _: True, caught_up, lambda _: not passes, errors.append
    )
    assert len(errors) == 2
    assert stream.calls[: passes[0]].count("describe_stream") == 3


def never(*_: object) -> None:
    pytest.fail("called")


def test_nothing_more_is_read_once_a_delivery_was_stopped() -> None:
    stream = Shards()
    follow(lambda: reader_of(stream), lambda _: False, never, lambda _: True, never)
    assert stream.calls.count("get_records") == 1
