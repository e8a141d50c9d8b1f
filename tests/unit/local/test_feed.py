"""The feed on a laptop: at least once, in order, from the checkpoint on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.local.feed import Feed, follow_log, follow_stream
from apps.local.feed_targets import Lines, Webhook, open_file
from apps.local.stream_reader import RecordsTrimmed
from core.adapters.memory.event_store import MemoryEventStore
from core.ports.events import Envelope, Unreadable
from core.ports.messages import BusUnavailable, CloudEvent, Refused
from tests.unit.application.lamps import Lit, lamp_event


@dataclass
class Target:
    """A bus that does what ``script`` says, one word for each message, and then takes all."""

    script: Iterator[str] = field(default_factory=lambda: iter(()))
    taken: list[str] = field(default_factory=list)

    def fitting(self, messages: Sequence[CloudEvent]) -> int:
        return min(len(messages), 2)

    def send(self, messages: Sequence[CloudEvent]) -> Sequence[Refused | None]:
        return [self._one(message) for message in messages]

    def _one(self, message: CloudEvent) -> Refused | None:
        match next(self.script, "taken"):
            case "refused":
                return Refused("status 503", is_final=False)
            case "away":
                raise BusUnavailable("no connection")
            case "killed":
                raise KeyboardInterrupt
        self.taken.append(message["id"])
        return None


@dataclass
class Run:
    """Follows a log once, as often as it is killed."""

    store: MemoryEventStore[Any]
    target: Target
    said: list[str] = field(default_factory=list)
    position: str | None = None
    waited: list[int] = field(default_factory=list)

    def until_done(self) -> None:
        for _ in range(100):
            try:
                follow_log(self.feed(), self.store.follow, self.position, self._save, lambda: False)
            except KeyboardInterrupt:
                continue
            return
        raise AssertionError("it is never done")

    def feed(self) -> Feed:
        return Feed(
            lambda e: [{"id": e.event_id, "subject": e.stream}],
            self.target,
            self.said.append,
            self._wait,
        )

    def _wait(self, failures: int, /) -> bool:
        self.waited.append(failures)
        return True

    def _save(self, position: str) -> None:
        self.position = position


def stored(streams: str) -> MemoryEventStore[Any]:
    """Return a log of one event for each letter, of the stream of that name."""
    store: MemoryEventStore[Any] = MemoryEventStore()
    for index, stream in enumerate(streams):
        version = streams[:index].count(stream) + 1
        store.append(stream, version - 1, [lamp_event(stream, version, Lit(colour="red"))])
    return store


@given(
    st.text("abc", max_size=12),
    st.lists(st.sampled_from(["taken", "refused", "away", "killed"]), max_size=20),
)
def test_whatever_fails_and_wherever_it_is_killed_each_message_comes_in_order(
    streams: str, script: list[str]
) -> None:
    run = Run(stored(streams), Target(iter(script)))
    run.until_done()
    first = list(dict.fromkeys(run.target.taken))
    assert set(first) == {f"{s}-{n}" for s in "abc" for n in range(1, streams.count(s) + 1)}
    for stream in "abc":
        mine = [each for each in first if each.startswith(stream)]
        assert mine == sorted(mine, key=lambda each: int(each[2:]))


def test_it_goes_on_after_its_checkpoint() -> None:
    run = Run(stored("aab"), Target())
    run.until_done()
    run.store.append("c", 0, [lamp_event("c", 1, Lit(colour="red"))])
    run.until_done()
    assert run.target.taken == ["a-1", "b-1", "a-2", "c-1"]


def test_what_is_sent_again_or_left_out_is_said() -> None:
    def with_a_newer_one(after: str | None) -> Iterator[tuple[str, Envelope[Any] | Unreadable]]:
        if after is None:
            yield "1", Unreadable("a", 1, "of a newer version")
            yield "2", lamp_event("b", 1, Lit(colour="red"))

    run = Run(stored(""), Target(iter(["refused", "away"])))
    follow_log(run.feed(), with_a_newer_one, None, run._save, lambda: False)
    assert run.said == [
        "to be sent again: b-1: status 503",
        "to be sent again: b-1: no connection",
        "left out: version 1 of a: of a newer version",
    ]
    assert run.target.taken == ["b-1"]


def record(stream: str, version: int, name: str = "INSERT") -> dict[str, Any]:
    return {"eventName": name, "dynamodb": {"NewImage": {"stream": stream, "version": version}}}


def decode(image: dict[str, Any]) -> Envelope[Any] | None:
    return lamp_event(image["stream"], image["version"], Lit(colour="red")) if image else None


def test_a_batch_of_a_stream_comes_again_until_it_is_sent() -> None:
    run, saved = Run(stored(""), Target(iter(["taken", *["refused"] * 3]))), list[int]()
    batches = [[record("a", 1), record("a", 1, "MODIFY"), record("a", 2)]]
    follow_stream(run.feed(), lambda: iter(batches), decode, lambda: saved.append(1), lambda: False)
    assert run.target.taken == ["a-1", "a-1", "a-2"]


def test_a_stream_that_cannot_be_read_is_said_and_read_again() -> None:
    run = Run(stored(""), Target())
    failures = iter([RecordsTrimmed("records may be lost")])

    def batches() -> Iterator[list[dict[str, Any]]]:
        for failure in failures:
            raise failure
        yield [record("a", 1)]

    follow_stream(run.feed(), batches, decode, lambda: None, lambda: False)
    assert (run.said, run.target.taken) == (["records may be lost"], ["a-1"])


def test_a_stream_that_cannot_be_read_is_waited_for_longer_each_time() -> None:
    run, failures = Run(stored(""), Target()), iter([RecordsTrimmed("records may be lost")] * 3)

    def batches() -> Iterator[list[dict[str, Any]]]:
        for failure in failures:
            raise failure
        yield from ()

    looks = iter([True, False])
    follow_stream(run.feed(), batches, decode, lambda: None, lambda: next(looks))
    assert run.waited == [0, 1, 2, 3, 0]


MESSAGE: CloudEvent = {"id": "1", "type": "lamps.lamp-lit.v1", "data": {"colour": "grün"}}


def test_a_file_has_a_line_for_each_message_and_no_part_of_one(tmp_path: Path) -> None:
    path = tmp_path / "messages.ndjson"
    path.write_bytes(b'{"id":"0"}\n{"id":"torn')
    with open_file(path) as out:
        assert Lines(out, is_file=True).send([MESSAGE]) == [None]
    assert path.read_text("utf-8").splitlines() == [
        '{"id":"0"}',
        '{"id":"1","type":"lamps.lamp-lit.v1","data":{"colour":"grün"}}',
    ]


@pytest.fixture
def consumer() -> Iterator[HTTPServer]:
    """Yield a consumer that responds with the statuses in ``statuses``, then with 204."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.requests.append((self.path, self.headers["Content-Type"], body))  # type: ignore[attr-defined]
            self.send_response(next(server.statuses, 204))  # type: ignore[attr-defined]
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.requests, server.statuses = [], iter([503])  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_gets_each_message_in_structured_mode_until_it_takes_it(
    consumer: HTTPServer,
) -> None:
    webhook = Webhook(f"http://127.0.0.1:{consumer.server_port}/in?key=1")
    assert webhook.send([MESSAGE]) == [Refused("status 503", is_final=False)]
    assert webhook.send([MESSAGE]) == [None]
    path, content_type, body = consumer.requests[-1]  # type: ignore[attr-defined]
    assert path == "/in?key=1"
    assert content_type == "application/cloudevents+json; charset=utf-8"
    assert "grün" in body.decode()


def test_a_webhook_that_is_away_is_an_outage(consumer: HTTPServer) -> None:
    port = consumer.server_port
    consumer.socket.close()
    with pytest.raises(BusUnavailable):
        Webhook(f"http://127.0.0.1:{port}").send([MESSAGE])


@pytest.mark.parametrize("url", ["example.com", "ftp://a", "https://user:word@a"])
def test_a_webhook_needs_an_http_url(url: str) -> None:
    with pytest.raises(ValueError, match="URL must be"):
        Webhook(url)
