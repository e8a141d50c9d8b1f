"""The own client on a real connection: what a server, or the way to it, does wrong."""

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.adapters.dynamodb import connections
from core.adapters.dynamodb.client import MAX_ATTEMPTS, DynamoDb, NoResponse, ServiceError
from core.adapters.dynamodb.connections import Connections
from core.adapters.dynamodb.environment import target_of
from core.adapters.dynamodb.own import over
from core.adapters.dynamodb.retries import MAX_QUOTA
from core.adapters.dynamodb.shapes import Malformed
from tests.support.racing import race
from tests.support.raw_server import Act, Peer, RawServer, always, answering, raw_server, response
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
KEY = {"TableName": "t", "Key": {"pk": {"S": "emma"}}}
FOUND = {"Item": {"pk": {"S": "emma"}}}
OK = response(FOUND)


def error(code: str, status: int = 400, **headers: str) -> bytes:
    return response({"__type": f"com.amazonaws#{code}", "message": "as planned"}, status, **headers)


class Client:
    """The own client of a server. It does not sleep: ``pauses`` has the seconds."""

    def __init__(self, server: RawServer, limit: int = 2, read_timeout: float = 5.0) -> None:
        self.server = server
        self.pauses: list[float] = []
        self.environment = dict(ENVIRONMENT)
        target = target_of(self.environment, server.url)
        self.connections = Connections(target, limit, read_timeout)
        self.database: DynamoDb = over(
            self.connections.post, target, self.environment, self.pauses.append
        )

    def get(self) -> Any:
        response = dict(self.database.get_item(**KEY))
        response.pop("ResponseMetadata", None)
        return response


