"""HTTP as the clients speak it: one connection for each request, and no retry of its own."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final, NamedTuple

TIMEOUT_SECONDS: Final = 10.0


class Reply(NamedTuple):
    """What came back: ``status`` 0 is no whole response; ``sent`` is false if nobody listened."""

    sent: bool
    status: int = 0
    headers: Mapping[str, str] = {}
    body: Any = None


def exchange(
    port: int,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Reply:
    """Send one request to a port of this machine and return what came back."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.connect()
    except OSError:
        connection.close()
        return Reply(sent=False)
    try:
        connection.request(method, path, body, {"Connection": "close", **(headers or {})})
        return _read(connection.getresponse())
    except (OSError, HTTPException, ValueError):
        return Reply(sent=True)
    finally:
        connection.close()


def _read(response: HTTPResponse) -> Reply:
    text = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(True, response.status, headers, json.loads(text) if text else None)
