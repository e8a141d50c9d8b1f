"""What goes over the wire to DynamoDB: counted, measured, and lost on demand.

All by botocore's own events.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from core.adapters.dynamodb.client import new_client
from tests.support.dynamodb import (
    client,
    endpoint,
    fresh_catalogue_table,
    fresh_events_table,
    with_credentials,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Interceptor = Callable[[str, AWSPreparedRequest], AWSResponse | None]
"""Is called with the action and the request before it is sent; what it returns or raises replaces
the response."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that got a response, and the capacity units of the table and its indexes."""

    action: str
    units: float = 0.0


@dataclass
class Wire:
    """A client whose requests are observed."""

    client: "DynamoDBClient"
    twins: Mapping[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    intercept: Interceptor | None = None

    def actions(self, act: Callable[[], Any]) -> list[str]:
        """Do ``act`` and return the names of the calls that it made."""
        return [call.action for call in self.during(act)]

    def during(self, act: Callable[[], Any]) -> list[Call]:
        """Do ``act`` and return the calls that it made."""
        before = len(self.calls)
        act()
        return self.calls[before:]

    def about_to_call(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name == "TransactWriteItems":
            units = transaction_units(params["TransactItems"], self.twins)
            self.calls.append(Call(model.name, units))
        elif model.input_shape and "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def responded(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name != "TransactWriteItems":
            consumed = parsed.get("ConsumedCapacity", {})
            parts = consumed if isinstance(consumed, list) else [consumed]
            units = sum(part.get("CapacityUnits", 0.0) for part in parts)
            self.calls.append(Call(model.name, units))

    def sending(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse | None:
        if self.intercept is None:
            return None
        return self.intercept(event_name.rpartition(".")[2], request)


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


def fresh_wire(twins: Mapping[str, str] | None = None) -> Wire:
    """Return the wire to the tests' DynamoDB, without calls yet: there is one for each process."""
    wire = _wire()
    wire.twins, wire.intercept = twins or {}, None
    wire.calls.clear()
    return wire


@cache
def _wire() -> Wire:
    return new_wire()


def new_wire() -> Wire:
    """Return a wire with a client of its own, which has its whole quota of retries."""
    client()  # skips when there is none
    with with_credentials():
        wire = Wire(new_client(endpoint()))
    events = wire.client.meta.events
    events.register("provide-client-params.dynamodb", wire.about_to_call)
    events.register("after-call.dynamodb", wire.responded)
    events.register("before-send.dynamodb", wire.sending)  # type: ignore[arg-type]
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

    def intercept(sent: str, request: AWSPreparedRequest) -> None:
        if sent == action and left[0] > 0:
            left[0] -= 1
            URLLib3Session().send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    return intercept


def cut_off(action: str, after: int) -> Interceptor:
    """Return what lets ``after`` requests pass, and then none, as if the process had died there."""
    left = [after]

    def intercept(sent: str, request: AWSPreparedRequest) -> None:
        if sent == action:
            left[0] -= 1
            if left[0] < 0:
                raise ConnectionClosedError(endpoint_url=request.url)

    return intercept
