"""Routes that require a token: who reaches the view, and how the others are refused."""

import json
from typing import Any

import pytest
from chalice.app import IAMAuthorizer

from harness.forged_tokens import forged, issue, signed, stranger_to, unpacked
from tests.apps.protected_app import (
    FORBIDDEN,
    PROVIDER,
    UNAUTHORIZED,
    Event,
    application,
    bearer,
    checked_by_gateway,
    event,
    no_verifier,
    status_and_body,
)

FORGED = forged(PROVIDER, stranger_to(PROVIDER))

# Chalice warns that it enforces nothing locally; the middleware does.
pytestmark = pytest.mark.filterwarnings("ignore:JWTAuthorizer is not a supported:UserWarning")


def test_a_token_with_the_scope_reaches_the_view_and_names_the_caller() -> None:
    response = application()(event(headers=bearer(issue(PROVIDER))), None)

    assert status_and_body(response) == (200, '{"subject":"tester"}')


@pytest.mark.parametrize("wrong", FORGED)
def test_a_forged_token_returns_401_and_the_reason_is_logged(wrong: str) -> None:
    token, reason = FORGED[wrong]
    refusals: list[str] = []

    response = application(refusals=refusals)(event(headers=bearer(token)), None)

    assert status_and_body(response) == (401, UNAUTHORIZED)
    assert response["headers"] == {
        "Content-Type": "application/json",
        "WWW-Authenticate": 'Bearer scope="orders:write" error="invalid_token" '
        f'error_description="{reason}"',
    }
    assert refusals == [reason]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": ""}, {"Authorization": " "}, {"Authorization": "Bearer "}],
    ids=str,
)
def test_a_request_without_a_token_returns_401(headers: dict[str, str]) -> None:
    response = application()(event(headers=headers), None)

    assert status_and_body(response) == (401, UNAUTHORIZED)
    assert response["headers"]["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ("Bearer {}", 200),
        ("bearer {}", 200),
        ("BEARER   {} ", 200),
        ("{}", 200),  # API Gateway: "only the token, or the token prefixed with Bearer"
        ("Bearer Bearer {}", 401),
        ("Basic {}", 401),
        ("Bearer{}", 401),
        ("Bearer {0}, Bearer {0}", 401),
        ("Bearer {0},{0}", 401),
        ("Bearer {0} {0}", 401),
    ],
)
def test_the_token_is_accepted_alone_or_after_bearer(form: str, status: int) -> None:
    headers = {"Authorization": form.format(issue(PROVIDER))}

    assert application()(event(headers=headers), None)["statusCode"] == status


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "Authorization"])
def test_the_name_of_the_header_is_case_insensitive(name: str) -> None:
    response = application()(event(headers={name: f"Bearer {issue(PROVIDER)}"}), None)

    assert response["statusCode"] == 200


GOOD, BAD = bearer(issue(PROVIDER))["Authorization"], "Bearer x.y.z"
TWO_TOKENS: dict[str, Event] = {
    "two names": event(headers={"authorization": BAD, "Authorization": GOOD}),
    "two names, the other way round": event(headers={"authorization": GOOD, "Authorization": BAD}),
    "two values": event(
        headers={"authorization": GOOD}, multiValueHeaders={"authorization": [BAD, GOOD]}
    ),
    "two names and two values": event(
        headers={"authorization": GOOD}, multiValueHeaders={"Authorization": [BAD, GOOD]}
    ),
    "the same value twice": event(
        headers={"authorization": GOOD}, multiValueHeaders={"authorization": [GOOD, GOOD]}
    ),
    "an empty value before": event(
        headers={"authorization": GOOD}, multiValueHeaders={"authorization": ["", GOOD]}
    ),
    "joined": event(headers={"authorization": f"{GOOD},{BAD}"}),
    "the same value twice, joined": event(headers={"authorization": f"{GOOD}, {GOOD}"}),
}


@pytest.mark.parametrize("sent", TWO_TOKENS.values(), ids=TWO_TOKENS)
@pytest.mark.parametrize(
    "authorizer",
    [None, checked_by_gateway("1.0", scope="orders:write")],
    ids=["verified here", "checked by API Gateway"],
)
def test_two_tokens_in_one_request_are_refused(sent: Event, authorizer: Any) -> None:
    refusals: list[str] = []
    context = {**sent["requestContext"], "authorizer": authorizer}

    response = application(refusals=refusals)({**sent, "requestContext": context}, None)

    assert status_and_body(response) == (401, UNAUTHORIZED)
    assert refusals == ["the request has more than one token"]


