"""One origin for the API, tokens and pages: what goes where, and who is refused."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import NamedTuple

import pytest

from apps.local.forwarding import read_upstream
from apps.local.gateway_server import Gateway, gateway_server
from apps.local.http_messages import Request, Response, handled_as_messages
from apps.local.http_server import listen
from core.adapters.http.requests import MAX_BODY_BYTES
from tests.support.serving import served, serving

ISSUER = "https://issuer.test"
NOT_FOUND = {"message": "Not Found"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Received(NamedTuple):
    """A response, as a client has received it."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> object:
        """Return the document that it has."""
        return json.loads(self.body)


class Client:
    """A client of the server at ``port``."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Received:
        """Send a request; ``host`` and ``origin`` may have PORT in them."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name: value.replace("PORT", str(self.port)) for name, value in headers.items()}
        connection.request(method, target, body, named)
        response = connection.getresponse()
        received = Received(response.status, dict(response.getheaders()), response.read())
        connection.close()
        return received


def described(request: Request) -> Response:
    """Return a response that says what has been received."""
    said = f"{request.method} {request.target} {len(request.body)}".encode()
    return Response(200, [("X-Served-By", "the API")], said)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Yield what is behind a server: an API with a service that is down, and a token endpoint."""
    pages = tmp_path_factory.mktemp("pages")
    (pages / "index.html").write_text("<title>Explorer</title>")
    with served(handled_as_messages(described), MAX_BODY_BYTES + 1) as url:
        api, tokens = read_upstream(url), read_upstream(f"{url}/oauth/token")
        others = {"/v1/down": read_upstream("http://127.0.0.1:9"), "/v1/nowhere": None}
        yield Gateway(lambda request: others.get(request.path, api), ISSUER, tokens, True, pages)


@contextmanager
def client_of(gateway: Gateway) -> Iterator[Client]:
    listener = listen("127.0.0.1", 0)
    with serving(gateway_server(gateway, listener)):
        yield Client(listener.getsockname()[1])


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> Iterator[Client]:
    with client_of(gateway) as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "OPTIONS"])
def test_a_request_of_the_api_gets_the_response_of_its_service(client: Client, method: str) -> None:
    received = client.send(method, "/v1/here?q=a%20b&q=c", b"body")

    assert received.body.decode() == f"{method} /v1/here?q=a%20b&q=c 4"
    assert received.headers["X-Served-By"] == "the API"
    assert "Content-Security-Policy" not in received.headers


def test_a_body_that_is_too_large_is_left_to_the_service_to_refuse(client: Client) -> None:
    received = client.send("POST", "/v1/here", bytes(2 * MAX_BODY_BYTES))

    assert received.body.decode() == f"POST /v1/here {MAX_BODY_BYTES + 1}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nowhere"),
        ("GET", "/v1"),
        ("GET", "//127.0.0.1/v1/here"),
        ("GET", "/missing.js"),
        ("POST", "/"),
        ("OPTIONS", "*"),
        ("GET", "/token"),
        ("POST", "/explorer.json"),
    ],
)
def test_what_is_not_there_gets_the_404_of_api_gateway(
    client: Client, method: str, path: str
) -> None:
    received = client.send(method, path)

    assert (received.status, received.json()) == (404, NOT_FOUND)


def test_a_service_that_is_down_gets_the_503_of_api_gateway(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    received = client.send("GET", "/v1/down?secret")

    assert (received.status, received.json()) == (503, {"message": "Service Unavailable"})
    assert "GET /v1/down: no response from 127.0.0.1:9" in capfd.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "LocalHost:PORT"])
def test_the_servers_own_names_are_served(client: Client, host: str) -> None:
    assert client.send("GET", "/", host=host).status == 200


@pytest.mark.parametrize(
    "host", ["rebound.test:PORT", "rebound.test", "127.0.0.1", "localhost:1", "127.0.0.1:PORT.test"]
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/v1/here"), ("POST", "/token")]
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(
    client: Client, method: str, path: str, host: str
) -> None:
    received = client.send(method, path, host=host)

    assert received.status == 421
    assert str(client.port) in str(received.json())


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://127.0.0.1:PORT"}, {"host": "localhost:PORT"}], ids=str
)
def test_a_token_is_for_pages_of_this_origin(client: Client, headers: dict[str, str]) -> None:
    received = client.send("POST", "/token", b"grant", **headers)

    assert (received.status, received.body) == (200, b"POST /oauth/token 5")


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:1", "http://localhost:PORT", "https://127.0.0.1:PORT", "null", ""]
)
def test_a_page_of_another_origin_gets_no_token(client: Client, origin: str) -> None:
    assert client.send("POST", "/token", b"grant", origin=origin).status == 403


def test_pages_find_out_where_they_get_tokens(client: Client) -> None:
    received = client.send("GET", "/explorer.json")

    assert received.json() == {"issuer": ISSUER, "tokenEndpoint": "/token", "development": True}
    assert received.headers["Content-Type"] == "application/json"


def test_without_a_token_endpoint_pages_take_a_token_that_is_pasted(
    gateway: Gateway,
) -> None:
    without = Gateway(gateway.upstream_of, None, None, development=False, pages=gateway.pages)
    with client_of(without) as client:
        assert client.send("GET", "/explorer.json").json() == {
            "issuer": None,
            "tokenEndpoint": None,
            "development": False,
        }
        assert client.send("POST", "/token", b"grant").status == 404


def test_head_of_a_page_is_its_get_without_a_body(client: Client) -> None:
    got, head = client.send("GET", "/"), client.send("HEAD", "/")

    assert got.body == b"<title>Explorer</title>"
    assert head == got._replace(body=b"")


@pytest.mark.parametrize("path", ["/", "/index.html", "/explorer.json", "/missing", "/v1/nowhere"])
def test_what_the_gateway_itself_serves_is_restricted_to_its_origin(
    client: Client, path: str
) -> None:
    headers = client.send("GET", path).headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
