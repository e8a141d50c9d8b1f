"""One origin for the API and the pages that use it, as API Gateway is for the API in AWS.

``/v1/`` is forwarded to whatever serves the API, ``POST /token`` to a token endpoint, and the other
paths are the files of the explorer. ``/explorer.json`` says where its pages get tokens.

A page of another site must not reach any of this through a browser on this machine: the Host header
must be the server's own, which a name that is rebound to 127.0.0.1 is not, and tokens are for this
origin alone.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from socket import socket
from typing import Any, Final

from apps.local.endpoints import HOST
from apps.local.forwarding import Forwarder, Unavailable, Upstream
from apps.local.http_messages import Request, Response, handled_as_messages, json_response
from apps.local.http_server import BoundedServer, Bounds
from apps.local.static_files import static_response
from core.adapters.http.requests import MAX_BODY_BYTES

EXPLORER: Final = Path(__file__).resolve().parents[1] / "explorer" / "static"
ABOUT: Final = "/explorer.json"

_API: Final = "/v1/"
_TOKEN: Final = "/token"  # noqa: S105 - a path
_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_SECURITY: Final = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """What is behind the server.

    ``upstream_of`` returns what serves a request of the API, or None. ``issuer`` and
    ``token_endpoint`` are None where tokens are to be had elsewhere.
    """

    upstream_of: Callable[[Request], Upstream | None]
    issuer: str | None
    token_endpoint: Upstream | None
    development: bool
    pages: Path = EXPLORER


def gateway_server(gateway: Gateway, listener: socket) -> BoundedServer:
    """Return a server of ``gateway``, to be started with ``serve``."""
    port = listener.getsockname()[1]
    hosts = frozenset({f"{HOST}:{port}", f"localhost:{port}"})
    respond = handled_as_messages(partial(_respond, gateway, Forwarder(), hosts))
    return BoundedServer(listener, respond, Bounds(body_bytes=MAX_BODY_BYTES))


def _respond(
    gateway: Gateway, forwarder: Forwarder, hosts: frozenset[str], request: Request
) -> Response:
    host = request.headers.get("host", "").lower()
    if host not in hosts:
        return _own(HTTPStatus.MISDIRECTED_REQUEST, f"This server is {' or '.join(sorted(hosts))}.")
    if request.path.startswith(_API):
        return _forwarded(forwarder, request, gateway.upstream_of(request), request.target)
    if (request.method, request.path) == ("POST", _TOKEN):
        if request.headers.get("origin", f"http://{host}") != f"http://{host}":
            return _own(HTTPStatus.FORBIDDEN, "Forbidden")
        return _forwarded(forwarder, request, gateway.token_endpoint, target="")
    return _page(gateway, request)


def _forwarded(
    forwarder: Forwarder, request: Request, upstream: Upstream | None, target: str
) -> Response:
    if upstream is None:
        return _own(HTTPStatus.NOT_FOUND, "Not Found")
    try:
        return forwarder.forward(request, upstream, target)
    except Unavailable as reason:
        print(f"{request.method} {request.path}: {reason}", file=sys.stderr, flush=True)
        return _own(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")


def _page(gateway: Gateway, request: Request) -> Response:
    if request.path == ABOUT and request.method in {"GET", "HEAD"}:
        return _secured(json_response(HTTPStatus.OK, _about(gateway)))
    if file := static_response(gateway.pages, request):
        return _secured(file)
    return _own(HTTPStatus.NOT_FOUND, "Not Found")


def _about(gateway: Gateway) -> dict[str, Any]:
    return {
        "issuer": gateway.issuer,
        "tokenEndpoint": _TOKEN if gateway.token_endpoint else None,
        "development": gateway.development,
    }


def _own(status: HTTPStatus, message: str) -> Response:
    """Return an error in the form of API Gateway's own."""
    return _secured(json_response(status, {"message": message}))


def _secured(response: Response) -> Response:
    return response._replace(headers=(*response.headers, *_SECURITY))
