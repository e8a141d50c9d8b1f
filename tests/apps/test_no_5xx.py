"""Whatever a client sends, the status is below 500 and the response is readable.

Hypothesis draws bodies, headers, paths, queries and events.
"""

import base64
import json
import string
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from chalice.app import Chalice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config import PROBLEM_TYPES
from tests.apps.conftest import Waiting
from tests.support import share
from tests.support.api import Api
from tests.support.example import BOOKS, EMMA, EMMAS_ISBN, FIELDS, FILTERS
from tests.support.gateway import ANN, BOB, Caller, Headers, HttpResponse, event_of, response_of

GATEWAYS_OWN = ('{"message":"Unauthorized"}', '{"message":"Forbidden"}')
NOT_YET = f"{PROBLEM_TYPES}not-yet-visible"


def examples(number: int) -> settings:
    """Return settings for a share of ``number`` examples, all of them on one store."""
    return settings(
        max_examples=share.examples(number // 3, thoroughly=4 * number),
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


# What HTTP allows: API Gateway refuses other header names, and control characters in values.
header_names = st.text(
    string.ascii_letters + string.digits + "-_.!#$%&'*+^`|~", min_size=1, max_size=30
)
header_values = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"])
)
tags = st.sampled_from(('"1"', 'W/"1"', '"2"', "*", "1", '"', ",", "W/", '""', '"\xff"', " "))
known_headers = st.fixed_dictionaries(
    {},
    optional={
        "If-Match": header_values | st.lists(tags).map(", ".join),
        "If-None-Match": header_values | st.lists(tags).map(",".join),
        "Idempotency-Key": header_values | st.sampled_from(("k1", "k2")),
        "X-Correlation-Id": header_values,
        "Authorization": header_values | st.sampled_from(("Bearer a.b.c", "Bearer e30.e30.e30")),
        "Accept": header_values | st.sampled_from(("*/*", "image/png", "application/octet-stream")),
        "Content-Type": header_values
        | st.sampled_from(
            ("application/json", "application/merge-patch+json", "application/json; charset=utf-8")
        ),
        "Content-Encoding": st.sampled_from(("gzip", "identity", "br")),
        "Origin": header_values,
    },
)
headers = st.builds(
    lambda known, others: {**others, **known},
    known_headers,
    st.dictionaries(header_names, header_values, max_size=3),
)

any_text = st.text() | st.sampled_from(
    ("", "Emma", EMMAS_ISBN, "1999-02-29", "x-", "\x00", "a" * 501)
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | any_text
    | st.just(10**30)
    | st.just(-0.0)
)
lone_surrogates = st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2)
names = any_text | lone_surrogates
any_json = st.recursive(
    scalars | lone_surrogates,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, max_size=5),
)
almost_books = st.dictionaries(
    st.sampled_from(FIELDS) | any_text, any_json | st.lists(any_text, max_size=3), max_size=8
)
json_bodies = (any_json | almost_books).map(lambda v: json.dumps(v).encode())
damaged_bodies = st.builds(
    lambda body, at, byte: body[: at % (len(body) + 1)] + byte + body[at % (len(body) + 1) :],
    json_bodies,
    st.integers(0, 200),
    st.binary(max_size=2),
)
bodies = st.none() | json_bodies | damaged_bodies | st.binary(max_size=200)

PARAMETERS = (
    "q",
    *FILTERS,
    "sort",
    "limit",
    "cursor",
    "min_version",
)
values = any_text | st.sampled_from(
    ("title", "-added", "1", "100", "0", "2026-01-01T00:00:00Z", "²")
)
queries = st.lists(
    st.tuples(st.sampled_from((*PARAMETERS, "as_of")) | st.text(max_size=5), values), max_size=4
)
callers = st.sampled_from((None, ANN, ANN, BOB, Caller("x", ""), Caller("x", issuer="other")))
METHODS = ("POST", "PATCH", "DELETE", "GET")


def assert_readable(response: HttpResponse) -> None:
    """Assert that a client can read ``response``, and that it is not a failure of the service."""
    assert response.status < 500, response.text
    for name, value in response.headers.items():
        assert isinstance(value, str)
        assert f"{name}: {value}".encode("latin-1").isascii(), "a header that every client can read"
        assert not set(value) & {"\r", "\n", "\0"}
    assert response.headers["x-correlation-id"]
    if response.status >= 400:
        assert_problem(response)
    elif response.headers.get("content-type") == "text/html; charset=utf-8":
        assert response.text.startswith("<!doctype html>")
    elif response.status != 304:
        assert response.headers["content-type"] == "application/json"
        assert isinstance(response.json, dict)


def assert_problem(response: HttpResponse) -> None:
    """Assert that an error is problem details, or exactly API Gateway's own error."""
    if response.status in (401, 403):
        assert response.text in GATEWAYS_OWN
        assert response.headers["www-authenticate"].startswith("Bearer")
        return
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json["status"] == response.status
    assert response.text.encode(), "text that has an encoding"


@pytest.fixture
def shelf(api: Api) -> Api:
    """Return both services with one book, whose id the requests below use."""
    api.added(isbn=EMMAS_ISBN)
    return api


