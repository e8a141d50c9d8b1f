"""A proxy in front of DynamoDB that loses, delays, damages and refuses, on demand.

It stands between the processes' clients (botocore, with its own retries) and the store.
"""

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

WRITES: Final = frozenset({"PutItem", "DeleteItem", "UpdateItem", "TransactWriteItems"})
_LATE_SECONDS: Final = 3.5
"""Over the 3 seconds that the services wait for a response: they have sent it again by then."""

_FORWARD_SECONDS: Final = 20.0
_RESET: Final = struct.pack("ii", 1, 0)
_ERROR_TYPE: Final = "com.amazonaws.dynamodb.v20120810#"


class Request(NamedTuple):
    """A request to DynamoDB."""

    action: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_write(self) -> bool:
        return self.action in WRITES


class Response(NamedTuple):
    """A response to send; ``cut`` is how many bytes of the body are, all with None."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: int | None = None


Forward = Callable[[], Response]
Trouble = Callable[[Request, Forward], Response | None]
"""Returns the response to send, or None to close the connection. It may forward, or not."""


def _lost_response(_: Request, forward: Forward) -> None:
    forward()


def _lost_request(_: Request, __: Forward) -> None:
    return None


def _late_request(_: Request, forward: Forward) -> Response:
    time.sleep(_LATE_SECONDS)
    return forward()


def _late_response(_: Request, forward: Forward) -> Response:
    response = forward()
    time.sleep(_LATE_SECONDS)
    return response


def _cut(_: Request, forward: Forward) -> Response:
    response = forward()
    return response._replace(cut=len(response.body) // 2)


def _garbled(_: Request, forward: Forward) -> Response:
    """End the body early, with a length that fits: only the check sum, or the JSON, shows it."""
    response = forward()
    return response._replace(body=response.body[: len(response.body) // 2])


def _throttled(_: Request, __: Forward) -> Response:
    return _error(400, "ProvisionedThroughputExceededException")


def _conflict(request: Request, forward: Forward) -> Response:
    if request.action == "TransactWriteItems":
        operations = json.loads(request.body)["TransactItems"]
        reasons = [{"Code": "TransactionConflict"}] + [{"Code": "None"}] * (len(operations) - 1)
        return _error(400, "TransactionCanceledException", CancellationReasons=reasons)
    if request.is_write:
        return _error(400, "TransactionConflictException")
    return forward()


def _fault_before(_: Request, __: Forward) -> Response:
    return _error(500, "InternalServerError")


def _fault_after(_: Request, forward: Forward) -> Response:
    forward()
    return _error(500, "InternalServerError")


def _error(status: int, code: str, **members: Any) -> Response:
    body = {"__type": _ERROR_TYPE + code, "message": "made by the fault proxy", **members}
    return Response(
        status, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(body).encode()
    )


TROUBLES: Final[Mapping[str, Trouble]] = {
    "lost-response": _lost_response,
    "lost-request": _lost_request,
    "late-request": _late_request,
    "late-response": _late_response,
    "cut": _cut,
    "garbled": _garbled,
    "throttled": _throttled,
    "conflict": _conflict,
    "fault-before": _fault_before,
    "fault-after": _fault_after,
}
RESET: Final = "reset"
MIXED: Final = "mixed"
DOWN: Final = "down"
"""Nothing gets through."""

_KINDS: Final = (*TROUBLES, RESET)
_RATE: Final = 0.25


class Weather:
    """What the proxy does at present, and how often it has."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._lock = threading.Lock()
        self._kind: str | None = None
        self._concerns: Callable[[Request], bool] = _everything
        self._rate = 0.0
        self.injected: Counter[str] = Counter()

    @contextmanager
    def of(
        self,
        kind: str,
        rate: float = _RATE,
        concerns: Callable[[Request], bool] | None = None,
    ) -> Iterator[None]:
        """Let ``kind`` happen to a part ``rate`` of the requests, in a ``with`` block."""
        with self._lock:
            self._rate = 1.0 if kind == DOWN else rate
            self._kind, self._concerns = kind, concerns or _everything
        try:
            yield
        finally:
            with self._lock:
                self._kind = None

    def draw(self, request: Request) -> str | None:
        """Return what happens to ``request``, None if nothing does."""
        with self._lock:
            if self._kind is None or not self._concerns(request):
                return None
            if self._rng.random() >= self._rate:
                return None
            kind = self._rng.choice(_KINDS) if self._kind == MIXED else self._kind
            kind = "lost-request" if kind == DOWN else kind
            self.injected[kind] += 1
            return kind


def _everything(_: Request) -> bool:
    return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, endpoint: str, weather: Weather) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        url = urlsplit(endpoint)
        self.target = (url.hostname or "", url.port or 80)
        self.weather = weather

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that are killed close their connections."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self._upstream = HTTPConnection(*self.server.target, timeout=_FORWARD_SECONDS)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        action = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        request = Request(action, dict(self.headers), body)
        kind = self.server.weather.draw(request)
        if kind == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.close_connection = True
            return
        act = TROUBLES[kind] if kind else _as_it_is
        response = act(request, lambda: self._forward(request))
        if response is None:
            self.close_connection = True
        else:
            self._respond(response)

    def _forward(self, request: Request) -> Response:
        try:
            self._upstream.request("POST", "/", request.body, dict(request.headers))
            reply = self._upstream.getresponse()
            return Response(reply.status, dict(reply.getheaders()), reply.read())
        except (OSError, HTTPException):
            self._upstream.close()
            return _error(500, "InternalServerError")

    def _respond(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body[: response.cut])
        if response.cut is not None:
            self.close_connection = True


def _as_it_is(_: Request, forward: Forward) -> Response:
    return forward()


@contextmanager
def fault_proxy(endpoint: str, weather: Weather) -> Iterator[str]:
    """Run a proxy in front of ``endpoint`` on a free port of loopback, and yield its URL."""
    server = _Server(endpoint, weather)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
