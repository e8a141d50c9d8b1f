"""The head of a request: what is read from it, and what is refused because it is ambiguous."""

from http import HTTPStatus

import pytest

from apps.local.http_requests import Head, Refused, read_head


def head(*lines: str, line: str = "POST /books HTTP/1.1") -> Head:
    return read_head("\r\n".join([line, *lines, "", ""]).encode("latin-1"))


def refusal(*lines: str, line: str = "POST /books HTTP/1.1") -> HTTPStatus:
    with pytest.raises(Refused) as refused:
        head(*lines, line=line)
    return refused.value.status


def test_a_handler_reads_the_request_line_and_the_headers_in_lower_case() -> None:
    read = head("Host: here", "X-One:  a b \t")

    assert read.octets == b"POST /books HTTP/1.1\r\nhost: here\r\nx-one: a b\r\n\r\n"


def test_a_header_that_is_sent_twice_is_joined_as_api_gateway_joins_it() -> None:
    read = head("Authorization: Bearer a", "If-Match: 1", "authorization: Bearer b", "if-match: 2")

    assert b"authorization: Bearer a,Bearer b\r\nif-match: 1,2\r\n" in read.octets


def test_cookies_are_joined_by_semicolons() -> None:
    assert b"cookie: a=1; b=2\r\n" in head("Cookie: a=1", "Cookie: b=2").octets


@pytest.mark.parametrize(
    ("lines", "octets"),
    [([], 0), (["Content-Length: 0"], 0), (["content-length:  600000000 "], 600_000_000)],
)
def test_the_length_of_the_body_is_that_of_content_length(lines: list[str], octets: int) -> None:
    assert head(*lines).body_bytes == octets


@pytest.mark.parametrize(
    "length", ["", "-1", "+1", "1.0", "0x10", "1_0", "1 0", "1,1", "²", "ten", "9" * 19]
)
def test_a_malformed_content_length_is_refused(length: str) -> None:
    assert refusal(f"Content-Length: {length}") == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("second", ["5", "6"])
def test_two_content_lengths_are_refused(second: str) -> None:
    assert refusal("Content-Length: 5", f"content-length: {second}") == HTTPStatus.BAD_REQUEST


def test_a_body_without_a_stated_length_is_refused() -> None:
    assert refusal("Transfer-Encoding: chunked") == HTTPStatus.LENGTH_REQUIRED


def test_content_length_beside_transfer_encoding_is_refused() -> None:
    lines = ("Transfer-Encoding: chunked", "Content-Length: 5")

    assert refusal(*lines) == refusal(*reversed(lines)) == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    "line",
    [
        "",
        "POST",
        "GET /",
        "GET / HTTP/2.0",
        "GET / HTTP/1.10",
        "GET  / HTTP/1.1",
        "GET /é HTTP/1.1",
        "GET /a b HTTP/1.1",
        "G@T / HTTP/1.1",
        "GET / HTTP/1.1\nX: y",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_a_malformed_request_line_is_refused(line: str) -> None:
    assert refusal(line=line) == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    "line", ["no colon", ": no name", "a b: space", "a : space", " folded", "a: \x00", "a: b\nc: d"]
)
def test_a_malformed_header_is_refused(line: str) -> None:
    assert refusal("a: b", line) == HTTPStatus.BAD_REQUEST


def test_an_empty_line_before_the_request_is_ignored() -> None:
    assert head(line="\r\nGET / HTTP/1.1").octets == head(line="GET / HTTP/1.1").octets


@pytest.mark.parametrize(
    ("line", "connection", "keeps"),
    [
        ("GET / HTTP/1.1", "keep-alive", True),
        ("GET / HTTP/1.1", "close", False),
        ("GET / HTTP/1.1", "TE, Close", False),
        ("GET / HTTP/1.0", "keep-alive", False),
        ("HEAD / HTTP/1.1", "keep-alive", True),
    ],
)
def test_a_connection_is_kept_unless_the_request_says_otherwise(
    line: str, connection: str, keeps: bool
) -> None:
    assert head(f"Connection: {connection}", line=line).keeps_alive is keeps


def test_the_expectation_of_100_continue_is_the_servers_to_meet() -> None:
    read = head("Expect: 100-Continue", "Content-Length: 5")

    assert read.expects_continue
    assert b"expect" not in read.octets
    assert not head("Content-Length: 5").expects_continue
    assert not head("Expect: 100-continue", line="POST / HTTP/1.0").expects_continue
