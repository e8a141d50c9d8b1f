"""The publisher's records: which are events, which are waited for, and what is reported."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from typing import Any

from core.adapters.emf import embedder
from core.adapters.json_logger import JsonLogger
from core.adapters.stream.publication_metrics import measured
from core.adapters.stream.publisher import Outcome, pauses, publish_records
from core.application.publishing import Publication
from core.ports.events import Envelope, Unreadable
from core.ports.messages import BusUnavailable, CloudEvent, Refused
from tests.support.desk import NOON
from tests.support.emf import metrics_of
from tests.unit.application.lamps import Lit, lamp_event

WAIT_SECONDS = 300.0


@dataclass
class Bus:
    """A bus that takes everything, but for the streams in ``away``."""

    away: frozenset[str] = frozenset()
    taken: list[str] = field(default_factory=list)

    def fitting(self, messages: Sequence[CloudEvent]) -> int:
        return len(messages)

    def send(self, messages: Sequence[CloudEvent]) -> Sequence[Refused | None]:
        if any(each["subject"] in self.away for each in messages):
            raise BusUnavailable("away")
        self.taken += [each["id"] for each in messages]
        return [None] * len(messages)


@dataclass
class Stand:
    """Publishes records, and remembers what is set aside and logged."""

    bus: Bus = field(default_factory=Bus)
    queue_is_away: bool = False
    aside: list[str] = field(default_factory=list)
    log: StringIO = field(default_factory=StringIO)

    def publish(self, *records: dict[str, Any], seconds: float = 0) -> Outcome:
        return publish_records(
            {"Records": list(records)},
            decode,
            lambda e: [{"id": e.event_id, "subject": e.stream}],
            self.bus,
            self._set_aside,
            lambda failures: failures < 2,
            NOON + timedelta(seconds=seconds),
            WAIT_SECONDS,
            JsonLogger("publisher", "INFO", self.log, {}),
        )

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def _set_aside(self, logged: Envelope[Any] | Unreadable, reason: str) -> None:
        if self.queue_is_away:
            raise BusUnavailable("the queue does not respond")
        self.aside.append(f"{logged.stream} {logged.version} {reason}")


def decode(image: Any) -> Envelope[Any] | Unreadable | None:
    if "claim" in image:
        return None
    if "newer" in image:
        return Unreadable("a", image["newer"], "of a newer version")
    return lamp_event(image["stream"], image["version"], Lit(colour="red"))


def record(number: int, image: dict[str, Any], name: str = "INSERT") -> dict[str, Any]:
    change = {
        "SequenceNumber": str(number),
        "ApproximateCreationDateTime": NOON.timestamp(),
        "NewImage": image,
    }
    return {"eventName": name, "dynamodb": change}


def event(number: int, stream: str = "a", version: int = 1, name: str = "INSERT") -> dict[str, Any]:
    return record(number, {"stream": stream, "version": version}, name)


def test_only_events_that_were_inserted_are_sent() -> None:
    stand = Stand()
    outcome = stand.publish(
        record(1, {"claim": True}),
        event(2, version=1),
        event(3, version=1, name="MODIFY"),
        {"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "4"}},
        event(5, version=2),
    )
    assert outcome.response() == {"batchItemFailures": []}
    assert stand.bus.taken == ["a-1", "a-2"]


def test_the_first_record_that_an_outage_prevents_is_reported() -> None:
    stand = Stand(Bus(away=frozenset("b")))
    outcome = stand.publish(event(1, "b"), event(2, "a"))
    assert outcome.response() == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert stand.lines()[-1]["sequence_number"] == "1"


def test_an_event_of_a_newer_version_is_waited_for_and_what_is_before_it_sent() -> None:
    stand = Stand()
    records = (event(1), record(2, {"newer": 2}), event(3, "b"))
    outcome = stand.publish(*records, seconds=WAIT_SECONDS - 1)
    assert outcome.response() == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert (stand.bus.taken, stand.aside) == (["a-1"], [])


def test_an_event_that_stays_unreadable_is_set_aside_and_named_in_the_log() -> None:
    stand = Stand()
    outcome = stand.publish(record(1, {"newer": 2}), event(2, "b"), seconds=WAIT_SECONDS)
    assert outcome.response() == {"batchItemFailures": []}
    assert (stand.bus.taken, stand.aside) == (["b-1"], ["a 2 of a newer version"])
    [line] = stand.lines()
    assert (line["level"], line["stream"], line["version"]) == ("ERROR", "a", 2)


def test_what_cannot_be_set_aside_is_reported() -> None:
    stand = Stand(queue_is_away=True)
    outcome = stand.publish(event(1, "b"), record(2, {"newer": 2}), seconds=WAIT_SECONDS)
    assert outcome.failed == "2"


def test_failures_are_paused_for_longer_each_time_until_attempts_or_time_are_over() -> None:
    slept: list[float] = []
    go_on = pauses(lambda: True, slept.append, 3)
    assert [go_on(0), go_on(1), go_on(2), go_on(3)] == [True, True, True, False]
    assert slept == sorted(set(slept)) != []
    assert not pauses(lambda: False, slept.append, 3)(0)


def test_the_metrics_have_the_lag_and_what_was_set_aside() -> None:
    embed, publisher = embedder("lamps-test"), (("service", "publisher"),)
    done = Publication(None, NOON, sent=3, set_aside=1)
    assert metrics_of(measured(done, NOON + timedelta(seconds=2), embed)) == {
        ("MessagesSent", publisher): 3,
        ("EventsNotPublished", publisher): 1,
        ("PublicationLag", publisher): 2.0,
    }
    assert "PublicationLag" not in measured(Publication(None, None, 0, 0), NOON, embed)
