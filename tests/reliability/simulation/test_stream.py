"""The model of the stream and its event source mapping does what AWS documents."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.reliability.simulation.stream import MAX_AGE_SECONDS, RETENTION_SECONDS, EventStream
from tests.reliability.simulation.world import Killed, World

Batches = list[list[str]]
Invoke = Callable[[Sequence[str]], Mapping[str, Any]]

DONE: Mapping[str, Any] = {"batchItemFailures": []}


def failed(number: str) -> Mapping[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": number}]}


def worked_on(count: int, invoke: Invoke, after: float = 0.0) -> tuple[EventStream, Batches]:
    """Bring ``count`` records, ``after`` seconds old, to a function; return what it was passed."""
    world = World(seed=1)
    world.is_calm = True
    stream, batches = EventStream(world, lanes=1, batch=4), []
    for version in range(1, count + 1):
        stream.append({"stream": {"S": "one"}, "version": {"N": str(version)}})

    def function(event: Mapping[str, Any]) -> Mapping[str, Any]:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        batches.append(numbers)
        return invoke(numbers)

    def lane() -> None:
        world.sleep(1.0 + after)
        stream.poll(stream.lanes[0], function, lambda: stream.is_drained)

    world.spawn("lane", lane)
    world.run()
    return stream, batches


def passed(batches: Batches) -> list[str]:
    return [number for batch in batches for number in batch]


def test_records_come_in_order_in_batches() -> None:
    _, batches = worked_on(9, lambda _: DONE)
    assert passed(batches) == [str(number) for number in range(1, 10)]
    assert max(map(len, batches)) <= 4


def test_it_continues_at_the_lowest_failed_record() -> None:
    tries = iter([True])

    def fail_at_the_third(numbers: Sequence[str]) -> Mapping[str, Any]:
        return failed("3") if "3" in numbers and next(tries, False) else DONE

    _, batches = worked_on(6, fail_at_the_third)
    first = next(at for at, batch in enumerate(batches) if "3" in batch)
    assert batches[first + 1][0] == "3"
    assert sorted({*passed(batches)}) == ["1", "2", "3", "4", "5", "6"]


def test_a_batch_whose_function_fails_is_cut_until_the_record_is_alone() -> None:
    left = iter(range(12))

    def fail_at_the_last(numbers: Sequence[str]) -> Mapping[str, Any]:
        if "6" in numbers and next(left, None) is not None:
            raise ValueError(numbers)
        return DONE

    _, batches = worked_on(6, fail_at_the_last)
    assert batches[-1] == ["6"]


def test_the_batch_of_a_function_that_was_killed_comes_again() -> None:
    kills = iter([True])

    def die_once(numbers: Sequence[str]) -> Mapping[str, Any]:
        if next(kills, False):
            raise Killed
        return DONE

    _, batches = worked_on(4, die_once)
    assert batches[1][0] == batches[0][0] == "1"


def test_a_record_that_grew_too_old_is_given_up() -> None:
    stream, batches = worked_on(3, lambda _: DONE, after=MAX_AGE_SECONDS)
    assert (batches, len(stream.dead_letters), stream.lost) == ([], 3, [])


def test_a_record_that_the_stream_has_forgotten_is_lost() -> None:
    stream, batches = worked_on(3, lambda _: DONE, after=RETENTION_SECONDS)
    assert (batches, stream.dead_letters, len(stream.lost)) == ([], [], 3)
