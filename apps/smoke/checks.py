"""What a deployed API must do, check by check: generators of what was found to work."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from apps.smoke.api import Response, Send, Unreachable

JSON: Final = {"Content-Type": "application/json"}
VISIBLE_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.5


class Failed(Exception):
    """The API does not do what it must; the message is one line with the request and the cause."""


@dataclass(frozen=True, slots=True)
class Api:
    """The API, its collection, the health of its services, and the body of a new item.

    ``clock`` returns seconds, and ``sleep`` waits for some.
    """

    send: Send
    collection: str
    health: tuple[str, ...]
    example: str
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def expect(
        self,
        status: int,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Response:
        """Return the response to a request. Raises ``Failed`` if it has another status."""
        response = self._ask(method, path, headers or {}, body)
        if response.status != status:
            raise Failed(f"{method} {path}: {response.status} instead of {status}{_why(response)}")
        return response

    def await_visible(self, status: int, path: str) -> None:
        """Read ``path`` until the projector has caught up with the version that it asks for.

        Raises ``Failed`` if that takes more than a minute, or ends with another status.
        """
        deadline = self.clock() + VISIBLE_SECONDS
        while self._ask("GET", path, {}, None).status == 503 and self.clock() < deadline:
            self.sleep(PAUSE_SECONDS)
        self.expect(status, "GET", path)

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None
    ) -> Response:
        try:
            return self.send(method, path, headers, body)
        except Unreachable as error:
            raise Failed(str(error)) from error


def check_in_public(api: Api) -> Iterator[str]:
    """Check what needs no token, and that a write needs one. Raises ``Failed``."""
    for path in api.health:
        api.expect(200, "GET", path)
        yield f"healthy: {path}"
    api.expect(200, "GET", api.collection)
    yield f"listed: {api.collection}"
    api.expect(401, "POST", api.collection, JSON, api.example)
    yield "refused with 401: a write without a token"


def check_with_token(api: Api, token: str, key: str) -> Iterator[str]:
    """Check a write, its repetition, its view, its history and its removal. Raises ``Failed``.

    ``key`` is the idempotency key of the write. What was written is removed whatever happens then;
    if that fails, the message says so.
    """
    caller = {"Authorization": f"Bearer {token}"}
    write = {**caller, **JSON, "Idempotency-Key": key}
    added = api.expect(201, "POST", api.collection, write, api.example)
    item = f"{api.collection}/{_field(added, 'id', api.collection)}"
    with _removing(api, item, caller):
        yield f"written: {item}"
        repeated = api.expect(201, "POST", api.collection, write, api.example)
        replayed = repeated.headers.get("idempotent-replayed") == "true"
        if not replayed or repeated.json != added.json:
            raise Failed(f"POST {api.collection}: a repeated write is not recognised by its key")
        yield "repeated: the response is the same"
        api.await_visible(200, f"{item}?min_version=1")
        view = api.expect(200, "GET", item)
        if (_field(view, "id", item), _field(view, "version", item)) != (added.json["id"], 1):
            raise Failed(f"GET {item}: it is not version 1 of what was written")
        yield "read: version 1"
        path = f"{item}/history"
        events = _field(api.expect(200, "GET", path, caller), "items", path)
        if [event.get("version") for event in events] != [1]:
            raise Failed(f"GET {path}: not exactly the one event of the write")
        yield "audited: its one event"
    api.await_visible(404, f"{item}?min_version=2")
    yield "removed: version 2 is gone"


@contextmanager
def _removing(api: Api, item: str, caller: Mapping[str, str]) -> Iterator[None]:
    """Remove ``item`` after the block, whatever happens in it."""
    try:
        yield
    except BaseException as cause:
        try:
            api.expect(200, "DELETE", item, caller)
        except Failed as failure:
            reason = str(cause) or "stopped"
            raise Failed(f"{reason}; {item} is still there: {failure}") from cause
        raise
    api.expect(200, "DELETE", item, caller)


def _field(response: Response, name: str, path: str) -> Any:
    if not isinstance(response.json, dict) or name not in response.json:
        raise Failed(f"{path}: the response has no {name!r}: is that the API?")
    return response.json[name]


def _why(response: Response) -> str:
    """Return the detail of a problem document, or API Gateway's message."""
    said = response.json if isinstance(response.json, dict) else {}
    reason = said.get("detail") or said.get("title") or said.get("message")
    return f" ({' '.join(str(reason).split())})" if reason else ""
