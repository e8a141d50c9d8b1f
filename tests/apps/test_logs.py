"""The services log JSON lines with the correlation id, and nothing of the caller or the content."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import process
from core.domain.manifest import BOOKS as DOMAIN
from core.ports.errors import StoreUnavailable, UnknownEvent
from tests.apps.conftest import Use
from tests.support.api import JSON, UNKNOWN, Api, json_bytes
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import REQUEST_ID, Caller
from tests.support.unreliable_stores import Broken

SUBJECT = "auth0|jane.doe@example.com"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJl"
APPS = Path(__file__).resolve().parents[2] / "apps"
APP_NAMES = [
    json.loads(file.read_text())["app_name"] for file in APPS.glob("*/.chalice/config.json")
]
CONTENT = "A title that only this test has"
CALLER = Caller(SUBJECT)
SENSITIVE = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "key-of-jane"}


@pytest.fixture
def log(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Yield what the apps write, by their loggers and by Chalice's."""
    written = io.StringIO()
    for service in ("command", "query"):
        monkeypatch.setattr(process.logger(service), "out", written)
    handlers = [
        handler
        for name in APP_NAMES
        for handler in logging.getLogger(name).handlers
        if type(handler) is logging.StreamHandler  # not those of pytest
    ]
    before = [handler.setStream(written) for handler in handlers]
    yield written
    for handler, stream in zip(handlers, before, strict=True):
        handler.setStream(stream)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """Return the lines of the log, each of which is a JSON object."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_every_request_is_one_line(api: Api, log: io.StringIO) -> None:
    api.add()
    api.get()

    assert [(line["method"], line["route"], line["status"]) for line in lines(log)] == [
        ("POST", BOOKS, 201),
        ("GET", BOOKS, 200),
    ]


def test_a_line_has_the_service_and_the_ids_of_the_request(api: Api, log: io.StringIO) -> None:
    api.get("", {"X-Correlation-Id": "case-7"})

    (line,) = lines(log)
    assert (line["service"], line["request_id"], line["correlation_id"]) == (
        "query",
        REQUEST_ID,
        "case-7",
    )


def test_a_line_has_the_route_and_not_the_path(api: Api, log: io.StringIO) -> None:
    api.get(f"{UNKNOWN}?min_version=x")

    assert {line["route"] for line in lines(log)} == {BOOKS + "/{id}"}


def everything_goes_wrong(api: Api, use: Use) -> None:
    book = {**EMMA, "title": CONTENT}
    api.add(book, SENSITIVE, CALLER)
    api.add({**book, "title": CONTENT + "!"}, SENSITIVE, CALLER)
    api.add({CONTENT: CONTENT}, SENSITIVE, CALLER)
    api.add([CONTENT], SENSITIVE, CALLER)
    api.add(book, {**SENSITIVE, "Content-Type": CONTENT}, CALLER)
    api.add(book, {**SENSITIVE, "If-Match": CONTENT}, CALLER)
    api.add(book, SENSITIVE, Caller(SUBJECT, "other"))
    api.gateway.send("POST", BOOKS, headers={**JSON, **SENSITIVE}, body=json_bytes(book))
    api.revise(UNKNOWN, {"title": CONTENT}, SENSITIVE, CALLER)
    api.get(f"?q={CONTENT.replace(' ', '+')}", SENSITIVE)
    api.get(f"?{CONTENT.replace(' ', '+')}=1", SENSITIVE)
    for error in (StoreUnavailable("unavailable"), RuntimeError("broken")):
        use(events=Broken(error), read_model=Broken(error))
        api.add(book, SENSITIVE, CALLER)
        api.get(f"?q={CONTENT.replace(' ', '+')}", SENSITIVE)


@pytest.mark.parametrize("secret", [TOKEN, SUBJECT, CONTENT, "key-of-jane"])
def test_failures_are_logged_without_the_caller_and_the_content(
    api: Api, use: Use, log: io.StringIO, secret: str
) -> None:
    everything_goes_wrong(api, use)

    assert {line.get("status") for line in lines(log)} >= {
        201,
        400,
        401,
        403,
        404,
        415,
        422,
        500,
        503,
    }
    assert secret not in log.getvalue()
    assert json.dumps(secret)[1:-1] not in log.getvalue()


def test_every_line_has_the_correlation_id(api: Api, use: Use, log: io.StringIO) -> None:
    everything_goes_wrong(api, use)

    assert {line["correlation_id"] for line in lines(log)} == {REQUEST_ID}


def test_an_unexpected_error_is_logged_with_its_traceback(
    api: Api, use: Use, log: io.StringIO
) -> None:
    use(events=Broken(RuntimeError("the disk is gone")))
    api.add()

    (line,) = (line for line in lines(log) if line["level"] == "ERROR")
    assert "the disk is gone" in line["exception"]


def test_why_a_store_is_unavailable_is_logged_and_not_returned(
    api: Api, use: Use, log: io.StringIO
) -> None:
    use(read_model=Broken(StoreUnavailable("quota-of-table-x")))
    response = api.get()

    assert "quota-of-table-x" not in response.text
    assert [line["reason"] for line in lines(log) if "reason" in line] == ["quota-of-table-x"]


def test_a_client_gets_its_correlation_id_back(api: Api) -> None:
    assert api.get("", {"X-Correlation-Id": "case-7"}).headers["x-correlation-id"] == "case-7"


def test_the_request_id_is_the_default_correlation_id(api: Api) -> None:
    assert api.get().headers["x-correlation-id"] == REQUEST_ID


@pytest.mark.parametrize(
    "text", ["", "a b", "a\tb", 'a"b', "é", "x" * 129, "{}", "a;b", "a,b", "<a>"]
)
def test_an_invalid_correlation_id_is_replaced(api: Api, log: io.StringIO, text: str) -> None:
    assert api.get("", {"X-Correlation-Id": text}).headers["x-correlation-id"] == REQUEST_ID
    assert {line["correlation_id"] for line in lines(log)} == {REQUEST_ID}


@pytest.mark.parametrize(
    "text", ["a", "x" * 128, "1-5759e988-bd862e3fe1be46a994272793", "Root=1-a/b"]
)
def test_a_plain_word_is_a_valid_correlation_id(api: Api, text: str) -> None:
    assert api.get("", {"X-Correlation-Id": text}).headers["x-correlation-id"] == text


def test_refusals_and_problems_carry_the_correlation_id_too(api: Api) -> None:
    given = {"X-Correlation-Id": "case-7"}
    responses = [
        api.gateway.send("POST", BOOKS, headers=given),
        api.add({}, given),
        api.get(UNKNOWN, given),
        api.get("?limit=0", given),
    ]

    assert [r.headers["x-correlation-id"] for r in responses] == ["case-7"] * 4


def test_an_event_that_cannot_be_read_is_logged_without_its_content(
    api: Api, use: Use, log: io.StringIO
) -> None:
    stored = {"details": {"title": [CONTENT]}}
    with pytest.raises(UnknownEvent) as unreadable:
        DOMAIN.events.decode("BookAdded", 1, stored)
    use(events=Broken(unreadable.value))

    response = api.revise(UNKNOWN, {"title": "E"})

    assert response.status == 503
    assert "does not have the shape of one" in log.getvalue()
    assert CONTENT not in log.getvalue() + response.text
