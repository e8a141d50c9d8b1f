"""Requests and responses as values."""

import pytest

from apps.local.http_messages import Request, Response, handled_as_messages, read_request
from apps.local.http_requests import read_head

POST = b"POST /a?b=c HTTP/1.1\r\nX-One: a: b\r\nX-Two:\r\nContent-Length: 8\r\n\r\n"


def responded(response: Response) -> bytes:
    return handled_as_messages(lambda _: response)(b"GET / HTTP/1.1\r\n\r\n")


def test_a_request_has_what_the_server_has_read() -> None:
    assert read_request(read_head(POST).octets + b"\r\n\r\nbody") == Request(
        "POST", "/a?b=c", {"x-one": "a: b", "x-two": "", "content-length": "8"}, b"\r\n\r\nbody"
    )


def test_the_path_of_a_request_ends_before_its_query() -> None:
    assert Request("GET", "/a/b?c=/d?e", {}).path == "/a/b"


def test_a_response_states_the_length_of_its_body_and_keeps_repeated_headers() -> None:
    assert responded(Response(200, [("Link", "a"), ("Link", "b")], b"body")) == (
        b"HTTP/1.1 200 OK\r\nLink: a\r\nLink: b\r\nContent-Length: 4\r\n\r\nbody"
    )


def test_an_empty_body_has_a_length_too() -> None:
    assert responded(Response(200, (), b"")) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("status", "line"), [(304, b"HTTP/1.1 304 Not Modified"), (299, b"HTTP/1.1 299 ")]
)
def test_a_response_without_a_body_states_no_length(status: int, line: bytes) -> None:
    assert responded(Response(status)) == line + b"\r\n\r\n"
