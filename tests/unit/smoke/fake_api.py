"""An API that does what the smoke test asks for, but for what a test lets it do otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.smoke.api import Response, Unreachable
from apps.smoke.checks import Api

THINGS = "/v1/things"
HEALTH = ("/v1/health/one", "/v1/health/two")
TOKEN = "token"

Fault = Callable[[Response], Response]
"""Makes another response of the right one, or raises."""


@dataclass
class FakeApi:
    """Keeps events by item. ``faults`` are by the request's name: "add", "repeat", "read", ..."""

    faults: Mapping[str, Fault] = field(default_factory=dict)
    log: dict[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    unseen: int = 0
    """How many reads find the projector behind."""
    slept: list[float] = field(default_factory=list)

    def api(self) -> Api:
        return Api(self.send, THINGS, HEALTH, '{"name": "x"}', lambda: sum(self.slept), self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def left(self) -> list[str]:
        """Return the items that are still there."""
        return [item for item, version in self.log.items() if version == 1]

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None
    ) -> Response:
        name, response = self._respond(method, path, headers)
        return self.faults[name](response) if name in self.faults else response

    def _respond(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[str, Response]:
        if method == "GET" and path in (THINGS, *HEALTH):
            return ("list" if path == THINGS else "health"), Response(200, {}, {})
        if method == "POST":
            return self._add(headers)
        item, _, wanted = path.removeprefix(f"{THINGS}/").partition("?min_version=")
        authorized = headers.get("Authorization") == f"Bearer {TOKEN}"
        if method == "DELETE":
            assert authorized
            self.log[item] += 1
            return "remove", Response(200, {}, {"id": item, "version": self.log[item]})
        if item.endswith("/history"):
            assert authorized
            events = [{"version": n + 1} for n in range(self.log[item.removesuffix("/history")])]
            return "audit", Response(200, {}, {"items": events})
        if self.unseen:
            self.unseen -= 1
            return "read", Response(503, {}, {})
        if self.log[item] > 1:
            return "gone", Response(404, {}, {})
        return ("await" if wanted else "read"), Response(200, {}, {"id": item, "version": 1})

    def _add(self, headers: Mapping[str, str]) -> tuple[str, Response]:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return "anonymous", Response(401, {}, {"message": "Unauthorized"})
        key = headers["Idempotency-Key"]
        name = "repeat" if key in self.keys else "add"
        item = self.keys.setdefault(key, f"item-{len(self.keys)}")
        self.log.setdefault(item, 1)
        replayed = {"idempotent-replayed": "true"} if name == "repeat" else {}
        return name, Response(201, replayed, {"id": item, "version": 1})


def status(number: int, document: Any = None) -> Fault:
    """Return the fault that responds with another status."""
    return lambda _: Response(number, {}, document)


def says(**fields: Any) -> Fault:
    """Return the fault that responds with other fields."""
    return lambda right: Response(right.status, right.headers, {**right.json, **fields})


def lost(_: Response) -> Response:
    """Do what was asked for, and send no response."""
    raise Unreachable("no response")
