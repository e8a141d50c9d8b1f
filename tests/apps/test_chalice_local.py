"""Both services under ``chalice local`` and Chalice's test client, with tokens of a real issuer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from chalice.app import Chalice
from chalice.test import Client

from tests.support.api import JSON, MERGE_PATCH, Api, json_bytes, load_app
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import Gateway
from tests.support.identity import Identity, running_identity
from tests.support.serving import chalice_local

# Chalice warns that it enforces nothing locally; the middleware does.
pytestmark = pytest.mark.filterwarnings("ignore:JWTAuthorizer is not a supported:UserWarning")


@dataclass(frozen=True, slots=True)
class Local:
    """Both services on this machine, each on a port of its own, and the issuer of tokens."""

    command: httpx.Client
    query: httpx.Client
    identity: Identity
    api: Api

    def writer(self, subject: str = "ann") -> dict[str, str]:
        """Return the header with a token for writing."""
        return {"Authorization": f"Bearer {self.identity.token('books:write', subject)}"}

    def auditor(self) -> dict[str, str]:
        """Return the header with a token for reading histories."""
        return self.identity.authorization("books:audit")


@pytest.fixture(scope="module")
def identity() -> Iterator[Identity]:
    with running_identity() as identity:
        yield identity


@pytest.fixture
def apps(
    environment: None, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> tuple[Chalice, Chalice]:
    monkeypatch.setenv("JWT_ISSUER", identity.issuer)
    return load_app("command"), load_app("query")


@contextmanager
def served(app: Chalice) -> Iterator[httpx.Client]:
    with (
        chalice_local(app) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        yield client


@pytest.fixture
def local(apps: tuple[Chalice, Chalice], identity: Identity) -> Iterator[Local]:
    with served(apps[0]) as command, served(apps[1]) as query:
        yield Local(command, query, identity, Api(Gateway(apps)))


def test_a_book_is_written_with_a_token_and_read_without_one(local: Local) -> None:
    written = local.command.post(BOOKS, json={**EMMA, "title": "東京"}, headers=local.writer())
    local.api.project()
    read = local.query.get(written.headers["location"])

    assert (written.status_code, read.status_code) == (201, 200)
    assert read.json()["title"] == "東京"


def test_a_book_is_revised_and_removed(local: Local) -> None:
    location = local.command.post(BOOKS, json=EMMA, headers=local.writer()).headers["location"]
    headers = {**local.writer(), **MERGE_PATCH, "If-Match": '"1"'}
    revised = local.command.patch(location, content=b'{"title":"E"}', headers=headers)
    removed = local.command.delete(location, headers={**local.writer(), "If-Match": '"2"'})

    assert (revised.headers["etag"], removed.headers["etag"]) == ('"2"', '"3"')


@pytest.mark.parametrize(
    ("scope", "status", "body"),
    [
        (None, 403, {"message": "Forbidden"}),
        ("books:audit", 403, {"message": "Forbidden"}),
        ("books:write", 201, None),
    ],
)
def test_a_token_needs_the_scope_of_writers(
    local: Local, scope: str | None, status: int, body: dict[str, str] | None
) -> None:
    headers = local.identity.authorization(scope)
    response = local.command.post(BOOKS, json=EMMA, headers=headers)

    assert response.status_code == status
    assert body is None or response.json() == body


def test_a_write_without_a_token_returns_401(local: Local) -> None:
    response = local.command.post(BOOKS, json=EMMA)

    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})


def test_a_token_that_was_not_issued_for_this_api_is_refused(local: Local) -> None:
    headers = local.identity.authorization("books:write", aud="another-api")

    assert local.command.post(BOOKS, json=EMMA, headers=headers).status_code == 401


def test_a_history_is_read_with_a_token(local: Local) -> None:
    written = local.command.post(BOOKS, json=EMMA, headers=local.writer("client-7"))

    response = local.query.get(written.headers["location"] + "/history", headers=local.auditor())

    assert [event["actor"] for event in response.json()["items"]] == ["client-7"]


def test_concurrent_requests_do_not_share_callers_keys_or_bodies(local: Local) -> None:
    def write(number: int) -> tuple[int, str]:
        headers = {**local.writer(f"client-{number}"), "Idempotency-Key": f"key-{number}"}
        response = local.command.post(BOOKS, json={**EMMA, "title": f"{number}"}, headers=headers)
        return number, response.headers["location"]

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(write, range(24)))

    for number, location in written:
        (event,) = local.query.get(f"{location}/history", headers=local.auditor()).json()["items"]
        assert (event["actor"], event["data"]["details"]["title"]) == (
            f"client-{number}",
            f"{number}",
        )


def test_a_real_client_can_follow_the_links(local: Local) -> None:
    for title in ("One", "Three", "Two"):
        local.command.post(BOOKS, json={**EMMA, "title": title}, headers=local.writer())
    local.api.project()
    titles, response = [], local.query.get(f"{BOOKS}?limit=1")
    while True:
        titles += [item["title"] for item in response.json()["items"]]
        if "next" not in response.links:
            break
        response = local.query.get(response.url.join(response.links["next"]["url"]))

    assert titles == ["One", "Three", "Two"]


def test_head_is_served_and_the_connection_can_be_used_again(local: Local) -> None:
    heads = [local.query.head(BOOKS) for _ in range(3)]

    assert [(head.status_code, head.content) for head in heads] == [(200, b"")] * 3
    assert local.query.get(BOOKS).json() == {"items": []}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 60_000, b'{"title":"\xe9"}'])
def test_a_body_that_is_not_json_returns_400(local: Local, content: bytes) -> None:
    headers = {**local.writer(), **JSON}

    assert local.command.post(BOOKS, content=content, headers=headers).status_code == 400


def test_a_response_carries_its_correlation_id(local: Local) -> None:
    given = local.query.get(BOOKS, headers={"X-Correlation-Id": "case-7"})
    made = local.query.get(BOOKS)

    assert given.headers["x-correlation-id"] == "case-7"
    assert made.headers["x-correlation-id"] not in ("", "unknown")


@pytest.mark.parametrize(("method", "path"), [("PUT", BOOKS), ("POST", "/nowhere"), ("GET", "/")])
def test_an_unknown_route_is_a_client_error(local: Local, method: str, path: str) -> None:
    assert 400 <= local.command.request(method, path, headers=local.writer()).status_code < 500


def test_chalices_test_client_gets_the_same_responses(
    apps: tuple[Chalice, Chalice], identity: Identity
) -> None:
    headers = {**JSON, **identity.authorization("books:write")}
    with Client(apps[0]) as client:
        written = client.http.post(BOOKS, headers=headers, body=json_bytes(EMMA))
        refused = client.http.post(BOOKS, headers=JSON, body=json_bytes(EMMA))

    assert (written.status_code, written.json_body["version"]) == (201, 1)
    assert (refused.status_code, refused.json_body) == (401, {"message": "Unauthorized"})
