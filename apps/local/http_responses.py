"""The responses of ``http_server`` itself, and what it changes of those of a handler.

Each is a whole response: the bytes that are sent.
"""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

END_OF_HEAD: Final = b"\r\n\r\n"
_WITHOUT_CONTENT: Final = {b"204", b"304"}
_NO_LENGTH: Final = re.compile(rb"\r\ncontent-length: *0(?=\r\n|\Z)", re.IGNORECASE)


def has_no_content(response: bytes) -> bool:
    """Return whether a response's status says that it has no body (RFC 9110, 6.4.1)."""
    return response[len(b"HTTP/1.1 ") :][:3] in _WITHOUT_CONTENT


def without_content(response: bytes) -> bytes:
    """Return a response without its body, and without the length of a body that it never had.

    Handlers are not that careful: some send a body, which would be read as the next response, and
    others state a length of 0, which is not that of the response to GET (RFC 9110, 8.6).
    """
    head, end, body = response.partition(END_OF_HEAD)
    return (head if body else _NO_LENGTH.sub(b"", head)) + end


def closes(response: bytes) -> bool:
    """Return whether a response is the last one of its connection."""
    return not response or b"\r\nconnection: close" in response.partition(END_OF_HEAD)[0].lower()


def as_last(response: bytes) -> bytes:
    """Return a response that says that it is the last one of its connection."""
    status_line, end, rest = response.partition(b"\r\n")
    return response if closes(response) else status_line + end + b"Connection: close\r\n" + rest


def refusal(status: HTTPStatus, message: str) -> bytes:
    """Return a response of the server itself, in the form of API Gateway's own."""
    fields = ["Content-Type: application/json", "Connection: close"]
    return _own(status, fields, {"message": message})


def _own(status: HTTPStatus, fields: Sequence[str], document: Mapping[str, Any]) -> bytes:
    body = json.dumps(document).encode()
    line, length = f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Length: {len(body)}"
    return "\r\n".join([line, *fields, length, "", ""]).encode() + body


OVERLOADED: Final = _own(
    HTTPStatus.SERVICE_UNAVAILABLE,
    ["Content-Type: application/problem+json", "Cache-Control: no-store", "Retry-After: 1"],
    {
        "type": "about:blank",  # RFC 9457, 4.2.1: it says no more than the status
        "title": HTTPStatus.SERVICE_UNAVAILABLE.phrase,
        "status": HTTPStatus.SERVICE_UNAVAILABLE.value,
        "detail": "The server has more requests than it can handle. Send the request again later.",
    },
)
