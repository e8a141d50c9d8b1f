"""Publishing: at least once, in the order of each stream, whatever fails and wherever it stops."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.application.publishing import Logged, Publication, publish
from core.ports.errors import StoreUnavailable
from core.ports.events import Envelope, Unreadable
from core.ports.messages import BusUnavailable, CloudEvent, Refused
from tests.unit.application.lamps import Lit, lamp_event

ROOM = 3


class Killed(BaseException):
    """The process ended at once."""


def fine() -> str:
    return "fine"


@dataclass
class ScriptedBus:
    """A bus whose ``answer`` says what becomes of each request and of each entry."""

    answer: Callable[[], str] = fine
    taken: list[CloudEvent] = field(default_factory=list)
    requests: list[list[str]] = field(default_factory=list)

    def fitting(self, messages: Sequence[CloudEvent]) -> int:
        return min(len(messages), ROOM)

    def send(self, messages: Sequence[CloudEvent]) -> Sequence[Refused | None]:
        self.requests.append([each["subject"] for each in messages])
        whole = self.answer()
        if whole == "away":
            raise BusUnavailable("away")
        outcomes = [self._outcome(each) for each in messages]
        if whole == "killed":
            raise Killed
        if whole == "lost":
            raise BusUnavailable("the response was lost")
        return outcomes

    def _outcome(self, message: CloudEvent) -> Refused | None:
        match "never" if message["never"] else self.answer():
            case "never":
                return Refused("too large", is_final=True)
            case "throttled":
                return Refused("throttled", is_final=False)
            case _:
                self.taken.append(message)
                return None


@dataclass
class Publisher:
    """Does with a log what Lambda does: begins again at what failed, and after a kill at all."""

    log: Sequence[Logged]
    bus: ScriptedBus
    aside: list[tuple[str, int]] = field(default_factory=list)
    attempts: int = 2
    store: Callable[[], str] = fine
    queue: Callable[[], str] = fine

    def once(self, log: Sequence[Logged]) -> Publication:
        return publish(log, self._messages, self.bus, self._set_aside, lambda n: n < self.attempts)

    def until_done(self) -> None:
        rest = self.log
        for _ in range(1_000):
            try:
                done = self.once(rest)
            except Killed:
                continue
            if done.failed is None:
                return
            rest = rest[done.failed :]
        raise AssertionError("it is never done")

    def _messages(self, envelope: Envelope[Any]) -> list[CloudEvent]:
        if self.store() == "away":
            raise StoreUnavailable("away")
        colour = colour_of(envelope)
        if colour == "impossible":
            raise LookupError(colour)
        types = {"private": (), "both": ("v1", "v2")}.get(colour, ("v1",))
        return [
            {
                "subject": envelope.stream,
                "streamversion": envelope.version,
                "type": each,
                "never": colour == "never",
            }
            for each in types
        ]

    def _set_aside(self, logged: Logged, _: str) -> None:
        if self.queue() == "away":
            raise BusUnavailable("away")
        self.aside.append((logged.stream, logged.version))


def colour_of(envelope: Envelope[Any]) -> str:
    assert isinstance(envelope.event, Lit)
    return envelope.event.colour


def event(stream: str, version: int, colour: str = "red") -> Envelope[Any]:
    return lamp_event(stream, version, Lit(colour=colour))


def taken(bus: ScriptedBus) -> list[tuple[str, int, str]]:
    return [(each["subject"], each["streamversion"], each["type"]) for each in bus.taken]


KINDS = ("red", "red", "red", "private", "both", "never", "impossible", "unreadable")


@st.composite
def logs(draw: st.DrawFn) -> list[Logged]:
    """Draw a log of several streams, those of each in the order of their versions."""
    versions: dict[str, int] = {}
    log: list[Logged] = []
    for stream, kind in draw(
        st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(KINDS)), max_size=14)
    ):
        version = versions[stream] = versions.get(stream, 0) + 1
        log.append(
            Unreadable(stream, version, "of a newer version")
            if kind == "unreadable"
            else event(stream, version, kind)
        )
    return log


def script(answers: Sequence[str]) -> Callable[[], str]:
    """Return a function that gives the answers in turn, and then no trouble any more."""
    rest: Iterator[str] = iter(answers)
    return lambda: next(rest, "fine")


def troubles(*kinds: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(("fine", *kinds)), max_size=30)


def poison(logged: Logged) -> bool:
    return isinstance(logged, Unreadable) or colour_of(logged) in {"never", "impossible"}


def expected(log: Sequence[Logged]) -> set[tuple[str, int, str]]:
    """Return the messages that must be taken sooner or later."""
    types = {"red": ("v1",), "both": ("v1", "v2")}
    return {
        (logged.stream, logged.version, each)
        for logged in log
        if isinstance(logged, Envelope)
        for each in types.get(colour_of(logged), ())
    }


@given(
    logs(),
    troubles("away", "lost", "killed", "throttled", "throttled"),
    troubles("away"),
    troubles("away"),
)
def test_whatever_fails_each_message_is_taken_and_first_in_the_order_of_its_stream(
    log: list[Logged], of_bus: list[str], of_store: list[str], of_queue: list[str]
) -> None:
    bus = ScriptedBus(script(of_bus))
    publisher = Publisher(log, bus, store=script(of_store), queue=script(of_queue))

    publisher.until_done()

    assert set(taken(bus)) == expected(log)
    first = list(dict.fromkeys(taken(bus)))
    for stream in "abcd":
        mine = [each for each in first if each[0] == stream]
        assert mine == sorted(mine)
    assert set(publisher.aside) == {(e.stream, e.version) for e in log if poison(e)}


@given(logs(), troubles("throttled", "away"))
def test_a_request_has_one_message_of_a_stream_and_no_more_than_fit(
    log: list[Logged], answers: list[str]
) -> None:
    bus = ScriptedBus(script(answers))
    Publisher(log, bus).until_done()
    for request in bus.requests:
        assert len(set(request)) == len(request) <= ROOM


@given(logs(), troubles("throttled", "away", "lost"))
def test_what_is_not_reported_as_failed_was_taken_or_set_aside(
    log: list[Logged], answers: list[str]
) -> None:
    publisher = Publisher(log, bus := ScriptedBus(script(answers)))
    done = publisher.once(log)
    end = len(log) if done.failed is None else done.failed
    assert expected(log[:end]) <= set(taken(bus))
    assert publisher.aside == [(e.stream, e.version) for e in log[:end] if poison(e)]
    assert done.set_aside == len(publisher.aside)


def test_a_poison_record_holds_up_nothing_and_is_set_aside_alone() -> None:
    log = [event("a", 1), event("b", 1, "never"), event("a", 2, "impossible"), event("a", 3)]
    publisher = Publisher(log, bus := ScriptedBus())
    done = publisher.once(log)
    assert (done.failed, done.sent, done.set_aside) == (None, 2, 2)
    assert taken(bus) == [("a", 1, "v1"), ("a", 3, "v1")]
    assert publisher.aside == [("b", 1), ("a", 2)]


def test_nothing_is_set_aside_while_what_is_before_it_is_tried_again() -> None:
    log = [event("a", 1), event("b", 1, "never")]
    publisher = Publisher(log, ScriptedBus(lambda: "throttled"))
    assert publisher.once(log).failed == 0
    assert publisher.aside == []


def test_other_streams_go_on_while_a_message_is_throttled() -> None:
    log = [event("a", 1), event("b", 1), event("a", 2), event("b", 2)]
    answers = script(["fine", "throttled", "fine", "fine"])
    bus = ScriptedBus(answers)
    assert Publisher(log, bus).once(log).failed is None
    assert bus.requests[:2] == [["a", "b"], ["a", "b"]]
    assert taken(bus) == [("b", 1, "v1"), ("a", 1, "v1"), ("b", 2, "v1"), ("a", 2, "v1")]


def test_out_of_time_the_rest_is_reported() -> None:
    log = [event("a", 1), event("a", 2), event("a", 3)]
    rounds = iter([True, True, False])
    done = publish(
        log,
        Publisher(log, bus := ScriptedBus())._messages,
        bus,
        lambda *_: pytest.fail("nothing is wrong"),
        lambda _: next(rounds),
    )
    assert (done.failed, done.sent) == (2, 2)
    assert done.oldest == log[0].occurred_at


def test_an_empty_log_sends_nothing() -> None:
    done = Publisher([], bus := ScriptedBus()).once([])
    assert (done, bus.requests) == (Publication(None, None, 0, 0), [])
