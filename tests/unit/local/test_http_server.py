"""A server on this machine with clients that are slow, large, many, or gone."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from select import select
from typing import Any

import pytest

from apps.local.http_server import BoundedServer, Bounds, Respond, listen
from tests.support.serving import serving

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
LAST = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
LIMIT = 1_000
AT_ONCE = 0.2  # seconds: a bound that a test waits for


@contextmanager
def server(respond: Respond = lambda _: NO_CONTENT, **bounds: Any) -> Iterator[int]:
    listener = listen("127.0.0.1", 0)
    port: int = listener.getsockname()[1]
    with serving(BoundedServer(listener, respond, Bounds(**{"body_bytes": LIMIT, **bounds}))):
        yield port


@contextmanager
def connection(port: int, sent: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(sent)
        yield client


def exchanged(port: int, sent: bytes) -> bytes:
    with connection(port, sent) as client:
        return received(client)


def received(client: socket.socket) -> bytes:
    """Return what the server sends until it closes the connection."""
    octets = b""
    while piece := client.recv(65_536):
        octets += piece
    return octets


def status(response: bytes) -> int:
    return int(response.split()[1])


# --- requests and responses ------------------------------------------------------------------


def test_a_request_is_handed_over_whole_and_its_response_is_sent() -> None:
    seen: list[bytes] = []

    def respond(request: bytes) -> bytes:
        seen.append(request)
        return NO_CONTENT

    with server(respond) as port, connection(port, POST % 5 + b"he") as client:
        client.sendall(b"llo")
        assert client.recv(1000) == NO_CONTENT

    assert seen == [b"POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello"]


def test_a_connection_carries_requests_one_after_the_other_even_if_sent_at_once() -> None:
    seen: list[bytes] = []

    def respond(request: bytes) -> bytes:
        seen.append(request.split()[1])
        return NO_CONTENT

    with server(respond) as port:
        last = b"GET /c HTTP/1.1\r\nConnection: close\r\n\r\n"
        response = exchanged(port, GET.replace(b"/", b"/a", 1) + POST % 3 + b"abc" + last)

    assert (seen, response) == ([b"/a", b"/", b"/c"], NO_CONTENT * 2 + LAST)


def test_a_response_that_closes_the_connection_closes_it() -> None:
    closing = b"HTTP/1.1 501 No\r\nConnection: close\r\n\r\n"
    with server(lambda _: closing) as port:
        assert exchanged(port, GET) == closing


def test_a_client_that_expects_100_continue_is_asked_for_its_body() -> None:
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    with server() as port, connection(port, head) as client:
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")
        assert client.recv(1000) == NO_CONTENT


def test_a_handler_that_fails_gets_500_and_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    def fail(_: bytes) -> bytes:
        raise LookupError("nothing there")

    with server(fail) as port:
        assert status(exchanged(port, GET)) == 500
        assert status(exchanged(port, GET)) == 500

    lines = capfd.readouterr().err.splitlines()
    assert ["nothing there" in line for line in lines] == [True, True]


def test_a_response_is_one_write_that_nagles_algorithm_does_not_hold_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[tuple[bytes, bool]] = []
    write = asyncio.StreamWriter.write

    def recorded(writer: asyncio.StreamWriter, octets: bytes) -> None:
        connected = writer.get_extra_info("socket")
        no_delay = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        written.append((octets, bool(no_delay)))
        write(writer, octets)

    monkeypatch.setattr(asyncio.StreamWriter, "write", recorded)
    response = LENGTH % 5 + b"hello"
    with server(lambda _: response) as port, connection(port) as client:
        for _ in range(2):
            client.sendall(GET)
            assert client.recv(1000) == response

    assert written == [(response, True)] * 2


# --- large ------------------------------------------------------------------------------------


HEAD = b"HEAD / HTTP/1.1\r\n\r\n"
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX: y\r\n\r\n"
WITHOUT_LENGTH = b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n"


@pytest.mark.parametrize(
    ("made", "sent"),
    [
        (LENGTH % 5 + b"hello", LENGTH % 5),
        (LENGTH % 5, LENGTH % 5),
        (LENGTH % 0, WITHOUT_LENGTH),
        (WITHOUT_LENGTH, WITHOUT_LENGTH),
    ],
    ids=["with a body", "without", "with a length of 0", "without a length"],
)
def test_a_response_to_head_has_no_body_and_no_false_length(made: bytes, sent: bytes) -> None:
    with server(lambda request: made if request.startswith(b"HEAD") else NO_CONTENT) as port:
        last = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
        assert exchanged(port, HEAD + last) == sent + LAST


@pytest.mark.parametrize("without", [b"304 Not Modified", b"204 No Content"])
def test_a_response_that_never_has_a_body_states_no_length(without: bytes) -> None:
    made = b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % without
    with server(lambda _: made) as port, connection(port, GET) as client:
        assert client.recv(1000) == b"HTTP/1.1 %s\r\n\r\n" % without


def test_a_body_over_the_bound_is_not_read_but_the_handler_finds_it_too_large() -> None:
    seen: list[bytes] = []

    def respond(request: bytes) -> bytes:
        seen.append(request.partition(b"\r\n\r\n")[2])
        return NO_CONTENT

    with server(respond) as port:
        assert exchanged(port, POST % 600_000_000) == LAST  # nothing of it is sent

    assert seen == [b" " * (LIMIT + 1)]


def test_a_body_one_byte_over_the_bound_is_not_taken_for_the_next_request() -> None:
    with server() as port:
        assert exchanged(port, POST % (LIMIT + 1) + b"x" * (LIMIT + 1)) == LAST


def test_a_body_within_the_bound_is_read() -> None:
    with server(lambda request: request[-LIMIT:]) as port, connection(port) as client:
        client.sendall(POST % LIMIT + b"x" * LIMIT)
        assert client.recv(LIMIT) == b"x" * LIMIT


def test_who_sends_a_large_body_to_its_end_still_gets_the_response() -> None:
    body = b"x" * 5_000_000
    with server() as port:
        assert exchanged(port, POST % len(body) + body) == LAST


@pytest.mark.parametrize("end", [b"\r\n\r\n", b""], ids=["whole", "endless"])
def test_a_head_over_the_bound_is_refused(end: bytes) -> None:
    with server(head_bytes=500) as port:
        assert status(exchanged(port, b"GET / HTTP/1.1\r\nX: " + b"x" * 2_000 + end)) == 431


def test_a_head_within_the_bound_is_read() -> None:
    with server(head_bytes=500) as port, connection(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 400 + b"\r\n\r\n")
        assert client.recv(1000) == NO_CONTENT


def test_an_ambiguous_request_is_refused_with_a_reason_and_the_connection_closed() -> None:
    with server() as port:
        both = b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        response = exchanged(port, both + b"0\r\n\r\n" + GET)

    assert status(response) == 400
    assert response.endswith(
        b'{"message": "Content-Length and Transfer-Encoding exclude each other."}'
    )


# --- slow -------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nX: ", POST % LIMIT], ids=["head", "body"])
def test_a_request_that_trickles_is_refused_when_its_time_is_over(begun: bytes) -> None:
    with server(request_seconds=AT_ONCE) as port, connection(port, begun) as client:
        while not select([client], [], [], AT_ONCE / 10)[0]:
            client.sendall(b"x")
        assert status(received(client)) == 408


@pytest.mark.parametrize("sent", [b"", GET], ids=["before a request", "after one"])
def test_an_idle_connection_is_closed_when_its_time_is_over(sent: bytes) -> None:
    with server(idle_seconds=AT_ONCE) as port:
        assert exchanged(port, sent) in (b"", NO_CONTENT)


def test_a_client_that_does_not_read_its_response_is_given_up() -> None:
    large = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 50_000_000
    bounds = {"response_seconds": AT_ONCE, "connections": 1}
    with server(lambda _: large, **bounds) as port, connection(port, GET) as client:
        assert client.recv(1) == b"H"  # it is no longer idle
        with connection(port, GET) as next_in_line:
            assert next_in_line.recv(1) == b"H"


def test_who_goes_on_sending_after_a_refusal_is_given_up() -> None:
    def send_on(client: socket.socket) -> None:
        while True:
            client.sendall(b"x" * 1000)

    with (
        server(linger_seconds=AT_ONCE) as port,
        connection(port, POST % 600_000_000) as client,
        pytest.raises(ConnectionError),
    ):
        send_on(client)


# --- many -------------------------------------------------------------------------------------


def test_a_new_connection_ends_the_longest_idle_one_when_all_are_taken() -> None:
    with server(connections=3) as port, ExitStack() as clients:
        idle = [clients.enter_context(connection(port, GET)) for _ in range(3)]
        assert [client.recv(1000) for client in idle] == [NO_CONTENT] * 3
        with connection(port, GET) as new:
            assert new.recv(1000) == NO_CONTENT
        assert received(idle[0]) == b""
        idle[2].sendall(GET)
        assert idle[2].recv(1000) == NO_CONTENT


def test_a_connection_that_was_used_a_moment_ago_is_not_ended_for_a_new_one() -> None:
    with server(connections=1) as port, connection(port, GET) as used:
        assert used.recv(1000) == NO_CONTENT
        with connection(port, GET) as new:
            used.sendall(GET)
            assert received(used) == LAST  # it closes after this response, and makes room
            assert new.recv(1000) == NO_CONTENT


def test_a_connection_whose_request_has_arrived_is_not_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("apps.local.http_server._MOMENT_SECONDS", 0.0)
    both_sent = threading.Event()
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    bounded = BoundedServer(listener, lambda _: NO_CONTENT, Bounds(LIMIT, connections=1))
    with serving(bounded), connection(port, GET) as first:
        assert first.recv(1000) == NO_CONTENT
        bounded._loop.call_soon_threadsafe(both_sent.wait, 30)
        with connection(port, GET) as second:
            first.sendall(GET)
            both_sent.set()
            assert received(first) in (NO_CONTENT, LAST)
            assert second.recv(1000) == NO_CONTENT


def test_more_idle_connections_than_are_served_do_not_end_the_service() -> None:
    with server(connections=50) as port, ExitStack() as clients:
        for _ in range(200):
            clients.enter_context(connection(port))
        with connection(port, GET) as client:
            assert client.recv(1000) == NO_CONTENT


def test_connections_wait_in_the_backlog_before_they_are_accepted() -> None:
    with listen("127.0.0.1", 0) as listener, ExitStack() as clients:
        for _ in range(100):
            clients.enter_context(connection(listener.getsockname()[1]))


def test_a_request_that_no_thread_takes_in_time_gets_503_on_a_connection_that_stays() -> None:
    begun, finish = threading.Semaphore(0), threading.Event()

    def respond(_: bytes) -> bytes:
        begun.release()
        finish.wait(30)
        return NO_CONTENT

    with (
        server(respond, threads=1, queue_seconds=AT_ONCE) as port,
        connection(port, GET) as busy,
    ):
        assert begun.acquire(timeout=30)
        with connection(port, GET) as refused:
            head, _, body = refused.recv(1000).partition(b"\r\n\r\n")
            finish.set()
            assert busy.recv(1000) == NO_CONTENT
            refused.sendall(GET)
            assert refused.recv(1000) == NO_CONTENT

    assert head.splitlines()[0] == b"HTTP/1.1 503 Service Unavailable"
    fields = {b"Content-Type: application/problem+json", b"Retry-After: 1"}
    assert fields <= set(head.splitlines())
    assert json.loads(body)["status"] == 503


def test_a_connection_waits_while_all_are_busy_and_is_served_after_them() -> None:
    begun, finish = threading.Semaphore(0), threading.Event()

    def respond(_: bytes) -> bytes:
        begun.release()
        finish.wait(30)
        return NO_CONTENT

    with server(respond, connections=2) as port, ExitStack() as clients:
        busy = [clients.enter_context(connection(port, GET)) for _ in range(2)]
        for _ in busy:
            assert begun.acquire(timeout=30)
        waiting = clients.enter_context(connection(port, GET))
        assert not select([waiting], [], [], AT_ONCE)[0]
        finish.set()
        assert waiting.recv(1000) == NO_CONTENT


@pytest.mark.parametrize(
    "leave",
    [lambda client: client.sendall(POST % 5 + b"he"), lambda client: client.sendall(b"GE")],
    ids=["in the body", "in the head"],
)
def test_a_client_that_goes_leaves_room_for_another(
    leave: Callable[[socket.socket], None],
) -> None:
    with server(connections=1) as port:
        with connection(port) as client:
            leave(client)
        with connection(port, GET) as client:
            assert client.recv(1000) == NO_CONTENT
