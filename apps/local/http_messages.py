"""Requests and responses as values: a handler of them is a function, without any connection."""

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from json import dumps
from typing import Any, Final, NamedTuple

from apps.local.http_server import Respond
from core.loopback import is_loopback

_HOST: Final = re.compile(r"(\[[^]]+\]|[^:]+)(?::[0-9]*)?")


class Request(NamedTuple):
    """A request; the names of its ``headers`` are in lower case, and each is there once."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class Response(NamedTuple):
    """A response.

    The length of its body is stated for it. Where ``body`` is None, which is for HEAD and for
    statuses without a body, ``headers`` may state a length.
    """

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | None = None


Handler = Callable[[Request], Response]


def handled_as_messages(handler: Handler) -> Respond:
    """Return a function that responds by ``handler``. The server omits the body from HEAD."""

    def respond(octets: bytes) -> bytes:
        response = handler(read_request(octets))
        return head_of(response) + (response.body or b"")

    return respond


def read_request(octets: bytes) -> Request:
    """Return a request that the server has read: its head is well formed (``http_requests``)."""
    head, _, body = octets.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    method, target, _ = line.split(" ")
    headers = dict(field.split(": ", 1) for field in fields)
    return Request(method, target, headers, body)


def head_of(response: Response) -> bytes:
    """Return the status line and the headers, as they are sent."""
    length = [] if response.body is None else [("Content-Length", str(len(response.body)))]
    fields = [f"{name}: {value}" for name, value in (*response.headers, *length)]
    status_line = f"HTTP/1.1 {response.status} {_phrase(response.status)}"
    return "\r\n".join([status_line, *fields, "", ""]).encode("latin-1")


def for_this_machine(handler: Handler) -> Handler:
    """Return a handler that refuses a request to any other name than those of this machine.

    A page of another site reaches a port here by a name of its own that is rebound to 127.0.0.1.
    """

    def respond(request: Request) -> Response:
        host = _HOST.fullmatch(request.headers.get("host", "").lower())
        if host is None or not is_loopback(host[1].strip("[]")):
            message = "This server is for this machine: 127.0.0.1 or localhost."
            return json_response(HTTPStatus.MISDIRECTED_REQUEST, {"message": message})
        return handler(request)

    return respond


def json_response(status: int, document: Mapping[str, Any]) -> Response:
    """Return a response with a JSON document, which is not stored by caches."""
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    return Response(status, headers, dumps(document).encode())


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a status that is not registered has none (RFC 9112, 4)
        return ""
