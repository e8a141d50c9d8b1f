"""The head of an HTTP/1.1 request, read strictly: what is ambiguous is refused, never guessed.

A request has one meaning here, and API Gateway's: repeated headers are joined as it joins them
(RFC 9110, 5.3), and the length of a body is stated once, in digits (RFC 9112, 6.3).
"""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

_TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE: Final = re.compile(rb"(%s) ([!-~]+) HTTP/1\.([01])" % _TOKEN)
_FIELD: Final = re.compile(rb"(%s):[ \t]*([\t -~\x80-\xff]*?)[ \t]*" % _TOKEN)
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")


class Refused(Exception):
    """A request that is not handed to any handler: ``str()`` says why."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """A request's line and headers, and what they say about its body and its connection.

    ``octets`` is the head for a handler: each header once, and no Expect, which the server meets.
    """

    method: bytes
    octets: bytes
    body_bytes: int
    keeps_alive: bool
    expects_continue: bool


def read_head(octets: bytes) -> Head:
    """Return what is read from a head, which ends with an empty line. Raise Refused."""
    line, *lines = octets.lstrip(b"\r\n").removesuffix(b"\r\n\r\n").split(b"\r\n")
    asked = _REQUEST_LINE.fullmatch(line)
    if asked is None:
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "The request line is malformed. Percent-encode what is not ASCII.",
        )
    headers = _joined(lines)
    expects = headers.pop(b"expect", b"").lower()
    method, _, minor = asked.groups()
    return Head(
        method=method,
        octets=b"\r\n".join([line, *map(b": ".join, headers.items()), b"", b""]),
        body_bytes=_body_bytes(headers),
        keeps_alive=minor == b"1" and b"close" not in _list(headers.get(b"connection", b"")),
        expects_continue=minor == b"1" and expects == b"100-continue",
    )


def _joined(lines: list[bytes]) -> dict[bytes, bytes]:
    """Return the headers by their names in lower case."""
    headers: dict[bytes, bytes] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        if field is None:
            raise Refused(HTTPStatus.BAD_REQUEST, "A header is malformed.")
        name, value = field[1].lower(), field[2]
        separator = b"; " if name == b"cookie" else b","  # RFC 6265, 4.2.1
        headers[name] = headers[name] + separator + value if name in headers else value
    return headers


def _body_bytes(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length")
    if b"transfer-encoding" in headers:
        if length is not None:  # the two could disagree: a smuggled request
            raise Refused(
                HTTPStatus.BAD_REQUEST, "Content-Length and Transfer-Encoding exclude each other."
            )
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "State the length of the body: Content-Length.")
    if length is None:
        return 0
    if not _LENGTH.fullmatch(length):
        raise Refused(HTTPStatus.BAD_REQUEST, "Content-Length must be one number.")
    return int(length)


def _list(value: bytes) -> list[bytes]:
    return [element.strip().lower() for element in value.split(b",")]
