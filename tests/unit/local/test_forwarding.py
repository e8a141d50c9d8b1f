"""What is forwarded is what was sent, and what comes back is whole, or is no response."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.local.forwarding import (
    MAX_RESPONSE_BYTES,
    Forwarder,
    Unavailable,
    Upstream,
    read_upstream,
)
from apps.local.http_messages import Request, Response, read_request
from apps.local.http_server import Respond
from tests.support.serving import served

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
TOKENS = st.text("abcdefghijklmnopqrstuvwxyz-0123456789", min_size=1).map("x-".__add__)
TARGETS = st.text(st.characters(min_codepoint=33, max_codepoint=126)).map("/".__add__)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"])).map(
    str.strip
)


def response_to(request: Request, octets: bytes) -> Response:
    with served(lambda _: octets) as url:
        return Forwarder().forward(request, read_upstream(url), request.target)


@pytest.fixture(scope="module")
def echo() -> Iterator[Upstream]:
    """Yield a server that responds with the request as it has read it."""
    with served(lambda octets: OK + b"Content-Length: %d\r\n\r\n" % len(octets) + octets) as url:
        yield read_upstream(url)


def seen(request: Request, upstream: Upstream) -> Request:
    return read_request(Forwarder().forward(request, upstream, request.target).body or b"")


@given(
    st.sampled_from(["GET", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"]),
    TARGETS,
    st.dictionaries(TOKENS, VALUES, max_size=5),
    st.binary(max_size=1_000),
)
def test_a_request_is_forwarded_as_it_is(
    echo: Upstream, method: str, target: str, headers: dict[str, str], body: bytes
) -> None:
    read = seen(Request(method, target, headers, body), echo)

    assert (read.method, read.target, read.body) == (method, target, body)
    assert headers.items() <= read.headers.items()


def test_the_path_of_the_upstream_is_kept_in_front(echo: Upstream) -> None:
    at_a_stage = Upstream(echo.secure, echo.authority, "/stage")

    assert seen(Request("GET", "/v1/a?b", {}), at_a_stage).target == "/stage/v1/a?b"


def test_headers_of_the_connection_the_host_and_cookies_are_not_forwarded(echo: Upstream) -> None:
    headers = {
        "host": "127.0.0.1:8004",
        "connection": "keep-alive, X-Hop",
        "x-hop": "1",
        "te": "trailers",
        "keep-alive": "timeout=5",
        "upgrade": "h2c",
        "cookie": "session=of-another-port",
        "accept-encoding": "gzip",
        "content-length": "999",
    }

    assert seen(Request("POST", "/", headers, b"body"), echo).headers == {
        "host": echo.authority,
        "connection": "close",
        "accept-encoding": "gzip",
        "content-length": "4",
    }


EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def counted(
    monkeypatch: pytest.MonkeyPatch, respond: Respond = lambda _: EMPTY
) -> Iterator[tuple[Upstream, list[HTTPConnection]]]:
    """Yield an upstream, and the list of the connections that are made to it."""
    made: list[HTTPConnection] = []
    connect = HTTPConnection.connect

    def recorded(connection: HTTPConnection) -> None:
        made.append(connection)
        connect(connection)

    monkeypatch.setattr(HTTPConnection, "connect", recorded)
    with served(respond) as url:
        yield read_upstream(url), made


def test_safe_requests_use_one_connection_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    with counted(monkeypatch) as (upstream, made):
        forwarder = Forwarder()
        for method in ("GET", "HEAD", "OPTIONS", "GET"):
            forwarder.forward(Request(method, "/", {}), upstream, "/")

    assert len(made) == 1


def test_any_other_request_has_a_connection_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with counted(monkeypatch) as (upstream, made):
        forwarder = Forwarder()
        for method in ("GET", "POST", "PATCH", "DELETE", "GET"):
            forwarder.forward(Request(method, "/", {}, b"body"), upstream, "/")

    assert len(made) == 4


def test_a_request_that_finds_its_connection_stale_is_sent_on_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with counted(monkeypatch) as (upstream, made):
        forwarder = Forwarder()
        forwarder.forward(Request("GET", "/", {}), upstream, "/")
        made[0].sock.shutdown(socket.SHUT_RDWR)
        response = forwarder.forward(Request("GET", "/", {}), upstream, "/")

    assert (response.status, len(made)) == (200, 2)


def test_a_connection_that_fails_without_having_been_used_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        counted(monkeypatch, lambda _: b"") as (upstream, made),
        pytest.raises(Unavailable),
    ):
        Forwarder().forward(Request("GET", "/", {}), upstream, "/")

    assert len(made) == 1


def test_a_connection_that_was_left_long_ago_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.local.forwarding.MAX_IDLE_SECONDS", 0.0)
    with counted(monkeypatch) as (upstream, made):
        forwarder = Forwarder()
        for _ in range(2):
            forwarder.forward(Request("GET", "/", {}), upstream, "/")

    assert (len(made), made[0].sock) == (2, None)


def test_a_response_is_returned_as_it_is_without_the_headers_of_the_connection() -> None:
    head = (
        b"HTTP/1.1 404 Not Found\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nSet-Cookie: a=b\r\n"
        b"Link: </a>\r\nLink: </b>\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n"
    )

    assert response_to(Request("GET", "/", {}), head + b"\x1f\x8b\x00") == Response(
        404, [("Link", "</a>"), ("Link", "</b>"), ("Content-Encoding", "gzip")], b"\x1f\x8b\x00"
    )


def test_a_chunked_response_is_returned_whole() -> None:
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"

    assert response_to(Request("GET", "/", {}), chunked) == Response(200, [], b"abc")


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 304), ("DELETE", 204)])
def test_a_response_without_a_body_keeps_the_length_that_it_states(
    method: str, status: int
) -> None:
    octets = b"HTTP/1.1 %d \r\nConnection: close\r\nContent-Length: 7\r\n\r\n" % status

    assert response_to(Request(method, "/", {}), octets) == Response(
        status, [("Content-Length", "7")], None
    )


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="closed"),
        pytest.param(b"nonsense\r\nConnection: close\r\n\r\n", id="no HTTP"),
        pytest.param(OK + b"Content-Length: 4\r\n\r\nabc", id="cut"),
        pytest.param(OK + b"Content-Length: 4\r\n\r\n", id="cut before its body"),
        pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nab", id="a chunk cut"),
        pytest.param(OK + b"\r\n" + bytes(MAX_RESPONSE_BYTES + 1), id="too large"),
    ],
)
def test_what_is_not_a_whole_response_is_unavailable(octets: bytes) -> None:
    with pytest.raises(Unavailable, match="no response from"):
        response_to(Request("GET", "/", {}), octets)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9", "http://a..b", "http://a b", "http://127.0.0.1:9/a b"]
)
def test_a_server_that_cannot_be_reached_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable):
        Forwarder().forward(Request("GET", "/", {}), read_upstream(url), "/")


def test_a_server_that_is_silent_is_unavailable_when_the_time_is_over() -> None:
    asked = threading.Event()

    def respond(_: bytes) -> bytes:
        asked.wait(5)
        return OK + b"\r\n"

    with served(respond) as url:
        try:
            with pytest.raises(Unavailable, match="timed out"):
                Forwarder(timeout=0.1).forward(Request("GET", "/", {}), read_upstream(url), "/")
        finally:
            asked.set()


@pytest.mark.parametrize(
    ("url", "kind"), [("https://api.test", HTTPSConnection), ("http://api.test", HTTPConnection)]
)
def test_an_https_url_is_connected_to_by_tls(url: str, kind: type[HTTPConnection]) -> None:
    assert type(read_upstream(url).connect(timeout=1)) is kind


@pytest.mark.parametrize(
    ("url", "upstream"),
    [
        ("https://api.test", Upstream(True, "api.test")),
        ("https://api.test/", Upstream(True, "api.test")),
        ("https://api.test/stage/", Upstream(True, "api.test", "/stage")),
        ("http://[::1]:8000/a/b", Upstream(False, "[::1]:8000", "/a/b")),
        ("https://issuer.test/token?policy=a", Upstream(True, "issuer.test", "/token?policy=a")),
    ],
)
def test_a_url_is_read(url: str, upstream: Upstream) -> None:
    assert read_upstream(url) == upstream


@pytest.mark.parametrize(
    "url",
    ["", "api.test", "ftp://api.test", "https://", "https://me@api.test", "https://api.test:a"],
)
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|Port"):
        read_upstream(url)
