"""What goes wrong between the client and DynamoDB, and the client's own retries.

Each request that is sent counts as one operation and is one point at which the others run. It may
be throttled, conflict, fail with a 500 before or after it took effect, take effect and have its
response lost, or take effect long after the client has given it up. The process that sends it may
die before or after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.adapters.dynamodb.client import NoResponse, ServiceError
from tests.reliability.simulation.dynamodb import ModelDynamoDb
from tests.reliability.simulation.errors import cancelled, service_error
from tests.reliability.simulation.world import Killed, World

MAX_ATTEMPTS: Final = 3
TIMEOUT_SECONDS: Final = 3.0
MAX_LATE_SECONDS: Final = 8.0
"""How long after its client has given it up a request may still take effect."""

_THROTTLED: Final = "ProvisionedThroughputExceededException"
_RETRIED: Final = frozenset({_THROTTLED, "InternalServerError", "TransactionInProgressException"})
"""What the client sends again (``core.adapters.dynamodb.retries``)."""

_CONFLICT: Final = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}


@dataclass(slots=True)
class Weather:
    """How likely a request goes wrong, and which tables are unavailable until when."""

    throttled: float = 0.004
    conflict: float = 0.004
    fault_before: float = 0.002
    fault_after: float = 0.003
    lost: float = 0.003
    late: float = 0.001
    killed: float = 0.002
    slow: float = 0.01
    outages: dict[str, float] = field(default_factory=dict)
    unreachable: bool = False
    only_hot: bool = False
    """Whether an outage is that of a hot partition: every transaction writes to it, and so does
    whoever writes the places of a view."""

    @property
    def total(self) -> float:
        """Return the probability that anything goes wrong."""
        of_store = self.throttled + self.conflict + self.fault_before + self.fault_after
        return of_store + self.lost + self.late + self.killed

    def pick(self, number: float) -> str:
        """Return what goes wrong for a ``number`` below ``total``."""
        for name in _FAULTS:
            number -= getattr(self, name)
            if number < 0:
                return name
        return _FAULTS[-1]


_FAULTS: Final = (
    "throttled",
    "conflict",
    "fault_before",
    "fault_after",
    "lost",
    "late",
    "killed",
)


class Client:
    """The client of one process: the operations that the adapters use.

    ``mortality`` is how likely the process dies where the weather would have it so.
    """

    def __init__(
        self, world: World, database: ModelDynamoDb, weather: Weather, mortality: float
    ) -> None:
        self._world = world
        self._database = database
        self._weather = weather
        self._mortality = mortality

    def get_item(self, **arguments: Any) -> dict[str, Any]:
        return self._call(self._database.get_item, arguments["TableName"], arguments)

    def query(self, **arguments: Any) -> dict[str, Any]:
        return self._call(self._database.query, arguments["TableName"], arguments)

    def scan(self, **arguments: Any) -> dict[str, Any]:
        return self._call(self._database.scan, arguments["TableName"], arguments)

    def put_item(self, **arguments: Any) -> dict[str, Any]:
        return self._call(self._database.put_item, arguments["TableName"], arguments)

    def update_item(self, **arguments: Any) -> dict[str, Any]:
        return self._call(self._database.update_item, arguments["TableName"], arguments)

    def delete_item(self, **arguments: Any) -> dict[str, Any]:
        return self._call(self._database.delete_item, arguments["TableName"], arguments)

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        ((table, request),) = RequestItems.items()
        done = len(request["Keys"])
        if not self._world.is_calm and self._world.chance(0.1):
            done = self._world.random.randrange(done) + 1
        now = {table: {**request, "Keys": request["Keys"][:done]}}
        response = self._call(self._database.batch_get_item, table, {"RequestItems": now})
        later = request["Keys"][done:]
        left = {table: {**request, "Keys": later}} if later else {}
        return {**response, "UnprocessedKeys": left}

    def transact_write_items(self, **arguments: Any) -> dict[str, Any]:
        # The client gives each call a token of its own, which its retries of the call share.
        arguments["ClientRequestToken"] = self._world.new_id()
        ((_, first),) = arguments["TransactItems"][0].items()
        return self._call(self._database.transact_write_items, first["TableName"], arguments)

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        ((table, requests),) = RequestItems.items()
        done = len(requests)
        if not self._world.is_calm and self._world.chance(0.1):
            done = self._world.random.randrange(len(requests)) + 1
        now, later = requests[:done], requests[done:]
        self._call(self._database.batch_write_item, table, {"RequestItems": {table: now}})
        return {"UnprocessedItems": {table: later} if later else {}}

    def _call(
        self, method: Callable[..., dict[str, Any]], table: str, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                return self._send(method, table, arguments)
            except ServiceError as error:
                if attempt == MAX_ATTEMPTS or error.code not in _RETRIED:
                    raise
            except NoResponse:
                if attempt == MAX_ATTEMPTS:
                    raise
            self._world.sleep(self._world.random.random() * 2 ** (attempt - 1))
        raise AssertionError("unreachable")

    def _send(
        self, method: Callable[..., dict[str, Any]], table: str, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        world, weather = self._world, self._weather
        world.operations += 1
        world.sleep(self._latency())
        name = method.__name__
        if not world.is_calm:
            is_affected = not weather.only_hot or _is_hot(arguments)
            if is_affected and world.now < weather.outages.get(table, 0.0):
                world.note(f"{name} {table}: outage")
                raise self._outage(arguments)
            number = world.random.random()
            if number < weather.total:
                return self._fault(weather.pick(number), method, table, arguments)
        try:
            response = method(**arguments)
        except ServiceError as error:
            world.note(f"{name} {table}: {error.code}")
            raise
        world.note(f"{name} {table}")
        return response

    def _latency(self) -> float:
        random = self._world.random.random
        usual = 0.001 + 0.009 * random()
        if random() < self._weather.slow and not self._world.is_calm:
            return usual + TIMEOUT_SECONDS * random()
        return usual

    def _outage(self, arguments: Mapping[str, Any]) -> Exception:
        if self._weather.only_hot:
            return self._throttled(arguments)
        if self._weather.unreachable:
            return NoResponse("unreachable, as planned")
        return service_error("InternalServerError", "Internal server error", status=500)

    def _fault(
        self,
        fault: str,
        method: Callable[..., dict[str, Any]],
        table: str,
        arguments: dict[str, Any],
    ) -> dict[str, Any]:
        world = self._world
        world.note(f"{method.__name__} {table}: {fault}")

        def effect() -> dict[str, Any]:
            try:
                return method(**arguments)
            except ServiceError:
                return {}

        match fault:
            case "conflict" if "TransactItems" in arguments or "Item" in arguments:
                raise self._conflict(arguments)
            case "fault_after":
                effect()
            case "lost":
                effect()
                self._time_out()
            case "late":
                world.at(
                    world.now + TIMEOUT_SECONDS + MAX_LATE_SECONDS * world.random.random(), effect
                )
                self._time_out()
            case "killed" if world.chance(self._mortality):
                if world.chance(0.5):
                    effect()
                raise Killed
            case "fault_before":
                pass
            case _:
                raise self._throttled(arguments)
        raise service_error("InternalServerError", "Internal server error", status=500)

    def _time_out(self) -> None:
        self._world.sleep(TIMEOUT_SECONDS)
        raise NoResponse("late, as planned")

    def _conflict(self, arguments: Mapping[str, Any]) -> ServiceError:
        if "TransactItems" not in arguments:
            return service_error("TransactionConflictException", _CONFLICT["Message"])
        reasons: list[Mapping[str, Any]] = [{"Code": "None"} for _ in arguments["TransactItems"]]
        reasons[self._world.random.randrange(len(reasons))] = _CONFLICT
        return cancelled(reasons)

    def _throttled(self, arguments: Mapping[str, Any]) -> ServiceError:
        if "TransactItems" not in arguments:
            return service_error(_THROTTLED, "The level of throughput was exceeded.")
        reasons: list[Mapping[str, Any]] = [{"Code": "None"} for _ in arguments["TransactItems"]]
        reasons[0] = {
            "Code": "ThrottlingError",
            "Message": "Throughput exceeds the current capacity",
        }
        return cancelled(reasons)


def _is_hot(arguments: Mapping[str, Any]) -> bool:
    """Return whether a request writes to the partition that is hot."""
    key = arguments.get("Item") or arguments.get("Key") or {}
    partition = key.get("pk", {}).get("S", "")
    return "TransactItems" in arguments or partition.endswith(":all")
