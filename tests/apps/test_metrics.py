"""What became of each command is a metric in its request's line of the log."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from core.adapters.memory.event_store import MemoryEventStore
from core.bootstrap import process
from core.ports.errors import StoreUnavailable
from core.ports.event_store import VersionConflict
from tests.apps.conftest import Use
from tests.support.api import UNKNOWN, Api
from tests.support.emf import Metrics, metrics_of
from tests.support.example import EMMA
from tests.support.gateway import Caller
from tests.support.unreliable_stores import Broken, Intercepted

KEY = {"Idempotency-Key": "a key"}
COMMAND = ("service", "command")


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_NAMESPACE", "ours")


@pytest.fixture
def log(namespace: None, api: Api, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Return what the services write, with a namespace for metrics."""
    written = io.StringIO()
    for service in ("command", "query"):
        monkeypatch.setattr(process.logger(service), "out", written)
    return written


def measured(log: io.StringIO) -> list[dict[str, Any]]:
    """Return the lines that have metrics."""
    return [line for line in map(json.loads, log.getvalue().splitlines()) if "_aws" in line]


def metrics(log: io.StringIO) -> list[Metrics]:
    return [metrics_of(line) for line in measured(log)]


def refused(refusal: str) -> list[Metrics]:
    return [{("CommandsRefused", (COMMAND, ("refusal", refusal))): 1}]


def clear(log: io.StringIO) -> None:
    log.seek(0)
    log.truncate()


def test_an_accepted_command_is_counted_in_the_line_of_its_request(
    log: io.StringIO, api: Api
) -> None:
    api.add()

    (line,) = measured(log)
    assert metrics(log) == [{("CommandsAccepted", (COMMAND,)): 1}]
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "ours"
    assert (line["message"], line["method"], line["status"]) == ("request", "POST", 201)


@pytest.mark.parametrize("change", [Api.revise, Api.remove], ids=["PATCH", "DELETE"])
def test_every_command_is_counted(log: io.StringIO, api: Api, change: Any) -> None:
    book = api.added()
    clear(log)
    change(api, book, *([{"title": "E"}] if change is Api.revise else []))

    assert metrics(log) == [{("CommandsAccepted", (COMMAND,)): 1}]


def test_a_replay_is_counted_as_one_and_neither_as_accepted_nor_as_a_conflict(
    log: io.StringIO, api: Api
) -> None:
    api.add(EMMA, KEY)
    clear(log)
    api.add(EMMA, KEY)

    assert metrics(log) == [{("CommandsReplayed", (COMMAND,)): 1}]


def test_a_refusal_is_counted_by_its_kind(log: io.StringIO, api: Api) -> None:
    book = api.added()
    api.add(EMMA, KEY)
    commands: dict[str, Callable[[], object]] = {
        "rule": lambda: api.add({}),
        "not-found": lambda: api.revise(UNKNOWN, {"title": "E"}),
        "precondition": lambda: api.revise(book, {"title": "E"}, {"If-Match": '"7"'}),
    }
    for refusal, send in commands.items():
        clear(log)
        send()
        assert metrics(log) == refused(refusal)


def test_a_lasting_conflict_is_a_refusal_and_each_further_attempt_is_counted(
    log: io.StringIO, api: Api, use: Use
) -> None:
    def conflict() -> None:
        raise VersionConflict("a stream", 0)

    use(events=Intercepted(MemoryEventStore(), before=conflict))
    api.add()

    *again, last = metrics(log)
    assert again == 9 * [{("CommandConflicts", (COMMAND,)): 1}]
    assert [last] == refused("conflict")
    about = measured(log)[0]
    assert about["message"] == "decided again"
    assert {"stream", "request_id", "correlation_id"} <= set(about)


@pytest.mark.parametrize("error", [StoreUnavailable("away"), RuntimeError("broken")])
def test_a_failure_is_no_refusal(log: io.StringIO, api: Api, use: Use, error: Exception) -> None:
    use(events=Broken(error))
    api.add()

    assert metrics(log) == []


def test_what_is_no_command_is_not_counted(log: io.StringIO, api: Api) -> None:
    api.add([])
    clear(log)
    api.add(EMMA, {"Content-Type": "text/plain"})
    api.add(EMMA, {"If-Match": "nonsense"})
    api.add(EMMA, {}, Caller("someone", "other:scope"))
    for method in ("GET", "HEAD"):
        api.gateway.send(method, "/v1/catalog/health/command")
    api.get()
    api.get(UNKNOWN)

    assert metrics(log) == []


def test_no_dimension_has_anything_of_the_client(log: io.StringIO, api: Api) -> None:
    who = Caller("jane.doe@example.com")
    book = api.add(EMMA, KEY, who).json["id"]
    api.add(EMMA, KEY, who)
    api.revise(book, {"title": 7}, KEY, who)

    dimensions = {value for each in metrics(log) for _, names in each for _, value in names}
    assert dimensions == {"command", "rule"}


def test_without_a_namespace_there_are_no_metrics(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(process.logger("command"), "out", written)
    api.add()

    assert written.getvalue()
    assert measured(written) == []
