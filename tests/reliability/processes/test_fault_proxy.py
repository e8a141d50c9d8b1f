"""The proxy does to a request what it is asked to, and nothing otherwise."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import pytest

from tests.reliability.processes.fault_proxy import (
    DOWN,
    MIXED,
    RESET,
    TROUBLES,
    Weather,
    fault_proxy,
)

BODY = b'{"Item": {"pk": {"S": "a book"}}}'


@dataclass
class Store:
    """Something that responds as DynamoDB does, and keeps what it was asked."""

    asked: list[bytes] = field(default_factory=list)


@contextmanager
def running_store() -> Iterator[tuple[str, Store]]:
    store = Store()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            store.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY)))
            self.send_header("x-amz-crc32", "1")
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, *_: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Scene:
    """A store, the proxy in front of it, and what it does."""

    port: int
    store: Store
    weather: Weather

    def send(self, action: str = "PutItem", body: bytes = b"{}") -> tuple[int, Any]:
        """Return the status and the body of the response, (0, None) without a whole one."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/", body, {"X-Amz-Target": f"DynamoDB_20120810.{action}"})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException):
            return 0, None
        finally:
            connection.close()


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr("tests.reliability.processes.fault_proxy._LATE_SECONDS", 0.01)
    weather = Weather(Random(1))
    with running_store() as (endpoint, store), fault_proxy(endpoint, weather) as url:
        yield Scene(int(url.rpartition(":")[2]), store, weather)


def test_it_passes_everything_on_when_nothing_is_asked_of_it(scene: Scene) -> None:
    assert scene.send(body=b'{"a": 1}') == (200, BODY)
    assert scene.store.asked == [b'{"a": 1}']
    assert scene.weather.injected == {}


@pytest.mark.parametrize(
    ("kind", "status", "is_executed"),
    [
        ("lost-response", 0, True),
        ("lost-request", 0, False),
        (DOWN, 0, False),
        (RESET, 0, False),
        ("late-request", 200, True),
        ("late-response", 200, True),
        ("cut", 0, True),
        ("garbled", 200, True),
        ("throttled", 400, False),
        ("conflict", 400, False),
        ("fault-before", 500, False),
        ("fault-after", 500, True),
    ],
)
def test_each_fault_reaches_the_store_or_not_and_gives_its_status(
    kind: str, status: int, is_executed: bool, scene: Scene
) -> None:
    with scene.weather.of(kind, 1.0):
        assert scene.send()[0] == status
    assert bool(scene.store.asked) == is_executed
    assert scene.weather.injected.total() == 1


def test_a_garbled_response_is_shorter_and_says_so(scene: Scene) -> None:
    with scene.weather.of("garbled", 1.0):
        assert scene.send() == (200, BODY[: len(BODY) // 2])


def test_a_conflict_of_a_transaction_names_a_reason_for_each_operation(scene: Scene) -> None:
    body = json.dumps({"TransactItems": [{}, {}, {}]}).encode()
    with scene.weather.of("conflict", 1.0):
        _, response = scene.send("TransactWriteItems", body)
    codes = [reason["Code"] for reason in json.loads(response)["CancellationReasons"]]
    assert codes == ["TransactionConflict", "None", "None"]


def test_a_read_does_not_conflict(scene: Scene) -> None:
    with scene.weather.of("conflict", 1.0):
        assert scene.send("GetItem") == (200, BODY)


def test_only_the_requests_that_are_concerned_fail(scene: Scene) -> None:
    with scene.weather.of("throttled", 1.0, lambda request: request.is_write):
        assert scene.send("GetItem")[0] == 200
        assert scene.send("UpdateItem")[0] == 400


def test_it_passes_everything_on_again_afterwards(scene: Scene) -> None:
    with scene.weather.of(DOWN):
        assert scene.send()[0] == 0
    assert scene.send() == (200, BODY)


def test_mixed_weather_has_faults_of_all_kinds() -> None:
    weather = Weather(Random(1))
    request = Any
    with weather.of(MIXED, 1.0):
        drawn = {weather.draw(request) for _ in range(500)}  # type: ignore[arg-type]
    assert drawn == {*TROUBLES, RESET}
