"""Requests with real tokens through the whole deployed stack (see ``test_stack.py``)."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.adapters.http.cors import ALLOW_HEADERS, ANY_METHOD, EXPOSE_HEADERS
from core.adapters.http.problems import INTERNAL
from tests.e2e.stack.deployed import Stack
from tests.e2e.stack.deployment import PAGES
from tests.e2e.stack.routes import SCOPES
from tests.support.example import BOOKS, EMMA, EMMAS_ISBN, FILTER, FILTERED

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]

UNKNOWN = "00000000-0000-4000-8000-000000000000"
PROTECTED = [route for route, scope in SCOPES.items() if scope]
PUBLIC = [route for route, scope in SCOPES.items() if not scope]


def send(stack: Stack, route: str, **options: Any) -> httpx.Response:
    """Send a request for ``route``, about an unknown book, a known problem and a known file."""
    method, _, path = route.partition(" ")
    target = path.format(id=UNKNOWN, name=INTERNAL.name, asset="docs.js")
    return stack.http.request(method, target, **options)


@pytest.mark.parametrize("route", PUBLIC)
def test_a_public_route_requires_no_token(stack: Stack, route: str) -> None:
    response = send(stack, route)
    assert response.status_code == (404 if "{id}" in route else 200), response.text


@pytest.mark.parametrize("route", PROTECTED)
def test_a_protected_route_accepts_a_token_with_its_scope(stack: Stack, route: str) -> None:
    content: dict[str, Any] = {} if route.startswith(("GET", "HEAD", "DELETE")) else {"json": {}}
    token = stack.identity.authorization(SCOPES[route])
    response = send(stack, route, headers=token, **content)
    assert response.status_code == (422 if route.startswith("POST") else 404), response.text
    assert response.headers["Content-Type"] == "application/problem+json"


# What is wrong with a token: the status that it gets, and the claims that are changed.
WRONG: Mapping[str, tuple[int, Mapping[str, Any]]] = {
    "expired": (401, {"exp": int(time.time()) - 600}),
    "wrong audience": (401, {"aud": "another-api"}),
    "wrong issuer": (401, {"iss": "https://another.example/"}),
    "wrong scope": (403, {"scope": "books:read"}),
    "no scope": (403, {"scope": None}),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("route", PROTECTED)
def test_a_protected_route_refuses_an_invalid_token(stack: Stack, route: str, wrong: str) -> None:
    status, claims = WRONG[wrong]
    token = stack.identity.token(**{"scope": SCOPES[route], **claims})
    response = send(stack, route, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == status
    refusal = {"message": {401: "Unauthorized", 403: "Forbidden"}[status]}
    assert route.startswith("HEAD") or response.json() == refusal


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}], ids=["none", "odd"])
@pytest.mark.parametrize("route", PROTECTED)
def test_a_protected_route_refuses_a_request_without_a_token(
    stack: Stack, route: str, headers: Mapping[str, str]
) -> None:
    response = send(stack, route, headers=headers)
    assert response.status_code == 401
    assert route.startswith("HEAD") or response.json() == {"message": "Unauthorized"}


@pytest.mark.parametrize("scopes", [("books:audit", "books:write"), ("books:write", "books:audit")])
def test_the_scope_of_one_route_does_not_grant_another(
    stack: Stack, scopes: tuple[str, str]
) -> None:
    held, needed = scopes
    for route in [route for route in PROTECTED if SCOPES[route] == needed]:
        response = send(stack, route, headers=stack.identity.authorization(held))
        assert response.status_code == 403, route


@pytest.mark.parametrize("route", [route for route in SCOPES if route.startswith("HEAD")])
def test_a_response_to_head_has_the_headers_of_get_and_no_body(stack: Stack, route: str) -> None:
    token = stack.identity.authorization(SCOPES[route])
    get = send(stack, route.replace("HEAD", "GET"), headers=token)
    head = send(stack, route, headers=token)
    assert (head.status_code, head.content) == (get.status_code, b"")
    for name in ("Content-Type", "Cache-Control", "ETag"):
        assert head.headers.get(name) == get.headers.get(name)


ALLOWED = "Access-Control-Allow-Origin"


def test_a_page_of_an_allowed_origin_may_send_and_read_what_the_api_has(stack: Stack) -> None:
    wanted = {"Origin": PAGES, "Access-Control-Request-Method": "POST"}
    preflight = stack.http.options(BOOKS, headers=wanted)
    assert (preflight.status_code, preflight.headers[ALLOWED]) == (204, PAGES)
    assert preflight.headers["Access-Control-Allow-Methods"] == ANY_METHOD
    assert set(preflight.headers["Access-Control-Allow-Headers"].split(",")) == {*ALLOW_HEADERS}

    response = stack.http.get(BOOKS, headers={"Origin": PAGES})
    assert (response.status_code, response.headers[ALLOWED]) == (200, PAGES)
    assert set(response.headers["Access-Control-Expose-Headers"].split(",")) == {*EXPOSE_HEADERS}


def test_a_page_of_another_origin_may_not(stack: Stack) -> None:
    other = {"Origin": "https://another.example", "Access-Control-Request-Method": "GET"}
    assert ALLOWED not in stack.http.options(BOOKS, headers=other).headers
    assert ALLOWED not in stack.http.get(BOOKS, headers=other).headers


def test_an_unknown_path_returns_the_gateways_404(stack: Stack) -> None:
    response = stack.http.get("/v1/catalog/nothing")
    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})


def test_a_book_is_added_revised_found_and_removed(stack: Stack) -> None:
    writer = stack.identity.authorization("books:write")
    key = {"Idempotency-Key": str(uuid4())}
    book = {**EMMA, "isbn": EMMAS_ISBN, **FILTERED}
    added = stack.http.post(BOOKS, json=book, headers={**writer, **key})
    assert (added.status_code, added.headers["ETag"]) == (201, '"1"')
    location = added.headers["Location"]
    book_id = added.json()["id"]
    repeated = stack.http.post(BOOKS, json=book, headers={**writer, **key})
    assert repeated.json() == added.json()
    assert repeated.headers["Idempotent-Replayed"] == "true"

    first = stack.seen(book_id, 1)
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    assert (first.json()["title"], first.json()["isbn"]) == ("Emma", EMMAS_ISBN)

    revised = stack.http.patch(
        location, json={"title": "Émma"}, headers={**writer, "If-Match": '"1"'}
    )
    assert (revised.status_code, revised.json()["version"]) == (200, 2)
    stale = stack.http.patch(location, json={"title": "No"}, headers={**writer, "If-Match": '"1"'})
    assert stale.status_code == 412
    assert stack.seen(book_id, 2).json()["title"] == "Émma"
    unchanged = stack.http.get(location, headers={"If-None-Match": '"2"'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    found = stack.http.get(BOOKS, params={"q": "emm", FILTER: "s & t"}).json()
    assert book_id in [item["id"] for item in found["items"]]

    removed = stack.http.delete(location, headers=writer)
    assert (removed.status_code, removed.json()["version"]) == (200, 3)
    assert stack.seen(book_id, 3).status_code == 404
    left = stack.http.get(BOOKS, params={"q": "emm", FILTER: "s & t"}).json()
    assert book_id not in [item["id"] for item in left["items"]]
    auditor = stack.identity.authorization("books:audit")
    history = stack.http.get(f"{location}/history", headers=auditor).json()
    assert [event["version"] for event in history["items"]] == [1, 2, 3]
