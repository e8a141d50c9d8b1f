"""``enforce_jwt``: whom it lets through, what it responds, and what cannot switch it off."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Authorizer, Chalice, CognitoUserPoolAuthorizer, IAMAuthorizer
from chalice.test import Client

from chalice_terraform.runtime import HTTPApp, JWTAuthorizer, enforce_jwt, list_claim
from chalice_terraform.runtime.claims import IdentityUnavailable
from chalice_terraform.runtime.enforcement import Audience, Verifier
from chalice_terraform.runtime.tokens import TokenVerifier
from harness.environment import with_sources
from harness.forged_tokens import forged, issue, stranger_to
from harness.gateway_events import Event, HttpRequest, payload_1, payload_2, rest_event
from harness.issuer import Issuer, new_keys

NOW = 1_700_000_000.0
ISSUER, POOL = "https://issuer.test", "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1"
ARN = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab1"
OTHER_ARN = "arn:aws-cn:cognito-idp:cn-north-1:123456789012:userpool/cn-north-1_Cd2"
KEYS = new_keys()
ISSUERS = {
    url: Issuer(url, KEYS, "orders-api", clock=lambda: NOW)
    for url in (ISSUER, POOL, "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Cd2")
}
TOKENS = ISSUERS[ISSUER]
FORGED = forged(TOKENS, stranger_to(TOKENS))
UNAUTHORIZED, FORBIDDEN = {"message": "Unauthorized"}, {"message": "Forbidden"}

# Chalice warns that it enforces nothing; the middleware does.
pytestmark = pytest.mark.filterwarnings("ignore:.* is not a supported:UserWarning")


def verifier_for(issuer: str, audience: Audience) -> Verifier:
    tokens = ISSUERS[issuer]

    def fetch(url: str) -> bytes:
        found = tokens.discovery() if url.endswith("configuration") else tokens.key_set()
        return json.dumps(found).encode()

    return TokenVerifier(issuer, audience, fetch=fetch, clock=lambda: NOW)


def nothing_to_verify(issuer: str, audience: Audience) -> Verifier:
    raise AssertionError("a token was verified that need not be")


def application(
    verifier_for: Callable[[str, Audience], Verifier] = verifier_for,
    kind: type[Chalice] = HTTPApp,
    pool_clients: list[str] | None = None,
) -> Chalice:
    app = kind(app_name="orders", configure_logs=False)
    app.log.disabled = True
    enforce_jwt(app, pool_clients=pool_clients, verifier_for=verifier_for)
    jwt = JWTAuthorizer("jwt", ISSUER, ["orders-api"])
    pool = CognitoUserPoolAuthorizer("pool", provider_arns=[ARN])
    pools = CognitoUserPoolAuthorizer("pools", provider_arns=[ARN, OTHER_ARN])
    unset = CognitoUserPoolAuthorizer("unset", provider_arns=["${var.pool_arn}"])
    near = CognitoUserPoolAuthorizer("near", provider_arns=[f"{ARN}/x"])
    own = CognitoUserPoolAuthorizer("own", provider_arns=[ARN], header="X-Token")

    def view() -> dict[str, Any]:
        assert app.current_request is not None
        authorizer = app.current_request.context.get("authorizer") or {}
        groups = list_claim(app.current_request, "groups")
        return {"claims": authorizer.get("claims"), "jwt": authorizer.get("jwt"), "groups": groups}

    authorizers: dict[str, Authorizer | None] = {
        "/public": None,
        "/jwt": jwt,
        "/written": jwt.with_scopes(["orders:write", "orders:admin"]),
        "/pool": pool,
        "/pool-read": pool.with_scopes(["read"]),
        "/pools": pools,
        "/unset": unset,
        "/near": near,
        "/own": own,
        "/iam": IAMAuthorizer(),
    }
    for path, authorizer in authorizers.items():
        app.route(path, authorizer=authorizer, name=path.strip("/"))(view)
    return app


def sent(path: str, token: str | None = None, header: str = "Authorization") -> HttpRequest:
    return HttpRequest("GET", path, headers=[(header, f"Bearer {token}")] if token else [])


def local(request: HttpRequest) -> Event:
    """Return the event of ``chalice local``: it is a REST API's, without what AWS alone has."""
    event = rest_event(request)
    own = ("httpMethod", "identity", "path", "resourcePath", "authorizer")
    context = event["requestContext"]
    return {**event, "requestContext": {name: context[name] for name in own if name in context}}


def got(app: Chalice, event: Event) -> tuple[int, Any, str]:
    result = app(event, None)
    return (
        result["statusCode"],
        json.loads(result["body"]),
        result["headers"].get("WWW-Authenticate", ""),
    )


# --- under chalice local ---------------------------------------------------------------------


def test_a_public_route_ignores_tokens() -> None:
    app = application(nothing_to_verify)

    assert got(app, local(sent("/public")))[0] == 200
    assert got(app, local(sent("/public", "garbage")))[0] == 200