@pytest.fixture
def no_waiting(waiting: Waiting) -> list[float]:
    """Let time pass at once where a query waits."""
    return waiting(lambda: None)


def book_id(api: Api) -> str:
    return str(api.get("?limit=1").json["items"][0]["id"])


def send(
    api: Api,
    method: str,
    path: str,
    given_headers: Headers,
    body: bytes | None,
    caller: Caller | None,
) -> None:
    response = api.gateway.send(method, path, headers=given_headers, body=body, caller=caller)
    if response.text != '{"message":"Not Found"}':  # API Gateway has no such route
        assert_readable(response)


@examples(250)
@given(
    data=bodies,
    headers=headers,
    method=st.sampled_from(("POST", "PATCH", "DELETE")),
    caller=callers,
)
def test_no_body_and_no_header_makes_the_command_service_fail(
    shelf: Api, data: bytes | None, headers: dict[str, str], method: str, caller: Caller | None
) -> None:
    path = BOOKS if method == "POST" else f"{BOOKS}/{shelf.add().json['id']}"

    send(shelf, method, path, headers, data, caller)


@examples(200)
@given(fields=almost_books, key=st.none() | st.sampled_from(("k1", "k2")), whole=st.booleans())
def test_no_book_makes_the_services_fail_and_what_was_written_can_be_read(
    shelf: Api, fields: dict[str, Any], key: str | None, whole: bool
) -> None:
    given_headers = {
        "Content-Type": "application/json",
        **({"Idempotency-Key": key} if key else {}),
    }
    body = json.dumps({**EMMA, **fields} if whole else fields).encode()
    written = shelf.gateway.send("POST", BOOKS, headers=given_headers, body=body, caller=ANN)
    assert_readable(written)
    shelf.project()

    if written.status == 201:
        found = shelf.gateway.send("GET", written.headers["location"])
        assert_readable(found)
        assert found.json["id"] == written.json["id"]
    assert_readable(shelf.get("?limit=100"))


@examples(200)
@given(patch=almost_books | any_json)
def test_no_patch_makes_the_command_service_fail(shelf: Api, patch: Any) -> None:
    body = json.dumps(patch).encode()
    path, merge = f"{BOOKS}/{book_id(shelf)}", {"Content-Type": "application/merge-patch+json"}

    send(shelf, "PATCH", path, merge, body, ANN)


@examples(250)
@given(query=queries, headers=headers, history=st.booleans(), one=st.booleans())
def test_no_query_makes_the_query_service_fail(
    shelf: Api,
    no_waiting: list[float],
    query: list[tuple[str, str]],
    headers: dict[str, str],
    history: bool,
    one: bool,
) -> None:
    path = BOOKS
    if one or history:
        path += f"/{book_id(shelf)}" + ("/history" if history else "")

    target = f"{path}?{urlencode(query)}"
    response = shelf.gateway.send("GET", target, headers=headers, caller=ANN)

    if response.status == 503:
        assert response.json["type"] == NOT_YET
    else:
        assert_readable(response)


@examples(150)
@given(
    segment=st.text(min_size=1, max_size=60), method=st.sampled_from(METHODS), history=st.booleans()
)
def test_no_path_makes_a_service_fail(shelf: Api, segment: str, method: str, history: bool) -> None:
    path = f"{BOOKS}/{quote(segment, safe='')}" + ("/history" if history else "")

    send(shelf, method, path, {}, b"{}", ANN)


@examples(150)
@given(
    raw=st.binary(max_size=60)
    | st.lists(any_json, max_size=4).map(lambda v: json.dumps(v).encode())
)
def test_no_cursor_makes_the_query_service_fail(shelf: Api, raw: bytes) -> None:
    cursor = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    for path in ("", f"{book_id(shelf)}/history"):
        if cursor:
            assert shelf.get(f"{path}?cursor={cursor}", caller=ANN).status == 400


# What the documentation of payload format 1.0 leaves open: fields that are null, empty or missing.
absent: dict[str, Sequence[Any]] = {
    "headers": ({}, None),
    "multiValueHeaders": ({}, None),
    "queryStringParameters": ({}, None),
    "multiValueQueryStringParameters": ({}, None),
    "stageVariables": ({}, None),
    "body": ("", None),
    "isBase64Encoded": (True, False),
}
IN_PATHS = {"asset": "x", "id": "x", "name": "x"}
events = st.fixed_dictionaries({}, optional={n: st.sampled_from(v) for n, v in absent.items()})


def routes(app: Chalice) -> list[tuple[str, str]]:
    """Return every route of an app with each of its methods that responds with a body."""
    return [(p, m) for p, methods in app.routes.items() for m in methods if m != "HEAD"]


@examples(100)
@given(changed=events, caller=callers)
def test_no_shape_of_an_event_makes_a_service_fail(
    shelf: Api, changed: Mapping[str, Any], caller: Caller | None
) -> None:
    for app in shelf.gateway.apps:
        for path, method in routes(app):
            event = event_of(path, method, path, caller=caller, path_parameters=IN_PATHS)
            assert_readable(response_of(app({**event, **changed}, None)))
