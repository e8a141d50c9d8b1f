"""The same authorization under ``chalice local`` and Chalice's test client."""

import json
from http.client import HTTPConnection

import pytest
from chalice.test import Client

from harness.forged_tokens import issue
from tests.apps.protected_app import (
    PROVIDER,
    UNAUTHORIZED,
    application,
    bearer,
    checked_by_gateway,
)
from tests.support.serving import chalice_local

JSON_BODY = ("Content-Type", "application/json")
CLAIMS = checked_by_gateway("1.0", scope="orders:write")
INJECTED = json.dumps({"requestContext": {"authorizer": {**CLAIMS, "jwt": CLAIMS}}, **CLAIMS})

# Chalice warns that it enforces nothing locally; the middleware does.
pytestmark = pytest.mark.filterwarnings("ignore:JWTAuthorizer is not a supported:UserWarning")


def raw_request(port: int, target: str, headers: list[tuple[str, str]], body: str = "") -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", target)
    for name, value in [*headers, ("Content-Length", str(len(body))), ("Connection", "close")]:
        connection.putheader(name, value)
    connection.endheaders(body.encode())
    try:
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("target", "headers", "body"),
    [
        ("/books", [JSON_BODY], INJECTED),
        ("/books?requestContext[authorizer][claims][sub]=root&authorizer=x", [], ""),
        ("/books?authorizer=" + "%7B%22claims%22%3A%7B%7D%7D", [], ""),
        ("/books", [("requestContext", INJECTED), ("authorizer", INJECTED)], ""),
        ("/books", [("X-Amzn-Request-Context", INJECTED), ("X-Amzn-Authorizer", INJECTED)], ""),
        ("/books", [("caller", "root"), ("X-Caller", "root"), ("X-Forwarded-User", "root")], ""),
        ("/books/", [], ""),
        ("//books", [], ""),
        ("/books#x", [], ""),
        ("/books;x=1", [], ""),
        ("/%62ooks", [], ""),
        ("http://127.0.0.1/books", [], ""),
        ("/books", [("Authorization", "Bearer x.y.z")], ""),
        ("/books", [("X-HTTP-Method-Override", "GET")], ""),
    ],
)
def test_nothing_that_a_client_sends_replaces_a_token(
    target: str, headers: list[tuple[str, str]], body: str
) -> None:
    with chalice_local(application()) as port:
        assert raw_request(port, target, headers, body) in (401, 403, 404)


def test_chalice_local_requires_the_token_in_each_of_its_threads() -> None:
    good = [("Authorization", f"Bearer {issue(PROVIDER)}")]
    with chalice_local(application()) as port:
        statuses = {
            "with": [raw_request(port, "/books", good) for _ in range(3)],
            "without": [raw_request(port, "/books", []) for _ in range(3)],
        }

    assert statuses == {"with": [200] * 3, "without": [401] * 3}


def test_chalices_test_client_gets_the_same_responses() -> None:
    with Client(application()) as client:
        refused = client.http.post("/books")
        allowed = client.http.post("/books", headers=bearer(issue(PROVIDER)))

    assert (refused.status_code, refused.body.decode()) == (401, UNAUTHORIZED)
    assert (allowed.status_code, allowed.json_body) == (200, {"subject": "tester"})
