"""What goes over the wire to DynamoDB: counted, measured, and lost on demand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError

from core.adapters.dynamodb.boto import new_boto3_client, through_boto3
from core.adapters.dynamodb.client import (
    MAX_CONNECTIONS,
    DynamoDb,
    NoResponse,
    Response,
    ServiceError,
)
from core.adapters.dynamodb.client import Call as CarryOut
from core.adapters.dynamodb.connections import Connections, HttpResponse
from core.adapters.dynamodb.own import over
from core.adapters.dynamodb.shapes import Malformed
from tests.support import dynamodb_responses as responses
from tests.support.dynamodb import (
    OWN,
    client,
    credentials,
    endpoint,
    fresh_catalogue_table,
    fresh_events_table,
    target,
    with_credentials,
)

Send = Callable[[], responses.Response]
"""Sends a request and returns the response."""

Interceptor = Callable[[str, Send], responses.Response | None]
"""Is called with the action of each request and what sends it, which it may do or not.

It returns the response, or None for that of a request that is sent as usual, or raises Lost.
"""


class Lost(Exception):
    """The connection was closed before a response came."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that got a response, and the capacity units of the table and its indexes."""

    action: str
    units: float = 0.0


@dataclass
class Wire:
    """A client whose requests are observed."""

    twins: Mapping[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    intercept: Interceptor | None = None
    client: DynamoDb = field(init=False)

    def actions(self, act: Callable[[], Any]) -> list[str]:
        """Do ``act`` and return the names of the calls that it made."""
        return [call.action for call in self.during(act)]

    def during(self, act: Callable[[], Any]) -> list[Call]:
        """Do ``act`` and return the calls that it made."""
        before = len(self.calls)
        act()
        return self.calls[before:]

    def observed(self, carry_out: CarryOut) -> DynamoDb:
        """Return a DynamoDB by way of ``carry_out`` whose calls are kept."""

        def call(action: str, parameters: Mapping[str, Any]) -> Response:
            if action == "TransactWriteItems":
                units = transaction_units(parameters["TransactItems"], self.twins)
                self.calls.append(Call(action, units))
                return carry_out(action, parameters)
            try:
                response = carry_out(action, {**parameters, "ReturnConsumedCapacity": "TOTAL"})
            except (ServiceError, Malformed):
                self.calls.append(Call(action))
                raise
            self.calls.append(Call(action, _units(response)))
            return response

        return DynamoDb(call)

    def before_send(
        self, request: AWSPreparedRequest, event_name: str, **_: Any
    ) -> AWSResponse | None:
        """Let the interceptor have a request of boto3's."""
        if self.intercept is None:
            return None
        action = event_name.rpartition(".")[2]
        try:
            response = self.intercept(action, lambda: responses.sent(request))
        except Lost as error:
            raise ConnectionClosedError(endpoint_url=request.url) from error
        return None if response is None else response.received(request.url)

    def post(self, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        """Let the interceptor have a request of the own client's."""
        connections = _connections()
        if self.intercept is None:
            return connections.post(headers, body)

        def send() -> responses.Response:
            status, received, content = connections.post(headers, body)
            return responses.Response(status, content, received)

        try:
            response = self.intercept(headers["x-amz-target"].rpartition(".")[2], send)
        except Lost as error:
            raise NoResponse("lost, as planned") from error
        return connections.post(headers, body) if response is None else response.as_http()


@cache
def _connections() -> Connections:
    return Connections(target(), MAX_CONNECTIONS)


def _units(response: Response) -> float:
    consumed: Any = response.get("ConsumedCapacity", {})
    parts = consumed if isinstance(consumed, list) else [consumed]
    return float(sum(part.get("CapacityUnits", 0.0) for part in parts))


def transaction_units(operations: Sequence[Mapping[str, Any]], twins: Mapping[str, str]) -> float:
    """Return the write units of a transaction whose tables have twins.

    The twins get the same writes one by one. DynamoDB Local counts a transaction's items of one
    size once (seen with 1.25.1), so its own sum is wrong. A transaction's items cost double in the
    table; the indexes follow it afterwards and cost what they always do
    (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html).
    """
    return sum(
        _doubled(kind, {**arguments, "TableName": twins[arguments["TableName"]]})
        for operation in operations
        for kind, arguments in operation.items()
        if arguments["TableName"] in twins
    )


def _doubled(kind: str, arguments: Mapping[str, Any]) -> float:
    wanted = {k: v for k, v in arguments.items() if k in ("TableName", "Item", "Key")}
    wanted["ReturnConsumedCapacity"] = "INDEXES"
    write: Any = client().put_item if kind == "Put" else client().delete_item
    consumed = write(**wanted)["ConsumedCapacity"]
    return float(consumed["CapacityUnits"] + consumed["Table"]["CapacityUnits"])


def fresh_wire(twins: Mapping[str, str] | None = None, carrier: str = OWN) -> Wire:
    """Return the wire to the tests' DynamoDB, without calls yet: one for each process."""
    wire = _wire(carrier)
    wire.twins, wire.intercept = twins or {}, None
    wire.calls.clear()
    return wire


@cache
def _wire(carrier: str) -> Wire:
    return new_wire(carrier)


def new_wire(carrier: str = OWN) -> Wire:
    """Return a wire with a client of its own, which has its whole quota of retries."""
    client()  # skips when there is none
    wire = Wire()
    if carrier == OWN:
        wire.client = wire.observed(over(wire.post, target(), credentials()).call)
        return wire
    with with_credentials():
        through = new_boto3_client(endpoint())
    through.meta.events.register("before-send.dynamodb", wire.before_send)  # type: ignore[arg-type]
    wire.client = wire.observed(through_boto3(through).call)
    return wire


@contextmanager
def twin_tables() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield a table of events, a table of the catalogue, and the twin of each."""
    with (
        fresh_events_table() as events,
        fresh_catalogue_table() as catalogue,
        fresh_events_table() as events_twin,
        fresh_catalogue_table() as catalogue_twin,
    ):
        yield events, catalogue, {events: events_twin, catalogue: catalogue_twin}


def lose_responses(action: str, count: int) -> Interceptor:
    """Return what loses the responses to the next ``count`` requests, which DynamoDB executes."""
    left = [count]

    def intercept(sent: str, send: Send) -> None:
        if sent == action and left[0] > 0:
            left[0] -= 1
            send()
            raise Lost

    return intercept


def cut_off(action: str, after: int) -> Interceptor:
    """Return what lets ``after`` requests pass, and then none, as if the process had died there."""
    left = [after]

    def intercept(sent: str, _: Send) -> None:
        if sent == action:
            left[0] -= 1
            if left[0] < 0:
                raise Lost

    return intercept
