"""The API under test, as a client without any knowledge of this project sees it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from core.loopback import is_loopback

TIMEOUT_SECONDS: Final = 30.0
"""The longest that API Gateway lets an integration take."""


class Unreachable(Exception):
    """No response; the message is one line that says to what, and why."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response; the names of ``headers`` are in lower case, ``json`` is None if it is not."""

    status: int
    headers: Mapping[str, str]
    json: Any


Send = Callable[[str, str, Mapping[str, str], str | None], Response]
"""Sends a request: method, path, headers, body. Returns the response, or raises ``Unreachable``."""


def sender(url: str) -> Send:
    """Return a function that sends requests to paths below ``url``.

    It follows no redirect, because that would hide what the API responds.
    """
    proxies = ProxyHandler({} if is_loopback(Request(url).host.partition(":")[0]) else None)
    opener = build_opener(_NoRedirect, proxies)

    def send(method: str, path: str, headers: Mapping[str, str], body: str | None) -> Response:
        data = None if body is None else body.encode()
        request = Request(f"{url.rstrip('/')}{path}", data, dict(headers), method=method)
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                return _read(response.status, response.headers, response.read())
        except HTTPError as error:
            return _read(error.code, error.headers, error.read())
        except (OSError, HTTPException) as error:
            raise Unreachable(f"{method} {request.full_url}: no response ({error})") from error

    return send


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _read(status: int, headers: Message, body: bytes) -> Response:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    return Response(status, {name.lower(): value for name, value in headers.items()}, document)
