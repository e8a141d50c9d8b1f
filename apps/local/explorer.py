"""The explorer on an API that runs elsewhere, such as in AWS: ``make explorer URL= ISSUER=``.

``python -m apps.local.explorer`` serves the explorer's pages on 127.0.0.1 (GATEWAY_PORT, default
8004), and forwards ``/v1/`` to the API at URL, so that a browser needs no CORS. The page gets
tokens from the issuer ISSUER; without one, it takes a token that is pasted.
"""

import os
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from apps.local.endpoints import GATEWAY_PORT, HOST, QUERY_HEALTH, CannotRun, read_port
from apps.local.forwarding import Forwarder, Unavailable, Upstream, read_upstream
from apps.local.gateway_server import Gateway, gateway_server
from apps.local.http_messages import Request
from apps.local.http_server import listen, serve_until_signal
from apps.local.token import NoToken, find_token_endpoint
from core.loopback import is_loopback

_PROBE_SECONDS: Final = 10.0  # a cold start of the API included


def read_gateway(environment: Mapping[str, str]) -> Gateway:
    """Return the gateway that ``environment`` describes, once its API responds. Raise CannotRun."""
    # A make variable that is not set is an empty environment variable.
    url, issuer = environment.get("URL") or None, environment.get("ISSUER") or None
    if url is None:
        raise CannotRun("Name the API: make explorer URL=https://... ISSUER=https://...")
    api = _api(url)
    _check_responds(api, url)
    token_endpoint = _token_endpoint(issuer) if issuer else None
    return Gateway(lambda _: api, issuer, token_endpoint, development=False)


def _api(url: str) -> Upstream:
    try:
        api, parts = read_upstream(url), urlsplit(url)
    except ValueError as error:
        raise CannotRun(f"URL: {error}.") from error
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise CannotRun(f"URL must be an https URL, as tokens are sent to it; it is {url!r}.")
    if parts.query or parts.fragment:
        raise CannotRun(f"URL must have no query and no fragment, as {url!r} has.")
    return api


def _check_responds(api: Upstream, url: str) -> None:
    """Raise CannotRun unless the API is there, be it degraded: that is for the page to show."""
    request = Request("GET", QUERY_HEALTH, {})
    try:
        found = Forwarder(_PROBE_SECONDS).forward(request, api, QUERY_HEALTH)
    except Unavailable as reason:
        raise CannotRun(f"URL: {reason}.") from reason
    if HTTPStatus.MULTIPLE_CHOICES <= found.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise CannotRun(
            f"URL: {url} is not this API: a GET of {QUERY_HEALTH} there returns {found.status}."
        )


def _token_endpoint(issuer: str) -> Upstream:
    try:
        return read_upstream(find_token_endpoint(issuer))
    except (NoToken, ValueError) as error:
        raise CannotRun(
            f"ISSUER: {error}. Without ISSUER=, the page takes a token that is pasted."
        ) from error


def main() -> None:
    """Serve until a signal. Exit with 1 and the cause when it cannot start."""
    try:
        port = read_port(os.environ, "GATEWAY_PORT", GATEWAY_PORT)
        gateway = read_gateway(os.environ)
        listener = listen(HOST, port)
    except CannotRun as problem:
        sys.exit(str(problem))
    except OSError as error:
        where = f"{HOST}:{port} (GATEWAY_PORT names another port)"
        sys.exit(f"The explorer cannot start on {where}: {error}")
    print(f"The explorer is at http://{HOST}:{port}/. Ctrl-C stops it.", flush=True)
    serve_until_signal(gateway_server(gateway, listener))


if __name__ == "__main__":
    main()
