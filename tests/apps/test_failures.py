"""What a client sees when a store fails, and that no route lets an exception through."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from core.adapters.memory.event_store import MemoryEventStore
from core.application.queries import MAX_LAG
from core.bootstrap import process
from core.ports.catalogue import UnreadableView
from core.ports.errors import StoreUnavailable, UnknownEvent
from tests.apps.conftest import Use
from tests.support.api import UNKNOWN, Api
from tests.support.example import EMMA
from tests.support.gateway import HttpResponse
from tests.support.unreliable_stores import Broken, losing_the_response

SECRET = "password=hunter2 at /srv/secret.py"
Send = Callable[[Api], HttpResponse]

REQUESTS: dict[str, Send] = {
    "POST /books": lambda api: api.add(),
    "PATCH /books/{id}": lambda api: api.revise(UNKNOWN, {"title": "E"}),
    "DELETE /books/{id}": lambda api: api.remove(UNKNOWN),
    "GET /books/{id}": lambda api: api.get(UNKNOWN),
    "GET /books": lambda api: api.get(),
    "GET /books/{id}/history": lambda api: api.history(UNKNOWN),
    "GET /health/command": lambda api: api.gateway.send("GET", "/v1/catalog/health/command"),
    "GET /health/query": lambda api: api.gateway.send("GET", "/v1/catalog/health/query"),
}
# These need no store.
STORELESS = {"GET /openapi.json", "GET /docs", "GET /docs/{asset}", "GET /problems/{name}"}


def test_these_tests_cover_every_route_of_both_services(api: Api) -> None:
    routes = {
        f"{method} {path.removeprefix('/v1/catalog')}"
        for app in api.gateway.apps
        for path, methods in app.routes.items()
        for method in methods
        if method != "HEAD"  # a HEAD has the view of its GET
    }

    assert routes - STORELESS == set(REQUESTS)


@pytest.mark.parametrize("request_line", REQUESTS)
def test_an_unavailable_store_returns_503_with_retry_after(
    api: Api, use: Use, request_line: str
) -> None:
    broken = Broken(StoreUnavailable(SECRET, retry_after=7))
    use(events=broken, read_model=broken)

    response = REQUESTS[request_line](api)

    assert (response.status, response.headers["retry-after"]) == (503, "7")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("request_line", REQUESTS)
@pytest.mark.parametrize(
    "error", [StoreUnavailable(SECRET), RuntimeError(SECRET), KeyError(SECRET)]
)
def test_a_failure_does_not_reveal_its_cause(
    api: Api, use: Use, request_line: str, error: Exception
) -> None:
    use(events=Broken(error), read_model=Broken(error))

    response = REQUESTS[request_line](api)

    assert "hunter2" not in response.text + str(response.headers)
    assert "Traceback" not in response.text


@pytest.mark.parametrize("request_line", REQUESTS)
def test_an_unexpected_exception_returns_500_with_problem_details(
    api: Api, use: Use, request_line: str
) -> None:
    broken = Broken(RuntimeError(SECRET))
    use(events=broken, read_model=broken)

    response = REQUESTS[request_line](api)

    assert response.status == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json.keys() == {"type", "title", "status", "detail", "instance"}


def test_the_app_works_again_when_its_store_does(api: Api, use: Use) -> None:
    use(events=Broken(RuntimeError(SECRET)))
    api.add()
    use()

    assert api.add().status == 201


@pytest.mark.parametrize("service", ["command", "query"])
def test_a_service_is_healthy_when_its_store_responds(api: Api, service: str) -> None:
    response = api.gateway.send("GET", f"/v1/catalog/health/{service}")

    assert (response.status, response.json) == (200, {"status": "ok"})
    assert response.headers["cache-control"] == "no-store"


def test_the_command_service_is_healthy_while_only_the_read_model_is_unavailable(
    api: Api, use: Use
) -> None:
    use(read_model=Broken(StoreUnavailable("unavailable")))

    assert api.gateway.send("GET", "/v1/catalog/health/command").status == 200
    assert api.add().status == 201


def test_the_query_service_is_healthy_while_only_the_event_store_is_unavailable(
    api: Api, use: Use
) -> None:
    use(events=Broken(StoreUnavailable("unavailable")))

    assert api.gateway.send("GET", "/v1/catalog/health/query").status == 200
    assert api.get().status == 200


def test_the_query_service_is_degraded_while_the_projector_stands_still(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.add()
    now = datetime.now(UTC)
    monkeypatch.setattr(process, "utc_now", lambda: now + 2 * MAX_LAG)

    degraded = api.gateway.send("GET", "/v1/catalog/health/query")
    api.project()
    healthy = api.gateway.send("GET", "/v1/catalog/health/query")

    assert degraded.status == 503
    assert degraded.json["type"].endswith("degraded")
    assert degraded.headers["cache-control"] == "no-store"
    assert "behind the log" in degraded.json["detail"]
    assert (healthy.status, healthy.json) == (200, {"status": "ok"})


def test_a_read_model_that_is_a_moment_behind_is_healthy(api: Api) -> None:
    api.add()

    assert api.gateway.send("GET", "/v1/catalog/health/query").status == 200


@pytest.mark.parametrize("method", ["revise", "history", "repeat"])
def test_a_history_that_a_newer_version_has_written_returns_503(
    api: Api, use: Use, method: str
) -> None:
    use(events=Broken(UnknownEvent(SECRET)))
    send: dict[str, Callable[[], HttpResponse]] = {
        "revise": lambda: api.revise(UNKNOWN, {"title": "E"}),
        "history": lambda: api.history(UNKNOWN),
        "repeat": lambda: api.add({}, headers={"Idempotency-Key": "key-1"}),
    }

    response = send[method]()

    assert (response.status, response.headers["retry-after"]) == (503, "1")
    assert response.json["type"].endswith("/unreadable-history")
    assert SECRET not in response.text


@pytest.mark.parametrize("target", [UNKNOWN, ""])
def test_a_view_that_this_version_cannot_read_returns_503(api: Api, use: Use, target: str) -> None:
    use(read_model=Broken(UnreadableView(SECRET)))

    response = api.get(target)

    assert (response.status, response.headers["retry-after"]) == (503, "1")
    assert response.json["type"].endswith("/unreadable-view")
    assert SECRET not in response.text


def test_a_request_with_a_key_can_be_repeated_when_its_response_was_lost(
    api: Api, use: Use
) -> None:
    store: MemoryEventStore[Any] = MemoryEventStore()
    use(events=losing_the_response(store))
    key = {"Idempotency-Key": "key-1"}

    lost, repeat = api.add(EMMA, key), api.add(EMMA, key)

    assert (lost.status, repeat.status) == (503, 201)
    assert repeat.headers["location"].endswith(repeat.json["id"])
    assert len(store.load(repeat.json["id"])) == 1


PROBLEMS: dict[int, Send] = {
    400: lambda api: api.get("?limit=0"),
    404: lambda api: api.get(UNKNOWN),
    412: lambda api: api.revise(api.added(), {}, {"If-Match": '"7"'}),
    413: lambda api: api.add({"title": "x" * 70_000}),
    415: lambda api: api.add(EMMA, {"Content-Type": "text/plain"}),
    422: lambda api: api.add({}),
}


@pytest.mark.parametrize("status", PROBLEMS)
def test_a_problem_has_type_title_status_detail_and_the_request_id(api: Api, status: int) -> None:
    response = PROBLEMS[status](api)
    problem = response.json

    assert (response.status, problem["status"]) == (status, status)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["instance"] == "JKJaXmPLvHcESHA="
    assert all(isinstance(problem[name], str) for name in ("type", "title", "detail"))


def test_each_kind_of_problem_has_its_own_type(api: Api) -> None:
    types = [send(api).json["type"] for send in PROBLEMS.values()]

    assert len(set(types)) == len(types)
