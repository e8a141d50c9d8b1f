"""Pages of other origins: off by default, and one setting where API Gateway is not."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from typing import NamedTuple

import pytest
from chalice.app import Chalice
from chalice.config import Config

from apps.local.http_server import listen
from apps.local.service import service_server
from core.adapters.http.cors import ALLOW_HEADERS, ANY_METHOD, EXPOSE_HEADERS
from tests.support.api import UNKNOWN, load_app
from tests.support.example import BOOKS
from tests.support.serving import chalice_local, serving

# Chalice warns that it enforces nothing locally; the middleware does.
pytestmark = pytest.mark.filterwarnings("ignore:JWTAuthorizer is not a supported:UserWarning")

PAGES = "https://pages.example"
ALLOWED = "Access-Control-Allow-Origin"


class Got(NamedTuple):
    """A response without its body."""

    status: int
    headers: dict[str, str]


Send = Callable[..., Got]
Served = Callable[[Chalice], AbstractContextManager[int]]
Start = Callable[[str, str], Send]


@contextmanager
def by_make_run(app: Chalice) -> Iterator[int]:
    listener = listen("127.0.0.1", 0)
    with serving(service_server(app, Config.create(), listener)):
        yield listener.getsockname()[1]


@pytest.fixture(params=[chalice_local, by_make_run], ids=["chalice local", "make run"])
def start(
    request: pytest.FixtureRequest, environment: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Start]:
    """Yield a function from a service and CORS_ORIGINS to a client of it."""
    served: Served = request.param
    blocks: list[AbstractContextManager[int]] = []

    def begin(service: str, origins: str) -> Send:
        monkeypatch.setenv("CORS_ORIGINS", origins)
        block = served(load_app(service))
        port = block.__enter__()
        blocks.append(block)

        def send(method: str, target: str, **headers: str) -> Got:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request(
                method, target, headers={n.replace("_", "-"): v for n, v in headers.items()}
            )
            response = connection.getresponse()
            response.read()
            connection.close()
            return Got(response.status, dict(response.getheaders()))

        return send

    yield begin
    for block in blocks:
        block.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("service", "path", "method"),
    [
        ("command", BOOKS, "POST"),
        ("command", f"{BOOKS}/{UNKNOWN}", "PATCH"),
        ("query", BOOKS, "GET"),
        ("query", f"{BOOKS}/{UNKNOWN}/history", "GET"),
    ],
)
def test_a_preflight_gets_the_methods_and_headers_of_the_api_without_a_token(
    start: Start, service: str, path: str, method: str
) -> None:
    send = start(service, f"https://another.example, {PAGES}")

    got = send("OPTIONS", path, Origin=PAGES, Access_Control_Request_Method=method)

    assert got.status == 204
    assert got.headers[ALLOWED] == PAGES
    assert got.headers["Vary"] == "Origin"
    assert got.headers["Access-Control-Allow-Methods"] == ANY_METHOD
    assert got.headers["Access-Control-Allow-Headers"] == ",".join(ALLOW_HEADERS)
    assert got.headers["Access-Control-Max-Age"] == "3600"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", BOOKS, 200),
        ("HEAD", BOOKS, 200),
        ("GET", f"{BOOKS}?limit=0", 400),
        ("GET", f"{BOOKS}/{UNKNOWN}/history", 401),
        ("GET", f"{BOOKS}/{UNKNOWN}", 404),
        ("PUT", BOOKS, 405),
    ],
)
def test_a_page_of_an_allowed_origin_can_read_every_response(
    start: Start, method: str, path: str, status: int
) -> None:
    got = start("query", PAGES)(method, path, Origin=PAGES)

    assert (got.status, got.headers[ALLOWED], got.headers["Vary"]) == (status, PAGES, "Origin")
    assert got.headers["Access-Control-Expose-Headers"] == ",".join(EXPOSE_HEADERS)
    assert "Access-Control-Allow-Credentials" not in got.headers


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    "origin", [f"{PAGES}.evil.example", "http://pages.example", f"{PAGES}:8443", "null", "*"]
)
def test_a_page_of_another_origin_can_not(start: Start, method: str, origin: str) -> None:
    got = start("query", PAGES)(method, BOOKS, Origin=origin)

    assert got.headers["Vary"] == "Origin"
    assert not {ALLOWED, "Access-Control-Expose-Headers"} & got.headers.keys()


def test_a_response_to_no_page_is_not_kept_for_one(start: Start) -> None:
    got = start("query", PAGES)("GET", BOOKS)

    assert got.headers["Vary"] == "Origin"
    assert ALLOWED not in got.headers


def test_a_response_that_varies_by_another_header_varies_by_both(start: Start) -> None:
    got = start("query", PAGES)("GET", "/v1/catalog/docs/docs.js", Origin=PAGES)

    assert got.headers["Vary"] == "Accept-Encoding, Origin"


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_any_origin_can_be_allowed(start: Start, method: str) -> None:
    got = start("query", "*")(method, BOOKS, Origin=PAGES)

    assert (got.headers[ALLOWED], got.headers.get("Vary")) == ("*", None)


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_origin_is_allowed_by_default(start: Start, method: str) -> None:
    assert ALLOWED not in start("query", "")(method, BOOKS, Origin=PAGES).headers


@pytest.mark.parametrize("service", ["command", "query"])
@pytest.mark.parametrize("origins", ["", PAGES])
def test_every_path_has_a_public_preflight_only_where_an_origin_is_allowed(
    environment: None, monkeypatch: pytest.MonkeyPatch, service: str, origins: str
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", origins)

    preflights = [methods.get("OPTIONS") for methods in load_app(service).routes.values()]

    assert all(bool(route) is bool(origins) for route in preflights)
    assert not any(route and route.authorizer for route in preflights)


def test_a_service_without_the_setting_does_not_load_it() -> None:
    program = "import sys, apps.query.app; print('core.adapters.http.cors' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"STORE": "memory", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "False\n"
