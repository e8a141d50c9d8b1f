"""Claims that API Gateway checked: accepted where they match the route, and never from a client."""

from typing import Any

import pytest
from chalice.app import Request, Response

from chalice_terraform.runtime.enforcement import jwt_middleware
from core.adapters.http.callers import Caller, caller_of, remember_caller
from harness.forged_tokens import issue
from tests.apps.protected_app import (
    AUDIENCE,
    ISSUER,
    NOW,
    PROVIDER,
    application,
    bearer,
    checked_by_gateway,
    event,
    no_verifier,
    status_and_body,
)

EXPIRED = issue(PROVIDER, exp=NOW - 3600)
WRITER = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "scope": "orders:write"}

# Chalice warns that it enforces nothing locally; the middleware does.
pytestmark = pytest.mark.filterwarnings("ignore:JWTAuthorizer is not a supported:UserWarning")


@pytest.mark.parametrize("form", ["1.0", "2.0"])
def test_claims_that_api_gateway_has_checked_are_accepted(form: str) -> None:
    authorizer = checked_by_gateway(form, scope="orders:write")

    response = application(no_verifier)(event(authorizer=authorizer), None)

    assert status_and_body(response) == (200, '{"subject":"gateway-user"}')


@pytest.mark.parametrize("form", ["1.0", "2.0"])
@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"scope": "orders:audit"}, 403),
        ({}, 403),
        ({"scp": "[orders:audit orders:write]"}, 200),
        ({"scope": "orders:write", "aud": f"[other-api {AUDIENCE}]"}, 200),
        ({"scope": "orders:write", "aud": "other-api"}, 401),
        ({"scope": "orders:write", "aud": "other-api", "client_id": AUDIENCE}, 401),
        ({"scope": "orders:write", "iss": "https://other.test"}, 401),
        ({"scope": "orders:write", "sub": ""}, 401),
        ({"scope": "orders:write", "sub": "\ud800"}, 401),
    ],
    ids=ascii,
)
def test_claims_that_api_gateway_has_checked_must_match_the_route(
    form: str, claims: dict[str, str], status: int
) -> None:
    sent = event(authorizer=checked_by_gateway(form, **claims))

    assert application(no_verifier)(sent, None)["statusCode"] == status


@pytest.mark.parametrize(
    "authorizer",
    [
        {},
        {"claims": None, "scopes": None},
        {"claims": {}, "scopes": ["orders:write"]},
        {"jwt": None},
        {"jwt": None, "claims": WRITER},
        {"jwt": {}, "claims": WRITER},
        {"jwt": {"claims": None, "scopes": None}, "claims": {"iss": ISSUER, "aud": AUDIENCE}},
        {"jwt": {}},
        {"lambda": {"claims": {"iss": ISSUER, "aud": AUDIENCE, "sub": "x"}}},
        {"claims": "text"},
        "text",
        ["claims"],
        None,
    ],
    ids=str,
)
def test_token_is_verified_when_api_gateway_has_not(authorizer: Any) -> None:
    sent = event(headers=bearer(EXPIRED))
    sent["requestContext"]["authorizer"] = authorizer
    missing = event(headers=bearer(EXPIRED))
    del missing["requestContext"]["authorizer"]

    assert application()(sent, None)["statusCode"] == 401
    assert application()(missing, None)["statusCode"] == 401


def test_the_caller_is_never_taken_from_the_event() -> None:
    sent = event("GET", "/public")
    sent["requestContext"]["caller"] = {"issuer": ISSUER, "subject": "root"}

    assert status_and_body(application()(sent, None)) == (200, '{"subject":null}')


def test_only_the_middleware_sets_the_caller_of_a_request() -> None:
    request = Request(event("GET", "/public"))
    assert caller_of(request) is None
    seen: list[Caller | None] = []

    def view(request: Request) -> Response:
        seen.append(caller_of(request))
        return Response("")

    sent = Request(event(authorizer=checked_by_gateway("2.0", scope="orders:write x")))
    middleware = jwt_middleware(application().routes, no_verifier, print, remember_caller)
    middleware(sent, view)

    assert seen == [Caller(ISSUER, "gateway-user")]
