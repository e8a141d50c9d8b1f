"""The laptop's event source mapping follows Lambda's rules for partial batch responses."""

# ruff: noqa: N803 - the streams API has its own names for arguments

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.local.stream import MAX_ATTEMPTS, Record, StreamReader, deliver


def records(*numbers: int) -> list[Record]:
    return [{"dynamodb": {"SequenceNumber": str(number)}} for number in numbers]


def numbers(batch: Sequence[Record]) -> list[int]:
    return [int(record["dynamodb"]["SequenceNumber"]) for record in batch]


class Function:
    """Reports the records of ``failing`` as failed, each as many times as it says."""

    def __init__(self, failing: Mapping[int, int]) -> None:
        self.failing = dict(failing)
        self.invocations: list[list[int]] = []

    def __call__(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        batch = numbers(event["Records"])
        self.invocations.append(batch)
        failed = [number for number in batch if self.failing.get(number, 0) > 0]
        self.failing = {n: left - (n in batch) for n, left in self.failing.items()}
        return {"batchItemFailures": [{"itemIdentifier": str(number)} for number in failed]}


def delivered(batch: Sequence[Record], function: Function) -> tuple[list[int], list[int]]:
    """Deliver a batch; return the records that were given up, and the pauses."""
    given_up: list[Record] = []
    pauses: list[int] = []
    deliver(batch, function, given_up.append, pauses.append)
    return numbers(given_up), pauses


def test_a_batch_that_succeeds_is_sent_once() -> None:
    function = Function({})
    assert delivered(records(1, 2, 3), function) == ([], [])
    assert function.invocations == [[1, 2, 3]]


def test_delivery_resumes_at_the_lowest_number_that_failed() -> None:
    function = Function({2: 1, 4: 1})
    assert delivered(records(1, 2, 3, 4), function) == ([], [1])
    assert function.invocations == [[1, 2, 3, 4], [2, 3, 4]]


def test_a_record_that_fails_too_often_is_given_up_and_the_others_are_delivered() -> None:
    function = Function({2: 99})
    given_up, pauses = delivered(records(1, 2, 3), function)
    assert given_up == [2]
    assert function.invocations[-1] == [3]
    assert len(pauses) == MAX_ATTEMPTS - 1


@given(st.dictionaries(st.integers(1, 12), st.integers(1, 2 * MAX_ATTEMPTS)), st.integers(0, 12))
def test_every_record_succeeds_or_is_given_up_in_order(failing: dict[int, int], last: int) -> None:
    function = Function(failing)
    given_up, _ = delivered(records(*range(1, last + 1)), function)
    passed = {number for batch in function.invocations for number in batch} - set(given_up)
    assert given_up == sorted(given_up)
    assert passed | set(given_up) == set(range(1, last + 1))
    assert set(given_up) <= set(failing)


class Shards:
    """The streams API of a stream whose shard "old" is closed and whose child "new" is open."""

    def __init__(self) -> None:
        self.content = {"old": [[1, 2], [3]], "new": [[4]]}

    def describe_stream(self, StreamArn: str) -> dict[str, Any]:
        shards = [{"ShardId": "new", "ParentShardId": "old"}, {"ShardId": "old"}]
        return {"StreamDescription": {"Shards": shards}}

    def get_shard_iterator(
        self, StreamArn: str, ShardId: str, ShardIteratorType: str
    ) -> dict[str, str]:
        assert ShardIteratorType == "TRIM_HORIZON"
        return {"ShardIterator": f"{ShardId} 0"}

    def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:
        shard, at = ShardIterator.split()
        batches = self.content[shard]
        found = batches[int(at)] if int(at) < len(batches) else []
        ended = shard == "old" and int(at) >= len(batches) - 1
        following = {} if ended else {"NextShardIterator": f"{shard} {int(at) + bool(found)}"}
        return {"Records": records(*found), **following}


def test_a_parent_shard_is_read_to_its_end_before_its_child_and_nothing_is_read_twice() -> None:
    stream = Shards()
    reader = StreamReader(stream, "arn:stream")  # type: ignore[arg-type]
    read = [numbers(batch) for _ in range(3) for batch in reader.batches()]
    assert read == [[1, 2], [3], [4]]
    stream.content["new"].append([5])
    assert [numbers(batch) for batch in reader.batches()] == [[5]]
