"""A Chalice app whose routes require tokens, their issuer, and events to send to the app."""

import json
from typing import Any

from chalice.app import Chalice

from chalice_terraform.runtime.authorizer import JWTAuthorizer
from chalice_terraform.runtime.enforcement import Audience, Verifier, VerifierFor, jwt_middleware
from chalice_terraform.runtime.tokens import TokenVerifier
from core.adapters.http.callers import caller_of, remember_caller
from core.config import PROJECT_NAME
from harness.issuer import Issuer, new_keys

ISSUER = "https://issuer.test"
AUDIENCE = PROJECT_NAME
NOW = 1_700_000_000.0
PROVIDER = Issuer(ISSUER, new_keys(), AUDIENCE, clock=lambda: NOW)
JWT = JWTAuthorizer("jwt", ISSUER, [AUDIENCE])
UNAUTHORIZED = '{"message":"Unauthorized"}'
FORBIDDEN = '{"message":"Forbidden"}'

Event = dict[str, Any]


def _fetch(url: str) -> bytes:
    document = PROVIDER.discovery() if url.endswith("configuration") else PROVIDER.key_set()
    return json.dumps(document).encode()


def verifier_for(issuer: str, audience: Audience) -> Verifier:
    """Return a verifier of the tokens of ``PROVIDER``."""
    return TokenVerifier(issuer, audience, fetch=_fetch, clock=lambda: NOW)


def no_verifier(issuer: str, audience: Audience) -> Verifier:
    """Fail: API Gateway has verified the token, or none is required."""
    raise AssertionError("a token was verified that need not be")


def application(
    verifier_for: VerifierFor = verifier_for, refusals: list[str] | None = None
) -> Chalice:
    """Return the app; the reasons of its refusals are appended to ``refusals``."""
    app = Chalice(app_name="books", configure_logs=False)
    log = [] if refusals is None else refusals
    app.register_middleware(
        jwt_middleware(app.routes, verifier_for, log.append, remember_caller), "http"
    )

    def caller() -> dict[str, Any]:
        assert app.current_request is not None
        found = caller_of(app.current_request)
        return {"subject": found.subject if found else None}

    audit = JWT.with_scopes(["orders:audit", "orders:admin"])
    app.route("/books", methods=["POST"], authorizer=JWT.with_scopes(["orders:write"]))(caller)
    app.route("/public", methods=["GET", "POST"], name="public")(caller)
    app.route("/any", methods=["GET"], authorizer=JWT, name="any")(caller)
    app.route("/one-of/{name}", methods=["GET"], authorizer=audit)(lambda name: caller())
    return app


def event(
    method: str = "POST",
    path: str = "/books",
    headers: dict[str, str] | None = None,
    authorizer: Any = None,
    **more: Any,
) -> Event:
    """Return an event like the sample for format 1.0.

    See AWS, "Create AWS Lambda proxy integrations for HTTP APIs".
    """
    return {
        "version": "1.0",
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers or {},
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "id",
            "authorizer": authorizer or {"claims": None, "scopes": None},
            "httpMethod": method,
            "identity": {"caller": None, "sourceIp": "192.0.2.1", "user": None},
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": "id=",
            "resourceId": None,
            "resourcePath": path,
            "stage": "$default",
        },
        "pathParameters": {"name": "x"},
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
        **more,
    }


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries ``token``."""
    return {"Authorization": f"Bearer {token}"}


def status_and_body(response: dict[str, Any]) -> tuple[int, str]:
    """Return the status and the body of a Lambda response."""
    return response["statusCode"], response["body"]


def checked_by_gateway(form: str, **claims: str) -> dict[str, Any]:
    """Return what API Gateway writes into ``requestContext.authorizer`` in a payload format."""
    all_claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "gateway-user",
        "exp": "1700003600",
        **claims,
    }
    result = {"claims": all_claims, "scopes": None}
    return {"jwt": result} if form == "2.0" else result