def test_a_route_without_a_token_returns_api_gateways_401() -> None:
    assert got(application(), local(sent("/jwt"))) == (401, UNAUTHORIZED, "Bearer")


@pytest.mark.parametrize("wrong", FORGED)
def test_a_forged_token_returns_401_and_the_reason(wrong: str) -> None:
    token, reason = FORGED[wrong]

    status, body, challenge = got(application(), local(sent("/jwt", token)))

    assert (status, body) == (401, UNAUTHORIZED)
    assert challenge == f'Bearer scope="" error="invalid_token" error_description="{reason}"'


@pytest.mark.parametrize(
    ("scope", "status"),
    [("orders:write", 200), ("x orders:admin", 200), ("orders:read", 403), (None, 403)],
)
def test_a_token_needs_one_of_the_scopes_of_the_route(scope: str | None, status: int) -> None:
    actual, body, challenge = got(
        application(), local(sent("/written", issue(TOKENS, scope=scope)))
    )

    assert actual == status
    if status == 403:
        assert body == FORBIDDEN
        assert 'scope="orders:write orders:admin" error="insufficient_scope"' in challenge


def test_a_view_finds_the_claims_where_api_gateway_would_have_put_them() -> None:
    token = issue(TOKENS, groups=["admins", "editors"], jti="1")

    status, body, _ = got(application(), local(sent("/jwt", token)))

    written = {
        "iss": ISSUER,
        "sub": "tester",
        "aud": "orders-api",
        "exp": "1700003600",
        "iat": "1700000000",
        "client_id": "tester",
        "scope": "orders:write",
        "jti": "1",
    }
    assert status == 200
    assert body["claims"] == {**written, "groups": "admins,editors"}
    assert body["jwt"] == {"claims": {**written, "groups": "[admins editors]"}, "scopes": None}
    assert body["groups"] == ["admins", "editors"]


@pytest.mark.parametrize(
    ("path", "claims", "status"),
    [
        ("/pool", {}, 200),
        ("/pool", {"aud": None, "client_id": "a-client"}, 200),
        ("/pool", {"iss": ISSUER}, 401),
        ("/pool-read", {"scope": "read"}, 200),
        ("/pool-read", {"scope": "write"}, 403),
        ("/pools", {}, 200),
        ("/unset", {}, 500),
        ("/near", {}, 500),
    ],
)
def test_the_issuer_of_a_cognito_authorizer_is_its_user_pool(
    path: str, claims: dict[str, Any], status: int
) -> None:
    token = issue(ISSUERS[POOL], **claims)

    assert got(application(), local(sent(path, token)))[0] == status


def test_a_token_may_be_of_any_of_several_user_pools() -> None:
    for issuer in ISSUERS.values():
        status = got(application(), local(sent("/pools", issue(issuer))))[0]
        assert status == (401 if issuer is TOKENS else 200)


@pytest.mark.parametrize(("client", "status"), [("web", 200), ("other", 401)])
def test_the_clients_of_a_user_pool_can_be_named(client: str, status: int) -> None:
    app = application(pool_clients=["web", "mobile"])

    assert got(app, local(sent("/pool", issue(ISSUERS[POOL], aud=client))))[0] == status


def test_a_string_in_place_of_a_list_of_clients_raises_type_error() -> None:
    with pytest.raises(TypeError):
        application(pool_clients="web")  # type: ignore[arg-type]


def test_a_cognito_authorizer_reads_the_header_that_it_names() -> None:
    token = issue(ISSUERS[POOL])

    assert got(application(), local(sent("/own", token, "X-Token")))[0] == 200
    assert got(application(), local(sent("/own", token)))[0] == 401


def test_other_authorizers_are_left_to_chalice() -> None:
    assert got(application(nothing_to_verify), local(sent("/iam")))[0] == 200


def test_an_issuer_that_does_not_respond_makes_the_response_503() -> None:
    class Down:
        def verify(self, token: str) -> Any:
            raise IdentityUnavailable("down")

    app = application(lambda issuer, audience: Down())

    assert got(app, local(sent("/jwt", "a.b.c")))[:2] == (503, {"message": "Service Unavailable"})


def test_claims_that_chalice_local_has_read_from_a_forged_token_are_not_believed() -> None:
    stranger = stranger_to(ISSUERS[POOL])
    good, bad = (issue(i, **{"cognito:username": "root"}) for i in (ISSUERS[POOL], stranger))
    with Client(application(kind=Chalice)) as client:
        accepted = client.http.get("/pool", headers={"Authorization": good})
        refused = client.http.get("/pool", headers={"Authorization": bad})

    assert (accepted.status_code, refused.status_code) == (200, 401)


# --- behind API Gateway ----------------------------------------------------------------------

CLAIMS = {"iss": "https://a-variable-of-terraform", "sub": "ann", "scope": ""}


