"""An outage of the read model of ten minutes, in virtual time: no view is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest

from apps.local.projector import MAX_PAUSE_SECONDS, pause_seconds
from apps.local.stream import Record, deliver
from core.adapters.dynamodb.envelopes import item_from_envelope, logged_from_item
from core.adapters.json_logger import JsonLogger
from core.adapters.memory.event_store import MemoryEventStore
from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.stream.projector import project_records
from core.ports.errors import StoreUnavailable
from core.ports.views import View
from tests.support.samples import AnySample

STREAMS = [f"stream-{number}" for number in range(5)]
OUTAGE_SECONDS = 600.0
CALL_SECONDS = 3.0
LOGGER = JsonLogger("test", "CRITICAL", StringIO(), {})


@dataclass
class Clock:
    """Virtual time."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, failures: int) -> bool:
        self.now += pause_seconds(failures)
        return True

    def fail(self) -> None:
        """Raise StoreUnavailable until the outage is over."""
        if self.now < OUTAGE_SECONDS:
            self.now += CALL_SECONDS
            raise StoreUnavailable("throttled, as planned")


class Throttled:
    """``inner``, of which the method ``name`` fails during the outage."""

    def __init__(self, inner: Any, name: str, clock: Clock) -> None:
        self._inner, self._name, self._clock = inner, name, clock

    def __getattr__(self, name: str) -> Any:
        if name == self._name:
            self._clock.fail()
        if name != "targets":
            return getattr(self._inner, name)
        return lambda: [Throttled(each, self._name, self._clock) for each in self._inner.targets()]


def records(sample: AnySample, store: MemoryEventStore[Any]) -> list[Record]:
    """Return the records of a first event of each stream, which ``store`` then has."""
    events = [sample.envelope(stream, 1) for stream in STREAMS]
    for event in events:
        store.append(event.stream, 0, [event])
    return [
        {
            "dynamodb": {
                "SequenceNumber": str(number),
                "ApproximateCreationDateTime": 0.0,
                "NewImage": item_from_envelope(event, sample.domain.events),
            }
        }
        for number, event in enumerate(events)
    ]


@pytest.mark.parametrize("method", ["targets", "get", "replace"])
def test_every_view_is_there_after_an_outage_of_ten_minutes(sample: AnySample, method: str) -> None:
    clock, store = Clock(), MemoryEventStore[Any]()
    read_model: MemoryReadModel[Any] = MemoryReadModel(sample.domain.listing)

    def handler(event: Mapping[str, Any]) -> Mapping[str, Any]:
        throttled: Any = Throttled(read_model, method, clock)
        return project_records(
            event,
            lambda item: logged_from_item(item, sample.domain.events),
            throttled,
            store,
            sample.domain,
            LOGGER,
            lambda: True,
        ).response()

    def never(record: Record) -> None:
        pytest.fail(f"{record} was given up")

    assert deliver(records(sample, store), handler, never, clock.pause, clock)
    assert all(isinstance(read_model.live().get(stream), View) for stream in STREAMS)
    assert not read_model.aside()
    # It was tried again soon after the end.
    assert clock.now <= OUTAGE_SECONDS + CALL_SECONDS + MAX_PAUSE_SECONDS
