"""The spans of DynamoDB's calls, and the documents by which X-Ray gets them."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.adapters.dynamodb.client import (
    DynamoDb,
    NoCredentials,
    NoResponse,
    Response,
    ServiceError,
)
from core.adapters.dynamodb.connections import Connections
from core.adapters.dynamodb.environment import target_of
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.own import over
from core.adapters.dynamodb.shapes import Malformed
from core.adapters.dynamodb.spans import Span, traced
from core.adapters.dynamodb.xray import XRay, _udp_address, subsegment
from core.ports.event_store import Claims, VersionConflict
from tests.support import dynamodb
from tests.support.raw_server import answering, raw_server, response
from tests.support.samples import SAMPLES, AnySample

ANY: AnySample = next(iter(SAMPLES.values()))
ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
SAMPLED = f"Root={ROOT};Parent={PARENT};Sampled=1;Lineage=a87bd80c:1|68fd508a:5"
KEY = {"pk": {"S": "a person"}}
RETRIED = {"ResponseMetadata": {"RetryAttempts": 2}}
GET = {"TableName": "t", "Key": KEY}


@dataclass
class Daemon:
    """What Lambda runs beside a function, and the function's environment."""

    socket: socket.socket
    environment: dict[str, str] = field(default_factory=dict)

    def documents(self) -> list[tuple[Any, Any]]:
        """Return the header and the document of each datagram so far."""
        found = []
        try:
            while True:
                header, _, document = self.socket.recv(65_536).partition(b"\n")
                found.append((json.loads(header), json.loads(document)))
        except BlockingIOError:
            return found


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)  # on the loopback, what was sent has arrived
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        environment = {
            "AWS_XRAY_DAEMON_ADDRESS": address,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "_X_AMZN_TRACE_ID": SAMPLED,
        }
        yield Daemon(listening, environment)


@pytest.fixture
def xray(daemon: Daemon) -> Iterator[XRay]:
    made = XRay(daemon.environment)
    yield made
    made.close()


def returning(content: Response) -> DynamoDb:
    return DynamoDb(lambda _, __: content)


def raising(error: Exception) -> DynamoDb:
    def call(_: str, __: Mapping[str, Any]) -> Response:
        raise error

    return DynamoDb(call)


def ticks() -> Callable[[], float]:
    times = iter([100.0, 100.25])
    return lambda: next(times)


# --- spans ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "parameters", "content", "tables", "items"),
    [
        ("GetItem", GET, {"Item": KEY}, ["t"], 1),
        ("Query", {"TableName": "t"}, {"Items": [KEY, KEY]}, ["t"], 2),
        ("Scan", {"TableName": "t"}, {"Items": []}, ["t"], 0),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": [KEY, KEY]}}}, {}, ["t"], 2),
        ("BatchWriteItem", {"RequestItems": {"u": [{}, {}], "t": [{}]}}, {}, ["t", "u"], 3),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "t"}}, {"Delete": {"TableName": "t"}}]},
            {},
            ["t"],
            2,
        ),
        ("ListTables", {}, {}, [], 0),
    ],
)
def test_a_span_says_what_a_call_was_about_and_how_long_it_took(
    operation: str, parameters: Any, content: Any, tables: list[str], items: int
) -> None:
    spans: list[Span] = []
    database = traced(returning(content), spans.append, ticks())
    assert database.call(operation, parameters) is content
    assert spans == [Span(operation, tables, items, 100.0, 100.25, 0)]


@pytest.mark.parametrize(
    ("error", "retries", "status", "code"),
    [
        (ServiceError("GetItem", "ResourceNotFoundException", "m", 400, {}), 0, 400, None),
        (
            ServiceError("GetItem", "InternalServerError", "m", 500, RETRIED),
            2,
            500,
            None,
        ),
        (NoResponse("a person"), 0, None, "NoResponse"),
        (NoCredentials("none"), 0, None, "NoCredentials"),
        (Malformed("m"), 0, None, "Malformed"),
    ],
)
def test_a_call_that_fails_has_a_span_and_fails_as_before(
    error: Exception, retries: int, status: int | None, code: str | None
) -> None:
    spans: list[Span] = []
    with pytest.raises(type(error)) as raised:
        traced(raising(error), spans.append, ticks()).get_item(**GET)
    assert raised.value is error
    expected = code or getattr(error, "code", "")
    assert spans == [Span("GetItem", ["t"], 1, 100.0, 100.25, retries, status, expected)]


def test_both_clients_have_the_same_spans(carrier: str) -> None:
    spans: list[Span] = []
    database = traced(dynamodb.database(carrier), spans.append, lambda: 0.0)
    with dynamodb.fresh_events_table() as table:
        store = DynamoDbEventStore(database, table, ANY.domain.events, lambda _: None)
        store.append("emma", 0, ANY.history("emma", 1, 1), Claims(frozenset({"kind:one"})))
        with pytest.raises(VersionConflict):
            store.append("emma", 0, ANY.history("emma", 1, 1))
        store.load("emma")
    assert [(s.operation, s.tables, s.items, s.retries, s.status, s.error) for s in spans] == [
        ("TransactWriteItems", [table], 2, 0, 200, None),
        ("PutItem", [table], 1, 0, 400, "ConditionalCheckFailedException"),
        ("Query", [table], 1, 0, 200, None),
    ]


