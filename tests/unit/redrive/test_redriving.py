"""A message is deleted once all of its records are projected, and never before."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from apps.redrive.letters import EventLetter, Letter, NoRecords, Record
from apps.redrive.queue import Message
from apps.redrive.redriving import Handlers, Outcome, redrive
from core.config import ConfigurationError
from core.ports.errors import StoreUnavailable
from tests.unit.redrive.messages import STREAM, TABLE, body, record

GONE = range(100, 200)


class HeldQueue:
    """A queue in memory: what is held is not received again."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = [Message(str(at), text, "handle") for at, text in enumerate(bodies)]
        self.held: list[Message] = []

    def receive(self) -> Message | None:
        if not self.waiting:
            return None
        self.held.append(self.waiting.pop(0))
        return self.held[-1]

    def delete(self, message: Message) -> None:
        self.held.remove(message)

    def release(self, message: Message) -> None:
        self.held.remove(message)
        self.waiting.append(message)

    def left(self) -> list[str]:
        """Return the ids of the messages that can be received."""
        assert self.held == []
        return [message.id for message in self.waiting]


class Projector:
    """Projects records until one fails."""

    def __init__(self, failing: int | None = None) -> None:
        self.projected: list[int] = []
        self.failing = failing

    def __call__(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        for each in event["Records"]:
            number = int(each["dynamodb"]["SequenceNumber"])
            if number == self.failing:
                return {"batchItemFailures": [{"itemIdentifier": str(number)}]}
            self.projected.append(number)
        return {"batchItemFailures": []}


def records_of(letter: Letter | EventLetter) -> Sequence[Record]:
    if isinstance(letter, EventLetter):
        return [record(letter.version)]
    if int(letter.first) in GONE:
        raise NoRecords("gone")
    return [record(number) for number in range(int(letter.first), int(letter.last) + 1)]


def run(queue: HeldQueue, projector: Projector, *, discard: bool = False) -> Outcome:
    return redrive(queue, TABLE, records_of, Handlers(projector, not_for_it), discard=discard)


def not_for_it(_: object) -> Mapping[str, Any]:
    raise AssertionError("these records are another function's")


def test_the_records_of_every_message_are_projected_and_the_queue_is_empty() -> None:
    queue, projector = HeldQueue(body(1, 2), body(5, 5)), Projector()
    assert run(queue, projector) == Outcome(messages=2, records=3)
    assert projector.projected == [1, 2, 5]
    assert queue.left() == []


def test_a_message_with_a_record_that_fails_stays_and_comes_first_when_run_again() -> None:
    queue, projector = HeldQueue(body(1, 2), body(3, 4)), Projector(failing=4)
    with pytest.raises(StoreUnavailable):
        run(queue, projector)
    assert queue.left() == ["1"]
    projector.failing = None
    assert run(queue, projector) == Outcome(messages=1, records=2)
    assert projector.projected == [1, 2, 3, 3, 4]
    assert queue.left() == []


@pytest.mark.parametrize("stop", [StoreUnavailable("away"), KeyboardInterrupt()])
def test_whatever_ends_it_every_message_that_was_not_redriven_can_be_received(
    stop: BaseException,
) -> None:
    queue = HeldQueue(body(100, 100), body(1, 1), body(2, 2))

    def project(_: object) -> Mapping[str, Any]:
        raise stop

    with pytest.raises(type(stop)):
        redrive(queue, TABLE, records_of, Handlers(project, not_for_it), discard=False)
    assert sorted(queue.left()) == ["0", "1", "2"]


@pytest.mark.parametrize("odd", [body(100, 105), "nonsense"], ids=["gone", "no message of AWS's"])
def test_a_message_without_records_stays_and_is_reported_while_the_others_are_redriven(
    odd: str,
) -> None:
    queue, projector = HeldQueue(odd, body(1, 1)), Projector()
    outcome = run(queue, projector)
    assert (outcome.messages, outcome.records) == (1, 1)
    [problem] = outcome.problems
    assert problem.startswith("message 0: ")
    assert queue.left() == ["0"]


def test_a_problem_names_the_records_and_their_age() -> None:
    [problem] = run(HeldQueue(body(100, 105)), Projector()).problems
    assert problem == (
        "message 0: gone: records 100 to 105 of shardId-00000001573689847184-864758bb,"
        " the first from 2019-11-14T00:13:19Z"
    )


def test_only_messages_without_records_are_discarded() -> None:
    queue, projector = HeldQueue(body(100, 105), "nonsense", body(1, 1)), Projector(failing=1)
    with pytest.raises(StoreUnavailable):
        run(queue, projector, discard=True)
    assert queue.left() == ["2"]


def test_the_queue_of_another_table_is_left_as_it_is() -> None:
    other = STREAM.replace(f"table/{TABLE}/", "table/production-events/")
    queue, projector = HeldQueue(body(1, 1, other)), Projector()
    with pytest.raises(ConfigurationError, match="EVENTS_TABLE is mytable"):
        run(queue, projector, discard=True)
    assert (projector.projected, queue.left()) == ([], ["0"])


@pytest.mark.parametrize(
    "letter",
    [body(3, 3, function="catalogue-production-publish"), '{"stream":"a","version":3,"reason":""}'],
    ids=["records", "event"],
)
def test_what_the_publisher_has_given_up_is_published(letter: str) -> None:
    queue, publisher = HeldQueue(letter), Projector()
    outcome = redrive(queue, TABLE, records_of, Handlers(not_for_it, publisher), discard=False)
    assert (outcome, publisher.projected) == (Outcome(messages=1, records=1), [3])
    assert queue.left() == []


def test_an_event_that_still_cannot_be_sent_stays_and_is_named() -> None:
    def publish(_: object) -> Mapping[str, Any]:
        raise NoRecords("too large")

    queue = HeldQueue('{"stream":"a","version":3,"reason":"too large"}', body(1, 1))
    projector = Projector()
    outcome = redrive(queue, TABLE, records_of, Handlers(projector, publish), discard=False)
    assert outcome.problems == ["message 0: too large: version 3 of a"]
    assert queue.left() == ["0"]
    assert projector.projected == [1]
