"""The gateway of ``make run`` in front of both services, and that of ``make explorer``."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from signal import SIGINT
from socket import socket
from urllib.parse import urlencode

import pytest
from chalice.config import Config

from apps.local.endpoints import CannotRun, Endpoint, Endpoints
from apps.local.explorer import read_gateway
from apps.local.forwarding import Upstream
from apps.local.gateway_server import Gateway, gateway_server
from apps.local.http_messages import Request, Response, handled_as_messages
from apps.local.http_server import listen
from apps.local.service import service_server
from tests.support.api import json_bytes, load_app
from tests.support.example import BOOKS, EMMA
from tests.support.identity import Identity, running_identity
from tests.support.serving import served, serving
from tests.support.waiting import TIMEOUT_SECONDS

ROOT = Path(__file__).resolve().parents[2]
GRANT = {"grant_type": "client_credentials", "client_id": "me", "scope": "books:write"}

# Chalice warns that it enforces nothing locally; the middleware does.
pytestmark = pytest.mark.filterwarnings("ignore:JWTAuthorizer is not a supported:UserWarning")


@pytest.fixture(scope="module")
def identity() -> Iterator[Identity]:
    with running_identity() as identity:
        yield identity


def endpoint_of(listener: socket) -> Endpoint:
    return Endpoint("", listener.getsockname()[1], "")


@pytest.fixture
def front(
    environment: None, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HTTPConnection]:
    """Yield a connection to the gateway of both services and the identity provider."""
    monkeypatch.setenv("JWT_ISSUER", identity.issuer)
    # Only now: the apps read their settings when they are imported.
    from apps.local.gateway import local_gateway

    command, query, gateway = (listen("127.0.0.1", 0) for _ in range(3))
    endpoints = Endpoints(
        endpoint_of(command),
        endpoint_of(query),
        Endpoint("", int(identity.issuer.rpartition(":")[2]), ""),
        endpoint_of(gateway),
    )
    with ExitStack() as servers:
        for name, listener in {"command": command, "query": query}.items():
            app = load_app(name)
            servers.enter_context(serving(service_server(app, Config.create(), listener)))
        servers.enter_context(serving(gateway_server(local_gateway(endpoints), gateway)))
        connection = HTTPConnection("127.0.0.1", endpoints.gateway.port, timeout=30)
        yield connection
        connection.close()


def exchange(
    front: HTTPConnection, method: str, target: str, body: bytes = b"", **headers: str
) -> tuple[HTTPResponse, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    front.request(method, target, body or None, named)
    response = front.getresponse()
    return response, response.read()


def test_a_page_gets_a_token_writes_with_it_and_reads_at_one_origin(front: HTTPConnection) -> None:
    form = "application/x-www-form-urlencoded"
    grant = urlencode(GRANT).encode()
    _, granted = exchange(front, "POST", "/token", grant, content_type=form)
    bearer = f"Bearer {json.loads(granted)['access_token']}"

    added, _ = exchange(
        front,
        "POST",
        BOOKS,
        json_bytes(EMMA),
        content_type="application/json",
        authorization=bearer,
    )
    listed, page = exchange(front, "GET", f"{BOOKS}?limit=1")

    assert (added.status, added.headers["ETag"]) == (HTTPStatus.CREATED, '"1"')
    assert (listed.status, json.loads(page)) == (HTTPStatus.OK, {"items": []})


@pytest.mark.parametrize("service", ["command", "query"])
def test_both_services_respond(front: HTTPConnection, service: str) -> None:
    response, _ = exchange(front, "GET", f"/v1/catalog/health/{service}")

    assert response.status == HTTPStatus.OK


def test_head_is_for_the_service_that_has_get(front: HTTPConnection) -> None:
    got, page = exchange(front, "GET", BOOKS)
    head, nothing = exchange(front, "HEAD", BOOKS)

    assert (head.status, nothing) == (got.status, b"")
    assert head.headers["Content-Length"] in {None, str(len(page))}


def test_the_refusal_of_a_service_is_passed_on(front: HTTPConnection) -> None:
    response, body = exchange(front, "POST", BOOKS, json_bytes(EMMA))

    assert (response.status, json.loads(body)) == (401, {"message": "Unauthorized"})
    assert response.headers["WWW-Authenticate"]


# --- make explorer ---------------------------------------------------------------------------


@contextmanager
def api(status: int = 200) -> Iterator[str]:
    """Run an API at a base path; each of its responses says what was asked."""
    with served(handled_as_messages(lambda r: Response(status, (), r.target.encode()))) as url:
        yield f"{url}/stage/"


def gateway_at(url: str, issuer: str = "") -> Gateway:
    return read_gateway({"URL": url, "ISSUER": issuer})


def test_the_explorer_forwards_to_the_api_and_finds_the_token_endpoint(identity: Identity) -> None:
    with api() as url:
        gateway = gateway_at(url, identity.issuer)

    host = identity.issuer.removeprefix("http://")
    assert gateway.upstream_of(Request("GET", BOOKS, {})) == Upstream(
        False, url.split("/")[2], "/stage"
    )
    assert gateway.token_endpoint == Upstream(False, host, "/token")
    assert (gateway.issuer, gateway.development) == (identity.issuer, False)


def test_the_explorer_needs_no_issuer() -> None:
    with api() as url:
        gateway = gateway_at(url)

    assert (gateway.issuer, gateway.token_endpoint) == (None, None)


@pytest.mark.parametrize("status", [500, 503])
def test_the_explorer_starts_on_an_api_in_trouble(status: int) -> None:
    with api(status) as url:
        assert gateway_at(url).upstream_of(Request("GET", BOOKS, {})) is not None


@pytest.mark.parametrize("status", [301, 403, 404])
def test_a_url_that_is_not_of_the_api_is_reported(status: int) -> None:
    with api(status) as url, pytest.raises(CannotRun, match=f"not this API.*returns {status}"):
        gateway_at(url)


@pytest.mark.parametrize(
    ("url", "reported"),
    [
        ("", "Name the API: make explorer URL="),
        ("api.test", "URL: 'api.test' is not an http or https URL"),
        ("https://api.test:port", "URL: Port could not be cast"),
        ("http://api.test", "URL must be an https URL, as tokens are sent to it"),
        ("https://api.test/?stage=1", "URL must have no query"),
        ("https://api.test/#stage", "URL must have no query and no fragment"),
        ("http://127.0.0.1:9", "URL: no response from 127.0.0.1:9: .* refused"),
    ],
)
def test_an_invalid_url_is_reported(url: str, reported: str) -> None:
    with pytest.raises(CannotRun, match=reported):
        gateway_at(url)


@pytest.mark.parametrize(
    ("discovered", "reported"),
    [
        (b"", "not JSON"),
        (b"{}", "names no token endpoint"),
        (b'{"token_endpoint": "http://issuer.test/token"}', "must be an https URL"),
    ],
)
def test_an_issuer_without_a_usable_token_endpoint_is_reported(
    discovered: bytes, reported: str
) -> None:
    respond = handled_as_messages(lambda _: Response(200, (), discovered))
    with api() as url, served(respond) as issuer, pytest.raises(CannotRun, match=reported):
        gateway_at(url, issuer)


@pytest.mark.parametrize("issuer", ["http://issuer.test", "issuer.test", "http://127.0.0.1:9"])
def test_an_invalid_issuer_is_reported_with_what_works_without(issuer: str) -> None:
    with api() as url, pytest.raises(CannotRun, match=r"ISSUER: .* takes a token that is pasted"):
        gateway_at(url, issuer)


# --- the programs -------------------------------------------------------------------------------


def environment_of(port: int, **environment: str) -> dict[str, str]:
    return {**os.environ, "GATEWAY_PORT": str(port), **environment}


INTERRUPTS_IGNORED = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")  # as a shell's & does


def test_the_explorer_is_served_until_it_is_interrupted() -> None:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    with (
        api() as url,
        subprocess.Popen(
            [*INTERRUPTS_IGNORED, sys.executable, "-m", "apps.local.explorer"],
            cwd=ROOT,
            env=environment_of(port, URL=url),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as program,
    ):
        assert program.stdout is not None
        assert (
            program.stdout.readline()
            == f"The explorer is at http://127.0.0.1:{port}/. Ctrl-C stops it.\n"
        )
        response, body = exchange(HTTPConnection("127.0.0.1", port, timeout=30), "GET", "/v1/a?b")
        program.send_signal(SIGINT)
        try:
            shown, _ = program.communicate(timeout=TIMEOUT_SECONDS)
        finally:
            program.kill()
    assert (response.status, body) == (HTTPStatus.OK, b"/stage/v1/a?b")
    assert (program.returncode, shown) == (0, "")


@pytest.mark.parametrize("name", ["gateway", "explorer"])
def test_a_port_in_use_is_reported_in_one_line(name: str) -> None:
    with api() as url, listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", f"apps.local.{name}"],
            cwd=ROOT,
            env=environment_of(port, URL=url),
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert f"cannot start on 127.0.0.1:{port} (GATEWAY_PORT names another port)" in ended.stderr
    assert ended.stderr.count("\n") == 1