# --- documents ------------------------------------------------------------------------------------


def test_a_call_becomes_a_subsegment_of_the_invocation(daemon: Daemon, xray: XRay) -> None:
    throttled = response({"__type": "x#ThrottlingException"}, 400)
    with raw_server(answering(throttled, response({"Item": KEY}))) as server:
        target = target_of(daemon.environment, server.url)
        post = Connections(target, 1).post
        own = over(post, target, daemon.environment, lambda _: None)
        traced(own, xray.record, ticks()).get_item(**GET)

    [(header, document)] = daemon.documents()
    assert header == {"format": "json", "version": 1}
    assert len(bytes.fromhex(document.pop("id"))) == 8
    # As the X-Ray SDK for Python 2.15 has it, which says no retries and no items.
    assert document == {
        "type": "subsegment",
        "trace_id": ROOT,
        "parent_id": PARENT,
        "name": "DynamoDB",
        "namespace": "aws",
        "start_time": 100.0,
        "end_time": 100.25,
        "aws": {
            "operation": "GetItem",
            "region": "eu-central-1",
            "table_name": "t",
            "retries": 1,
        },
        "metadata": {"store": {"items": 1}},
        "http": {"response": {"status": 200}},
    }


@pytest.mark.parametrize(
    ("status", "error", "flags"),
    [
        (400, "ConditionalCheckFailedException", {"error"}),
        (400, "ProvisionedThroughputExceededException", {"error", "throttle"}),
        (500, "InternalServerError", {"fault"}),
        (None, "NoResponse", {"fault"}),
    ],
)
def test_a_failed_call_is_an_error_a_fault_or_throttled(
    status: int | None, error: str, flags: set[str]
) -> None:
    document = subsegment(Span("PutItem", ["t"], 1, 0, 1, 0, status, error), None)
    assert {name for name in ("error", "fault", "throttle") if document.get(name)} == flags
    assert [e["type"] for e in document["cause"]["exceptions"]] == [error]
    assert ("http" in document) == (status is not None)


def test_several_tables_are_all_named() -> None:
    document = subsegment(Span("BatchWriteItem", ["t", "u"], 3, 0, 1, 0), "eu-central-1")
    assert document["aws"]["table_names"] == ["t", "u"]


def test_no_document_has_a_key_an_item_or_a_message(daemon: Daemon, xray: XRay) -> None:
    person = "a person"
    for database in (
        returning({"Items": [{"pk": {"S": person}}]}),
        raising(ServiceError("GetItem", "ValidationException", person, 400, {"Item": KEY})),
        raising(NoResponse(person)),
    ):
        with suppress(ServiceError, NoResponse):
            traced(database, xray.record, ticks()).query(**GET, FilterExpression=person)
    documents = daemon.documents()
    assert len(documents) == 3
    assert person not in json.dumps(documents)


@pytest.mark.parametrize(
    "trace",
    [
        "",
        f"Root={ROOT};Parent={PARENT};Sampled=0",
        f"Root={ROOT};Parent={PARENT}",
        f"Root={ROOT};Sampled=1",
        "Parent=x;Sampled=1",
        "nonsense",
    ],
)
def test_nothing_is_sent_of_an_invocation_that_is_not_sampled(
    daemon: Daemon, xray: XRay, trace: str
) -> None:
    daemon.environment["_X_AMZN_TRACE_ID"] = trace
    xray.record(Span("GetItem", ["t"], 1, 0, 1, 0))
    assert daemon.documents() == []


def test_each_invocation_has_its_own_trace(daemon: Daemon, xray: XRay) -> None:
    for parent in ("a" * 16, "b" * 16):
        daemon.environment["_X_AMZN_TRACE_ID"] = f"Root={ROOT};Parent={parent};Sampled=1"
        xray.record(Span("GetItem", ["t"], 1, 0, 1, 0))
    parents = [document["parent_id"] for _, document in daemon.documents()]
    assert parents == ["a" * 16, "b" * 16]


def test_without_a_daemon_calls_go_on(daemon: Daemon, xray: XRay) -> None:
    daemon.socket.close()
    nowhere = XRay({**daemon.environment, "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:0"})  # EINVAL
    for sender in (xray, nowhere):
        assert traced(returning({}), sender.record, ticks()).get_item(**GET) == {}
    nowhere.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("169.254.79.129:2000", ("169.254.79.129", 2000)),
        ("tcp:127.0.0.1:2000 udp:127.0.0.2:2001", ("127.0.0.2", 2001)),
        ("udp:127.0.0.2:2001 tcp:127.0.0.1:2000", ("127.0.0.2", 2001)),
        ("nowhere", ("127.0.0.1", 2000)),
        ("tcp:127.0.0.1:x", ("127.0.0.1", 2000)),
    ],
)
def test_the_daemon_is_where_lambda_says(text: str, address: tuple[str, int]) -> None:
    assert _udp_address(text) == address