@pytest.mark.parametrize(
    "scope", ["orders:audit", "", "orders:write2 xorders:write", "BOOKS:WRITE", None]
)
def test_a_token_without_the_scope_returns_403(scope: str | None) -> None:
    response = application()(event(headers=bearer(issue(PROVIDER, scope=scope))), None)

    assert status_and_body(response) == (403, FORBIDDEN)
    challenge = response["headers"]["WWW-Authenticate"]
    assert challenge.startswith('Bearer scope="orders:write" error="insufficient_scope" ')


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "orders:write"},
        {"scope": "other  orders:write"},
        {"scope": None, "scp": "other orders:write"},
        {"scope": None, "scp": ["other", "orders:write"]},
        {"scope": ["orders:write"]},
        {"scope": "other", "scp": ["orders:write"]},
    ],
    ids=str,
)
def test_the_scope_is_read_from_scope_and_scp(claims: dict[str, Any]) -> None:
    response = application()(event(headers=bearer(issue(PROVIDER, **claims))), None)

    assert response["statusCode"] == 200


@pytest.mark.parametrize(("scope", "status"), [("orders:admin", 200), ("orders:write", 403)])
def test_one_of_the_scopes_of_a_route_is_enough(scope: str, status: int) -> None:
    sent = event("GET", "/one-of/{name}", bearer(issue(PROVIDER, scope=scope)))

    assert application()(sent, None)["statusCode"] == status


def test_a_route_without_scopes_accepts_any_valid_token() -> None:
    sent = event("GET", "/any", bearer(issue(PROVIDER, scope=None)))

    assert application()(sent, None)["statusCode"] == 200


@pytest.mark.parametrize(
    ("claims", "subject"),
    [
        ({}, "tester"),
        ({"sub": None}, "tester"),
        ({"sub": None, "client_id": None, "azp": "app"}, "app"),
    ],
    ids=str,
)
def test_the_client_is_the_caller_of_a_token_without_sub(
    claims: dict[str, Any], subject: str
) -> None:
    response = application()(event(headers=bearer(issue(PROVIDER, **claims))), None)

    assert status_and_body(response) == (200, f'{{"subject":"{subject}"}}')


@pytest.mark.parametrize("sub", [None, "", 7])
def test_a_token_without_subject_and_client_is_refused(sub: Any) -> None:
    token = issue(PROVIDER, sub=sub, client_id=None)

    assert application()(event(headers=bearer(token)), None)["statusCode"] == 401


def issued_with_escapes(**claims: Any) -> str:
    """Return a valid token; the provider's own cannot carry what UTF-8 cannot."""
    key = PROVIDER.keys.keys[0]
    payload = json.loads(unpacked(issue(PROVIDER).split(".")[1]))
    return signed({"alg": "RS256", "kid": key.kid}, {**payload, **claims}, key)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "\ud800"},
        {"sub": "ann\udfff"},
        {"sub": "\udc00\ud800"},
        {"sub": None, "client_id": "\ud800"},
        {"sub": None, "client_id": None, "azp": "\ud800"},
    ],
    ids=ascii,
)
def test_a_token_whose_subject_has_a_lone_surrogate_is_refused(claims: dict[str, Any]) -> None:
    refusals: list[str] = []
    token = issued_with_escapes(**claims)

    response = application(refusals=refusals)(event(headers=bearer(token)), None)

    assert status_and_body(response) == (401, UNAUTHORIZED)
    assert refusals == ["the subject of the token is not text"]


@pytest.mark.parametrize("claim", ["scope", "scp", "jti", "name"])
def test_a_lone_surrogate_in_another_claim_is_not_used(claim: str) -> None:
    token = issued_with_escapes(**{claim: "orders:write \ud800"})

    response = application()(event(headers=bearer(token)), None)

    assert status_and_body(response) == (200, '{"subject":"tester"}')


@pytest.mark.parametrize(
    "headers",
    [{}, bearer("garbage"), bearer(FORGED["expired"][0])],
    ids=["no token", "garbage", "an expired one"],
)
def test_a_public_route_ignores_tokens(headers: dict[str, str]) -> None:
    response = application(no_verifier)(event("GET", "/public", headers), None)

    assert status_and_body(response) == (200, '{"subject":null}')


def test_a_method_or_path_without_a_route_is_left_to_chalice() -> None:
    assert application()(event("DELETE", "/books"), None)["statusCode"] == 405


def test_a_route_with_an_unknown_authorizer_admits_nobody() -> None:
    app = application()
    app.route("/iam", methods=["GET"], authorizer=IAMAuthorizer())(lambda: {"in": True})

    assert app(event("GET", "/iam", bearer(issue(PROVIDER))), None)["statusCode"] == 500
