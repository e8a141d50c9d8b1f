"""Forwarding of requests to another HTTP server, with what RFC 9110 asks of a gateway.

A safe request (RFC 9110, 9.2.1) may use a connection that another one has left, and is sent once
more when that has gone stale. Any other has a connection of its own: it is not sent twice. Why not
httpx: it normalises URLs, and decodes what it reads, where a gateway changes
nothing. A proxy of the environment is not used.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from time import monotonic
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from apps.local.http_messages import Request, Response

TIMEOUT_SECONDS: Final = 30.0  # for a response to begin, as on API Gateway, and for each part of it
MAX_RESPONSE_BYTES: Final = 10 << 20  # API Gateway's quota
MAX_LEFT: Final = 32  # connections to a server that wait for a request
MAX_IDLE_SECONDS: Final = 20.0  # after that one may have gone without a sign, as on a network

_HOP_BY_HOP: Final = {  # RFC 9110, 7.6.1
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
# http.client states the host and the length. Cookies of 127.0.0.1 are those of programs on all of
# its ports, and the API has none.
_NOT_SENT: Final = _HOP_BY_HOP | {"content-length", "cookie", "host"}
_NOT_RETURNED: Final = _HOP_BY_HOP | {"set-cookie"}
_SAFE: Final = {"GET", "HEAD", "OPTIONS"}


class Unavailable(Exception):
    """There is no whole response; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server: ``authority`` is its host and port, ``base`` is in front of every target."""

    secure: bool
    authority: str
    base: str = ""

    def connect(self, timeout: float) -> HTTPConnection:
        """Return a connection, which connects when it is used."""
        kind = HTTPSConnection if self.secure else HTTPConnection
        return kind(self.authority, timeout=timeout)


def read_upstream(url: str) -> Upstream:
    """Return the server at ``url``, whose path and query are kept. Raise ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"{url!r} is not an http or https URL, without a user")
    parts.port  # noqa: B018 - it raises ValueError for what is no port
    query = f"?{parts.query}" if parts.query else ""
    return Upstream(parts.scheme == "https", parts.netloc, parts.path.rstrip("/") + query)


class Forwarder:
    """Forwards requests. Safe to share between threads."""

    def __init__(self, timeout: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._left: defaultdict[Upstream, list[_Left]] = defaultdict(list)

    def forward(self, request: Request, upstream: Upstream, target: str) -> Response:
        """Return the response of ``upstream`` to ``request``, sent to ``target`` there.

        The body stays as it is, compressed or not. Raise Unavailable.
        """
        sent = request._replace(target=upstream.base + target)
        try:
            if request.method not in _SAFE:
                return _exchange(upstream.connect(self._timeout), sent)
            return self._exchange_safe(sent, upstream)
        except (OSError, HTTPException, UnicodeError) as error:  # UnicodeError: of a host's name
            raise Unavailable(f"no response from {upstream.authority}: {error}") from error

    def _exchange_safe(self, request: Request, upstream: Upstream) -> Response:
        left = self._left[upstream]
        if (connection := _taken(left)) is not None:
            with suppress(ConnectionError):  # it has gone stale
                return _exchange(connection, request, left)
        return _exchange(upstream.connect(self._timeout), request, left)


class _Left(NamedTuple):
    connection: HTTPConnection
    at: float


def _taken(left: list[_Left]) -> HTTPConnection | None:
    """Return the connection that was left last; those before it have waited for longer."""
    with suppress(IndexError):
        connection, at = left.pop()
        if monotonic() - at < MAX_IDLE_SECONDS:
            return connection
        connection.close()
    return None


def _exchange(
    connection: HTTPConnection, request: Request, left: list[_Left] | None = None
) -> Response:
    """Return the response, and leave the connection in ``left`` where it can be used again."""
    close = {"connection": "close"} if left is None else {}
    try:
        connection.request(
            request.method,
            request.target,
            body=request.body or None,
            headers={**_kept(request.headers), **close},
        )
        with closing(connection.getresponse()) as received:
            response = _read(received, request.method)
    except BaseException:
        connection.close()
        raise
    if left is None or received.will_close or len(left) >= MAX_LEFT:
        connection.close()
    else:
        left.append(_Left(connection, monotonic()))
    return response


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    named = _names(headers.get("connection", ""))
    return {name: value for name, value in headers.items() if name not in _NOT_SENT | named}


def _read(response: HTTPResponse, method: str) -> Response:
    has_body = method != "HEAD" and response.status not in {204, 304}
    named = _names(response.getheader("connection", ""))
    left_out = _NOT_RETURNED | named | ({"content-length"} if has_body else set())
    headers = [
        (name, value) for name, value in response.getheaders() if name.lower() not in left_out
    ]
    return Response(response.status, headers, _body(response) if has_body else None)


def _body(response: HTTPResponse) -> bytes:
    body = response.read(MAX_RESPONSE_BYTES + 1)
    if len(body) > MAX_RESPONSE_BYTES:
        raise HTTPException(f"it is over {MAX_RESPONSE_BYTES:,} bytes")
    if response.length:  # http.client does not report this to those who state a bound
        raise IncompleteRead(body, response.length)
    return body


def _names(connection: str) -> set[str]:
    return {name.strip().lower() for name in connection.split(",")}
