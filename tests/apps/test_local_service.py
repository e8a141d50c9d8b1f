"""A service as ``make run`` runs it: the app's own responses, whatever clients send."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection
from typing import Any

import pytest
from chalice.config import Config

from apps.local.endpoints import COMMAND_HEALTH
from apps.local.http_server import listen
from apps.local.service import service_server
from tests.support.api import json_bytes, load_app
from tests.support.example import BOOKS, EMMA
from tests.support.identity import Identity, running_identity
from tests.support.serving import serving

ROOT = Path(__file__).resolve().parents[2]
JSON = ("Content-Type", "application/json")

# Chalice warns that it enforces nothing locally; the middleware does.
pytestmark = pytest.mark.filterwarnings("ignore:JWTAuthorizer is not a supported:UserWarning")


@pytest.fixture(scope="module")
def identity() -> Iterator[Identity]:
    with running_identity() as identity:
        yield identity


@pytest.fixture
def command(
    environment: None, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HTTPConnection]:
    monkeypatch.setenv("JWT_ISSUER", identity.issuer)
    listener = listen("127.0.0.1", 0)
    with serving(service_server(load_app("command"), Config.create(), listener)):
        connection = HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=30)
        yield connection
        connection.close()


def post(
    command: HTTPConnection, *headers: tuple[str, str], body: bytes | None = None
) -> tuple[int, dict[str, str], Any]:
    """Return the response to a POST whose headers are sent as they are."""
    octets = json_bytes(EMMA) if body is None else body
    command.putrequest("POST", BOOKS)
    for name, value in (JSON, *headers):
        command.putheader(name, value)
    if "Content-Length" not in dict(headers):
        command.putheader("Content-Length", str(len(octets)))
    command.endheaders(octets)
    response = command.getresponse()
    named = {name.lower(): value for name, value in response.getheaders()}
    return response.status, named, json.loads(response.read())


def bearer(identity: Identity) -> tuple[str, str]:
    return ("Authorization", f"Bearer {identity.token('books:write')}")


def test_requests_on_one_connection_get_the_apps_responses(
    command: HTTPConnection, identity: Identity
) -> None:
    key = ("Idempotency-Key", "one")
    assert post(command, bearer(identity), key)[0] == 201
    assert post(command)[0] == 401
    assert post(command, bearer(identity), key)[1]["idempotent-replayed"] == "true"


def test_a_body_over_the_services_bound_gets_the_services_response_before_it_is_sent(
    command: HTTPConnection, identity: Identity
) -> None:
    length = ("Content-Length", "600000000")

    without = post(command, length, body=b"")
    with_token = post(command, length, bearer(identity), body=b"")

    assert (without[0], without[2]) == (401, {"message": "Unauthorized"})
    assert with_token[0] == 413
    assert with_token[1]["content-type"] == "application/problem+json"
    assert with_token[2]["title"] == "The body is too large"


@pytest.mark.parametrize("order", [1, -1], ids=["valid first", "valid last"])
@pytest.mark.parametrize("other", ["Bearer x.y.z", None], ids=["another", "the same"])
def test_two_tokens_in_one_request_are_refused(
    command: HTTPConnection, identity: Identity, order: int, other: str | None
) -> None:
    valid = bearer(identity)
    both = [valid, ("Authorization", other) if other else valid][::order]

    status, headers, body = post(command, *both)

    assert (status, body) == (401, {"message": "Unauthorized"})
    assert 'error="invalid_token"' in headers["www-authenticate"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("Idempotency-Key", 201), ("X-Correlation-Id", 201), ("If-Match", 201), ("Content-Type", 415)],
)
def test_a_header_sent_twice_is_joined(
    command: HTTPConnection, identity: Identity, name: str, status: int
) -> None:
    twice = [(name, '"a"'), (name, '"b"')]

    assert post(command, bearer(identity), *twice)[0] == status


@pytest.mark.parametrize("host", ["rebound.test", "127.0.0.1.rebound.test", "[::1].test", ""])
def test_a_name_that_was_rebound_to_this_machine_writes_nothing(
    command: HTTPConnection, identity: Identity, host: str
) -> None:
    octets = json_bytes(EMMA)
    command.putrequest("POST", BOOKS, skip_host=True)
    length = ("Content-Length", str(len(octets)))
    for name, value in (JSON, bearer(identity), ("Host", host), length):
        command.putheader(name, value)
    command.endheaders(octets)

    assert command.getresponse().status == 421


@pytest.mark.parametrize("host", ["localhost:8000", "LocalHost", "127.0.0.1", "[::1]:8000"])
def test_a_service_is_reached_by_every_name_of_this_machine(
    command: HTTPConnection, host: str
) -> None:
    command.request("GET", COMMAND_HEALTH, headers={"Host": host})

    assert command.getresponse().status == 200


@contextmanager
def started(*command: str) -> Iterator[str]:
    """Run a program until the block ends; yield the first line that it writes."""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline()
        finally:
            process.terminate()
            process.communicate()


def test_more_connections_than_a_program_may_open_files_do_not_end_it(tmp_path: Path) -> None:
    few_files = 'ulimit -n 40 && exec "$@"'
    program = [sys.executable, "-m", "apps.local.identity", "--port", "0"]
    keys = ["--key-file", str(tmp_path / "keys.json")]
    with started("bash", "-c", few_files, "bash", *program, *keys) as line, ExitStack() as idle:
        port = int(line.split("127.0.0.1:")[1].split(":")[0])
        for _ in range(200):
            idle.enter_context(create_connection(("127.0.0.1", port)))
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/.well-known/jwks.json")
        assert connection.getresponse().status == 200
        connection.close()


def test_a_port_in_use_is_reported_in_one_line() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        program = [sys.executable, "-m", "apps.local.service", "command", "--port", port]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"The command service cannot start on 127.0.0.1:{port}" in done.stderr
    assert done.stderr.count("\n") == 1
