"""Who may write: API Gateway's result counts, and nothing that a client sends replaces it."""

from typing import Any

import pytest

from chalice_terraform.runtime.authorizer import JWTAuthorizer
from tests.support.api import JSON, UNKNOWN, Api, json_bytes
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import ANN, Caller, HttpResponse, event_of, response_of

WRITES = [("POST", BOOKS), ("PATCH", f"{BOOKS}/{UNKNOWN}"), ("DELETE", f"{BOOKS}/{UNKNOWN}")]
UNAUTHORIZED = '{"message":"Unauthorized"}'
FORBIDDEN = '{"message":"Forbidden"}'

WRITERS = ["books:write"]


def scopes(api: Api, write: bool) -> dict[str, list[str] | None]:
    """Return the scopes that each route declares, None where it is public."""
    declared: dict[str, list[str] | None] = {}
    for app in api.gateway.apps:
        for path, methods in app.routes.items():
            for method, entry in methods.items():
                if (method not in {"GET", "HEAD"}) == write:
                    jwt = entry.authorizer
                    assert jwt is None or isinstance(jwt, JWTAuthorizer)
                    declared[f"{method} {path}"] = None if jwt is None else jwt.scopes
    return declared


def test_every_write_declares_the_scope_of_writers(api: Api) -> None:
    declared = scopes(api, write=True)

    assert declared.keys() >= {f"POST {BOOKS}", f"PATCH {BOOKS}/{{id}}", f"DELETE {BOOKS}/{{id}}"}
    assert {route: required for route, required in declared.items() if required != WRITERS} == {}


def test_the_history_is_the_only_read_that_requires_a_token(api: Api) -> None:
    protected = {
        route: required for route, required in scopes(api, write=False).items() if required
    }

    history = f"{BOOKS}/{{id}}/history"
    assert protected == {f"GET {history}": ["books:audit"], f"HEAD {history}": ["books:audit"]}


def test_no_route_belongs_to_both_services(api: Api) -> None:
    commands, queries = (
        {(path, method) for path, methods in app.routes.items() for method in methods}
        for app in api.gateway.apps
    )

    assert commands & queries == set()


def test_both_services_declare_the_same_issuer_and_audience(api: Api) -> None:
    authorizers = {
        (entry.authorizer.name, entry.authorizer.issuer, entry.authorizer.audience)
        for app in api.gateway.apps
        for methods in app.routes.values()
        for entry in methods.values()
        if isinstance(entry.authorizer, JWTAuthorizer)
    }

    assert len(authorizers) == 1


@pytest.mark.parametrize(("method", "target"), WRITES)
def test_a_write_without_a_token_returns_api_gateways_401(
    api: Api, method: str, target: str
) -> None:
    response = api.gateway.send(method, target, headers=JSON, body=json_bytes(EMMA))

    assert (response.status, response.text) == (401, UNAUTHORIZED)
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("method", "target"), WRITES)
@pytest.mark.parametrize("scope", ["books:audit", "", "books:writer", "books:write:own"])
def test_a_write_without_the_scope_returns_api_gateways_403(
    api: Api, method: str, target: str, scope: str
) -> None:
    caller = Caller("ann", scope)
    response = api.gateway.send(method, target, headers=JSON, body=json_bytes(EMMA), caller=caller)

    assert (response.status, response.text) == (403, FORBIDDEN)


def test_a_request_without_a_token_is_refused_before_it_is_validated(api: Api) -> None:
    responses = [
        api.gateway.send("POST", BOOKS, headers={"Content-Type": "text/plain"}, body=b"{"),
        api.gateway.send("PATCH", f"{BOOKS}/no-id", body=b"{"),
        api.gateway.send("DELETE", f"{BOOKS}/{UNKNOWN}", headers={"If-Match": "x"}),
    ]

    assert [response.status for response in responses] == [401] * 3


def test_a_refused_write_writes_nothing(api: Api) -> None:
    api.add(caller=Caller("ann", "books:audit"))
    api.project()

    assert api.titles() == []


FORGED_HEADERS: dict[str, Any] = {
    "the claims in a header": {"X-Amzn-Authorizer": '{"claims":{"sub":"root"}}', "claims": "{}"},
    "a basic login": {"Authorization": "Basic cm9vdDpyb290"},
    "no token": {"Authorization": "Bearer "},
    "garbage": {"Authorization": "Bearer x"},
    "two tokens": {"Authorization": ["Bearer a.b.c", "Bearer d.e.f"]},
    "an unsigned token": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0."},
    "letters": {"Authorization": "Bearer é.ü.ß"},
}


@pytest.mark.parametrize("headers", FORGED_HEADERS)
def test_no_header_replaces_the_gateways_result(api: Api, headers: str) -> None:
    given = {**JSON, **FORGED_HEADERS[headers]}

    assert api.gateway.send("POST", BOOKS, headers=given, body=json_bytes(EMMA)).status == 401


@pytest.mark.parametrize(
    "authorizer",
    [
        None,
        {},
        {"claims": None, "scopes": None},
        {"claims": {}, "scopes": ["books:write"]},
        {"claims": {"scope": "books:write"}},
        {"claims": {"sub": "root", "scope": "books:write"}},
        {"principalId": "root"},
        {"lambda": {"sub": "root", "scope": "books:write"}},
        {"iam": {"userId": "root"}},
    ],
    ids=str,
)
def test_a_missing_result_or_one_of_another_authorizer_is_refused(
    api: Api, authorizer: Any
) -> None:
    event = event_of(BOOKS, "POST", BOOKS, JSON, json_bytes(EMMA))
    event["requestContext"]["authorizer"] = authorizer

    assert response_of(api.gateway.apps[0](event, None)).status == 401


def test_an_event_without_the_gateways_result_is_refused(api: Api) -> None:
    event = event_of(BOOKS, "POST", BOOKS, JSON, json_bytes(EMMA))
    del event["requestContext"]["authorizer"]

    assert response_of(api.gateway.apps[0](event, None)).status == 401


@pytest.mark.parametrize(
    "caller",
    [
        Caller("ann", issuer="https://other.test"),
        Caller("ann", more={"aud": "other-api"}),
        Caller(""),
        Caller("\ud800"),
    ],
    ids=["issuer", "audience", "no subject", "a subject that is not text"],
)
def test_a_result_with_another_issuer_or_audience_or_without_a_subject_is_refused(
    api: Api, caller: Caller
) -> None:
    assert api.add(caller=caller).status == 401


def test_a_public_route_ignores_tokens(api: Api) -> None:
    assert api.get("", {"Authorization": "Bearer garbage"}).status == 200


def test_the_subject_of_the_token_is_the_actor_of_the_event(api: Api) -> None:
    response: HttpResponse = api.add(caller=Caller("client-7"))

    assert api.history(response.json["id"]).json["items"][0]["actor"] == "client-7"


def test_the_actor_is_never_taken_from_the_body(api: Api) -> None:
    assert api.add({**EMMA, "actor": "root"}, caller=ANN).pointers == ["/actor"]


def test_no_public_response_names_the_actor(api: Api) -> None:
    response: HttpResponse = api.add(caller=Caller("client-7"))
    api.project()
    public = [api.get(response.json["id"]), api.get("")]

    assert [found.status for found in public] == [200, 200]
    assert all("client-7" not in found.text + str(found.headers) for found in public)