@pytest.mark.parametrize("form", [payload_1, payload_2, rest_event])
@pytest.mark.parametrize("path", ["/jwt", "/written", "/pool", "/pools", "/unset", "/own"])
def test_nothing_is_checked_that_api_gateway_has_checked(
    form: Callable[[HttpRequest], Event], path: str
) -> None:
    event = form(HttpRequest("GET", path, claims=CLAIMS))

    status, body, _ = got(application(nothing_to_verify), event)

    assert (status, body["claims"]) == (200, CLAIMS)


LIES: list[Any] = [
    None,
    {},
    {"claims": None, "scopes": None},
    {"claims": "root", "scopes": ["orders:write"]},
    {"jwt": None, "claims": CLAIMS},
    {"jwt": {"claims": None}, "claims": CLAIMS},
    {"lambda": {"claims": CLAIMS, "jwt": {"claims": CLAIMS}}},
    {"principalId": "root", "jwt": "text"},
]


@pytest.mark.parametrize("form", [payload_1, payload_2, rest_event])
@pytest.mark.parametrize("authorizer", LIES, ids=str)
@pytest.mark.parametrize("path", ["/jwt", "/pool"])
def test_a_request_without_checked_claims_needs_a_token_there_too(
    form: Callable[[HttpRequest], Event], authorizer: Any, path: str
) -> None:
    event = form(sent(path))
    event["requestContext"]["authorizer"] = authorizer

    assert got(application(), event)[:2] == (401, UNAUTHORIZED)


LIE = json.dumps({"requestContext": {"apiId": "x", "authorizer": {"claims": CLAIMS}}})
NAMES = ("requestContext", "authorizer", "apiId", "X-Amzn-Authorizer", "X-Forwarded-User")


@pytest.mark.parametrize("form", [local, payload_1, payload_2, rest_event])
def test_nothing_that_a_client_sends_switches_it_off(
    form: Callable[[HttpRequest], Event],
) -> None:
    pairs = [(name, LIE) for name in NAMES]
    request = HttpRequest("GET", "/jwt", query=pairs, headers=pairs, body=LIE.encode())

    assert got(application(), form(request))[0] == 401


@pytest.mark.parametrize("form", [local, payload_1, payload_2, rest_event])
@pytest.mark.parametrize("second", ["Bearer a.b.c", "Basic x"])
def test_a_request_with_two_tokens_is_refused(
    form: Callable[[HttpRequest], Event], second: str
) -> None:
    headers = [("Authorization", f"Bearer {issue(TOKENS)}"), ("Authorization", second)]

    assert got(application(), form(HttpRequest("GET", "/jwt", headers=headers)))[0] == 401


@pytest.mark.parametrize(
    ("headers", "several"),
    [
        ({"authorization": "{0},{0}"}, {}),
        ({}, {"authorization": ["{0}", "{0}"]}),
        ({}, {"authorization": ["{0}"], "Authorization": ["{0}"]}),
        ({"authorization": "{0}", "Authorization": "{0}"}, {}),
        ({"authorization": "{0}"}, {"authorization": ["Bearer a.b.c"]}),
        ({"authorization": "Bearer a.b.c"}, {"authorization": ["{0}"]}),
    ],
    ids=str,
)
def test_two_tokens_are_refused_wherever_they_are(
    headers: dict[str, str], several: dict[str, list[str]]
) -> None:
    token = f"Bearer {issue(TOKENS)}"
    event = local(sent("/jwt"))
    event["headers"] = {name: value.format(token) for name, value in headers.items()}
    event["multiValueHeaders"] = {
        name: [value.format(token) for value in values] for name, values in several.items()
    }

    status, _, challenge = got(application(), event)

    assert status == 401
    assert "the request has more than one token" in challenge


# --- what it needs ---------------------------------------------------------------------------

WITHOUT_JOSERFC = """
import sys
sys.modules["joserfc"] = None
from chalice import Chalice
from chalice_terraform.runtime import JWTAuthorizer, enforce_jwt
app = Chalice(app_name="orders")
enforce_jwt(app)
@app.route("/jwt", authorizer=JWTAuthorizer("jwt", "https://issuer.test", ["a"]))
def view(): return {}
from chalice.test import Client
with Client(app) as client:
    print(client.http.get("/jwt").status_code)
    print(client.http.get("/jwt", headers={"Authorization": "Bearer a.b.c"}).status_code)
"""


def test_without_joserfc_the_log_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_JOSERFC],
        cwd=tmp_path,
        env=with_sources(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert [line for line in done.stdout.splitlines() if line.isdigit()] == ["401", "500"]
    assert "pip install 'chalice-terraform[local]'" in done.stdout


def test_importing_the_runtime_loads_little(tmp_path: Path) -> None:
    program = (
        "import sys, chalice.app; before = set(sys.modules);"
        "import chalice_terraform.runtime; print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=with_sources(),
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = done.stdout.split()
    assert {name for name in loaded if not name.startswith("chalice_terraform")} <= {"__future__"}
    assert {name.split(".")[1] for name in loaded if "." in name} == {"runtime"}
    assert not {"issuer_keys", "tokens"} & {name.split(".")[-1] for name in loaded}
