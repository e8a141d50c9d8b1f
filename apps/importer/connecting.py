"""Connections to the services, and the arguments of the command line that say which."""

import argparse

import httpx

from core.loopback import is_loopback

COMMAND_URL = "http://127.0.0.1:8000"
QUERY_URL = "http://127.0.0.1:8001"
"""Of ``make run``."""

_TIMEOUT_SECONDS = 30.0  # the longest that API Gateway lets an integration take
_MAX_PARALLEL = 64


def connect(url: str, connections: int) -> httpx.Client:
    """Return a client of the service at ``url``, with at most that many ``connections``."""
    # `chalice local` sends headers and body apart: on a kept connection, Nagle's algorithm and
    # delayed ACKs make that 40 ms a request. And a proxy from the environment cannot reach here.
    here = is_loopback(httpx.URL(url).host)
    limits = httpx.Limits(
        max_connections=connections, max_keepalive_connections=0 if here else connections
    )
    return httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS, limits=limits, trust_env=not here)


def url_text(text: str) -> str:
    """Return ``text`` if it is a URL of a service. Raise ArgumentTypeError."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise argparse.ArgumentTypeError(f"{text!r} is not a URL such as {COMMAND_URL}")
    return text


def secure_url_text(text: str) -> str:
    """Return ``text`` if it is a URL that a token may be sent to. Raise ArgumentTypeError."""
    url = httpx.URL(url_text(text))
    if url.scheme == "http" and not is_loopback(url.host):
        raise argparse.ArgumentTypeError(f"{text!r} must be an https URL: a token is sent to it")
    return text


def count_text(text: str) -> int:
    """Return how many requests are made at once. Raise ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MAX_PARALLEL:
        raise argparse.ArgumentTypeError(f"must be 1 to {_MAX_PARALLEL}")
    return int(text)
