"""The events table's stream and Lambda's event source mapping, with all that they may do.

Records of one partition key stay in order; everything else is loose. Each shard is worked on by
several lanes (the parallelization factor). A lane invokes the function with a batch and goes on at
the lowest failed record, or, when the invocation fails, with half of the batch. It waits longer
after each failure. A batch may come again although it succeeded. The stream forgets records after
24 hours; the mapping gives them up before that, and puts them into the dead-letter list.
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from zlib import crc32

from tests.reliability.simulation.tables import Item
from tests.reliability.simulation.world import Killed, World

RETENTION_SECONDS: Final = 86_400.0
MAX_AGE_SECONDS: Final = 82_800.0
MAX_PAUSE_SECONDS: Final = 60.0
IDLE_SECONDS: Final = 0.25

Invoke = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""The function: from an event with records to the response that names those that failed."""


class Record(NamedTuple):
    """A record of the stream: when it was written and when a reader can see it."""

    number: int
    written: float
    visible: float
    image: Item

    def as_event(self) -> dict[str, Any]:
        """Return the record in the form in which Lambda passes it to a function."""
        return {
            "eventName": "INSERT",
            "dynamodb": {
                "Keys": {name: self.image[name] for name in ("stream", "version")},
                "NewImage": self.image,
                "SequenceNumber": str(self.number),
            },
        }


@dataclass(slots=True)
class Lane:
    """The records of some partition keys, and how far the mapping is with them."""

    name: str
    records: list[Record] = field(default_factory=list)
    position: int = 0


class EventStream:
    """Takes in records, and brings each lane's to the function.

    ``dead_letters`` has the records that the mapping gave up, ``lost`` those that the stream forgot
    before.
    """

    def __init__(self, world: World, lanes: int, batch: int) -> None:
        self._world = world
        self._batch = batch
        self._numbers = 0
        self.lanes = [Lane(f"lane-{number}") for number in range(lanes)]
        self.dead_letters: list[Record] = []
        self.lost: list[Record] = []

    def append(self, image: Item) -> None:
        """Take in an event's item. A reader sees it some time later."""
        self._numbers += 1
        lane = self.lanes[crc32(image["stream"]["S"].encode()) % len(self.lanes)]
        now = self._world.now
        visible = now + 0.2 * self._world.random.random()
        if lane.records:
            visible = max(visible, lane.records[-1].visible)
        lane.records.append(Record(self._numbers, now, visible, image))

    @property
    def is_drained(self) -> bool:
        """Return whether every record was worked on."""
        return all(lane.position == len(lane.records) for lane in self.lanes)

    def poll(self, lane: Lane, invoke: Invoke, is_over: Callable[[], bool]) -> None:
        """Work on the records of ``lane`` until ``is_over``: the life of a lane."""
        size, failures = self._batch, 0
        while not is_over():
            records = self._next(lane, size)
            if not records:
                self._world.sleep(IDLE_SECONDS)
                continue
            done = self._invoke(records, invoke)
            lane.position += len(records) if done is None else done
            if done is None:
                size, failures = self._batch, 0
                self._maybe_again(lane, len(records))
                continue
            # Part of it, or nothing, was done: the rest comes again, in halves after an error.
            size, failures = max(1, len(records) // 2), 0 if done else failures + 1
            self._world.sleep(min(0.1 * 2 ** min(failures, 20), MAX_PAUSE_SECONDS))

    def _next(self, lane: Lane, size: int) -> Sequence[Record]:
        now, records = self._world.now, lane.records
        while lane.position < len(records):
            age = now - records[lane.position].written
            if age >= RETENTION_SECONDS:
                self.lost.append(records[lane.position])
            elif age >= MAX_AGE_SECONDS:
                self.dead_letters.append(records[lane.position])
            else:
                break
            lane.position += 1
        at_most = self._world.random.randrange(size) + 1
        batch = records[lane.position : lane.position + at_most]
        return [record for record in batch if record.visible <= now]

    def _invoke(self, records: Sequence[Record], invoke: Invoke) -> int | None:
        """Return how many records are done before the first failed one; None when all are."""
        self._world.note(f"invoked with {records[0].number} to {records[-1].number}")
        try:
            response = invoke({"Records": [record.as_event() for record in records]})
        except Killed:
            self._world.note("function killed")
            return 0
        except Exception as error:  # noqa: BLE001 - the mapping retries whatever it was
            self._world.note(f"function failed: {error!r}")
            return 0
        failed = {item["itemIdentifier"] for item in response["batchItemFailures"]}
        numbers = [str(record.number) for record in records]
        return next((at for at, number in enumerate(numbers) if number in failed), None)

    def _maybe_again(self, lane: Lane, count: int) -> None:
        """Go back once in a while: the mapping promises "at least once"."""
        if not self._world.is_calm and self._world.chance(0.03):
            lane.position -= self._world.random.randrange(count) + 1
            self._world.note("records come again")