Serve = Callable[..., Client]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what starts a server, whose connections act as given, and returns a client of it."""
    with ExitStack() as stack:

        def start(*acts: Act, tls: ssl.SSLContext | None = None, **settings: Any) -> Client:
            return Client(stack.enter_context(raw_server(*acts, tls=tls)), **settings)

        yield start


def chunked(whole: bytes) -> bytes:
    """Return a response with its body in two chunks."""
    head, _, body = whole.partition(b"\r\n\r\n")
    first_line, _, _ = head.partition(b"\r\n")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:], b""))
    return first_line + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks


def hang_up(peer: Peer) -> None:
    """Close the connection before a request has come."""


def hang_up_late(peer: Peer) -> None:
    peer.request()


def reset(peer: Peer) -> None:
    peer.request()
    peer.reset()


# --- what is lost or damaged is sent again --------------------------------------------------------

TROUBLES: dict[str, Act] = {
    "hung up": hang_up,
    "hung up after the request": hang_up_late,
    "reset": reset,
    "half a head": answering(OK[:20]),
    "half a body": answering(OK[:-5]),
    "another protocol": answering(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a body cut off without a length": answering(response(FOUND, Connection="close")[:-1]),
    "a chunk cut off": answering(chunked(OK)[:-12]),
}
ANSWERS = {
    "a wrong checksum": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Amz-CRC32: 1\r\n\r\n{}",
    "a proxy's page": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n<>",
    "500": error("InternalServerError", 500),
    "503": error("ServiceUnavailable", 503),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_request_that_gets_no_response_is_sent_again_on_another_connection(
    serve: Serve, name: str
) -> None:
    client = serve(TROUBLES[name], TROUBLES[name], always(OK))
    assert client.get() == FOUND
    assert client.server.accepted == MAX_ATTEMPTS
    assert_pauses_are_short(client)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_request_whose_response_is_of_no_use_is_sent_again(serve: Serve, name: str) -> None:
    client = serve(answering(ANSWERS[name], ANSWERS[name], OK))
    assert client.get() == FOUND
    assert len(client.server.requests) == MAX_ATTEMPTS
    assert client.server.accepted == 1
    assert_pauses_are_short(client)


def assert_pauses_are_short(client: Client) -> None:
    first, second = client.pauses
    assert 0 <= first < 0.025
    assert 0 <= second < 0.05


@pytest.mark.parametrize("act", [hang_up_late, *map(always, ANSWERS.values())])
def test_a_request_is_not_sent_again_for_ever(serve: Serve, act: Act) -> None:
    client = serve(act)
    with pytest.raises((NoResponse, Malformed, ServiceError)):
        client.get()
    assert len(client.server.requests) == MAX_ATTEMPTS


def test_a_late_response_is_none(serve: Serve) -> None:
    def late(peer: Peer) -> None:
        while peer.request():
            pass

    client = serve(late, always(OK), read_timeout=0.5)
    assert client.get() == FOUND
    assert len(client.server.requests) == 2


def test_a_response_may_take_longer_than_to_connect(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CONNECT_TIMEOUT_SECONDS", 0.05)

    def slow(peer: Peer) -> None:
        peer.request()
        time.sleep(0.2)  # the time is what is tested
        peer.respond(OK)

    client = serve(slow, always(OK))
    assert client.get() == FOUND
    assert len(client.server.requests) == 1


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
def test_what_is_throttled_is_sent_again_later(serve: Serve, code: str) -> None:
    client = serve(answering(error(code), OK))
    assert client.get() == FOUND
    assert client.server.accepted == 1
    (pause,) = client.pauses
    assert 0 <= pause < 1


@pytest.mark.parametrize(
    "code", ["ValidationException", "ConditionalCheckFailedException", "InvalidSignatureException"]
)
def test_an_answer_that_another_attempt_would_get_too_is_an_error_at_once(
    serve: Serve, code: str
) -> None:
    client = serve(always(error(code)))
    with pytest.raises(ServiceError, match=f"GetItem: {code}: as planned") as raised:
        client.get()
    assert (raised.value.code, raised.value.status) == (code, 400)
    assert len(client.server.requests) == 1


def test_in_a_long_outage_requests_are_sent_once(serve: Serve) -> None:
    client = serve(always(error("InternalServerError", 500)))
    for _ in range(MAX_QUOTA // 14):
        with pytest.raises(ServiceError):
            client.get()
    before = len(client.server.requests)
    with pytest.raises(ServiceError):
        client.get()
    assert len(client.server.requests) == before + 1


def test_retries_that_succeed_do_not_count_towards_an_outage(serve: Serve) -> None:
    def every_second(peer: Peer) -> None:
        while peer.request():
            failed = len(client.server.requests) % 2
            peer.respond(error("InternalServerError", 500) if failed else OK)

    client = serve(every_second)
    for _ in range(MAX_QUOTA // 14 + 2):
        assert client.get() == FOUND


def test_how_often_a_request_was_sent_again_is_said_as_boto3_says_it(serve: Serve) -> None:
    busy = error("InternalServerError", 500)
    client = serve(answering(busy, busy, OK), always(busy))
    assert client.database.get_item(**KEY)["ResponseMetadata"] == {"RetryAttempts": 2}
    with pytest.raises(ServiceError) as raised:
        client.database.get_item(**KEY)
    assert raised.value.content["ResponseMetadata"] == {"RetryAttempts": 2}


def test_dynamodb_may_ask_for_a_longer_pause(serve: Serve) -> None:
    asking = (
        b'HTTP/1.1 500 X\r\nx-amz-retry-after: 3000\r\nContent-Length: 14\r\n\r\n{"__type":"X"}'
    )
    client = serve(answering(asking, OK))
    assert client.get() == FOUND
    assert client.pauses == [3.0]


def test_the_attempts_of_a_transaction_share_a_token(serve: Serve) -> None:
    client = serve(reset, always(response({})))
    for _ in range(2):
        client.database.transact_write_items(TransactItems=[])
    lost, repeated, other = [r.content["ClientRequestToken"] for r in client.server.requests]
    assert lost == repeated != other


# --- connections ----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [OK, chunked(OK)], ids=["length", "chunks"])
def test_a_connection_is_used_again_after_a_response_whose_end_is_known(
    serve: Serve, content: bytes
) -> None:
    client = serve(always(content))
    assert [client.get() for _ in range(5)] == [FOUND] * 5
    assert client.server.accepted == 1


def test_a_response_may_end_with_its_connection(serve: Serve) -> None:
    client = serve(answering(response(FOUND, Connection="close")))
    assert [client.get() for _ in range(2)] == [FOUND] * 2
    assert client.server.accepted == 2
    assert client.pauses == []


def test_a_connection_that_the_server_has_closed_meanwhile_costs_no_attempt(serve: Serve) -> None:
    client = serve(answering(OK), always(OK))
    client.get()
    until(lambda: client.server.ended, lambda ended: ended == 1)
    assert client.get() == FOUND
    assert len(client.server.requests) == 2
    assert client.pauses == []


def test_a_connection_on_which_something_has_come_unasked_is_not_used_again(serve: Serve) -> None:
    client = serve(answering(OK + OK), always(OK))
    client.get()
    assert client.get() == FOUND
    assert len(client.server.requests) == 2


def test_threads_share_as_many_connections_as_are_allowed(serve: Serve) -> None:
    client = serve(always(OK), limit=3)
    assert race([client.get] * 24) == [FOUND] * 24
    assert client.server.open_at_most <= 3


def test_a_connection_that_failed_leaves_its_place_to_others(serve: Serve) -> None:
    client = serve(hang_up, hang_up, hang_up, always(OK), limit=1)
    with pytest.raises(NoResponse):
        client.get()
    assert client.get() == FOUND


def test_nobody_listening_is_no_response() -> None:
    with raw_server(always(OK)) as server:
        client = Client(server)
    with pytest.raises(NoResponse, match="ConnectionRefusedError"):
        client.get()
    assert len(client.pauses) == MAX_ATTEMPTS - 1


# --- what is sent ---------------------------------------------------------------------------------


def test_a_request_is_what_dynamodb_expects(serve: Serve) -> None:
    client = serve(always(OK))
    client.get()
    (request,) = client.server.requests
    assert request.content == KEY
    assert request.headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert request.headers["content-type"] == "application/x-amz-json-1.0"
    assert request.headers["accept-encoding"] == "identity"
    assert f"http://{request.headers['host']}" == client.server.url


def test_each_request_is_signed_with_the_credentials_of_its_time(serve: Serve) -> None:
    client = serve(always(OK))
    client.get()
    client.environment |= {"AWS_ACCESS_KEY_ID": "another", "AWS_SESSION_TOKEN": "token"}
    client.get()
    first, second = (request.headers for request in client.server.requests)
    assert "Credential=key/" in first["authorization"]
    assert "x-amz-security-token" not in first
    assert "Credential=another/" in second["authorization"]
    assert second["x-amz-security-token"] == "token"


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a certificate of localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(encoding) + private)
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_server_with_a_certificate_that_is_trusted_is_spoken_to(
    serve: Serve, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client = serve(always(OK), tls=tls)
    assert [client.get() for _ in range(3)] == [FOUND] * 3
    assert client.server.accepted == 1


def test_a_server_with_another_certificate_gets_no_request(
    serve: Serve, tls: ssl.SSLContext
) -> None:
    client = serve(always(OK), tls=tls)
    with pytest.raises(NoResponse, match="CERTIFICATE_VERIFY_FAILED"):
        client.get()
    assert client.server.requests == []


# --- what it is for -------------------------------------------------------------------------------

USE = """
import sys
from core.bootstrap import stores
stores.event_store().check()
print(sorted({name.partition(".")[0] for name in sys.modules} & {"boto3", "botocore", "urllib3"}))
"""
BOTO3 = ["boto3", "botocore", "urllib3"]


@pytest.mark.parametrize(
    ("more", "imported"),
    [
        ({}, []),
        ({"DYNAMODB_CLIENT": "own"}, []),
        ({"DYNAMODB_CLIENT": "boto3"}, BOTO3),
        ({"AWS_CSM_ENABLED": "false"}, BOTO3),
    ],
)
def test_only_the_client_that_is_chosen_is_imported(
    serve: Serve, more: dict[str, str], imported: list[str]
) -> None:
    assert used(serve(always(OK)), **more) == f"{imported}\n"


def test_a_lambda_function_says_why_it_does_not_use_it(serve: Serve) -> None:
    settings = {"AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_CSM_ENABLED": "false"}
    first, *_ = used(serve(always(OK)), **settings).splitlines()
    assert json.loads(first)["level"] == "WARNING"
    assert json.loads(first)["message"] == "DynamoDB by way of boto3"
    assert json.loads(first)["reason"] == "AWS_CSM_ENABLED is set"


def used(client: Client, **more: str) -> str:
    """Return the output of a process that makes a call to the client's server."""
    settings = {**ENVIRONMENT, "STORE": "dynamodb", "DYNAMODB_ENDPOINT": client.server.url, **more}
    return subprocess.run(
        [sys.executable, "-c", USE],
        env=settings,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
