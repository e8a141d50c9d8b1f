"""Who may call a route: declared once on the Chalice route, enforced wherever the route runs.

`JwtAuthorizer` is the declaration. Out of it come API Gateway's authorizer and route scopes (see
`terraform/merge`), the OpenAPI document's security, and the check of `jwt_middleware`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chalice.app import Authorizer, Request, Response, RouteEntry

from core.adapters.http.claims import (
    Caller,
    Claims,
    InvalidToken,
    caller_of_claims,
    check_issuer_and_audience,
    gateway_claims,
    has_one_of,
)

_CALLER = "caller"

Handler = Callable[[Request], Response]
Middleware = Callable[[Request, Handler], Response]
Routes = Mapping[str, Mapping[str, RouteEntry]]


class Verifier(Protocol):
    """What tells a token that holds from one that does not; TokenVerifier is one."""

    def verify(self, token: str) -> Claims:
        """The token's claims. Raises InvalidToken, or IdentityUnavailable if it cannot tell."""
        ...


VerifierFor = Callable[[str, tuple[str, ...]], Verifier]
"""From an issuer and an audience to the verifier of their tokens."""


class JwtAuthorizer(Authorizer):
    """Declares on a Chalice route that it takes an access token: `authorizer=JwtAuthorizer(...)`.

    `name` names the authorizer in API Gateway; authorizers with one name must agree in issuer and
    audience. `issuer` and the entries of `audience` are plain strings, or Terraform references
    such as `${var.jwt_issuer}` while the application is packaged: they are carried as they are.
    `scopes`: the token must have one of them; none means that any valid token will do.
    """

    def __init__(
        self, name: str, issuer: str, audience: Sequence[str], scopes: Sequence[str] = ()
    ) -> None:
        if isinstance(audience, str) or isinstance(scopes, str):
            raise TypeError("audience and scopes are lists of strings, not a string")
        self.name = name
        self.issuer = issuer
        self.audience = tuple(audience)
        self.scopes = list(scopes)

    def with_scopes(self, scopes: list[str]) -> "JwtAuthorizer":
        """The same authorizer for a route that asks for these scopes instead."""
        return JwtAuthorizer(self.name, self.issuer, self.audience, scopes)

    def to_swagger(self) -> dict[str, Any]:
        """The security scheme as API Gateway's OpenAPI extensions for HTTP APIs write it.

        See AWS, "x-amazon-apigateway-authorizer object", the example for a JWT authorizer. Chalice
        writes one scheme per name: of several scopes of one name, the last route's are here, and
        each route's own are in its `security`.
        """
        return {
            "type": "oauth2",
            "scopes": {scope: scope for scope in self.scopes},
            "x-amazon-apigateway-authorizer": {
                "type": "jwt",
                "jwtConfiguration": {"issuer": self.issuer, "audience": list(self.audience)},
                "identitySource": "$request.header.Authorization",
            },
        }


def jwt_middleware(
    routes: Routes,
    verifier_for: VerifierFor,
    on_refusal: Callable[[str], None],
) -> Middleware:
    """A Chalice middleware for `http` events that lets through who the route's authorizer allows.

    `routes`: the application's own (`app.routes`), read at each request. `verifier_for`: gives the
    verifier of an issuer and an audience; called for each token that API Gateway has not checked,
    so it should keep what it makes. `on_refusal`: gets the reason, for the log; it holds nothing
    out of the token.

    A route without an authorizer is public: a token there is not looked at. Otherwise the claims
    are those that API Gateway wrote into the event, where it did, and else those of a token that
    was verified here. Either way issuer, audience and scopes must suit the route, else the answer
    is 401 or 403, equal to API Gateway's. IdentityUnavailable is raised through; register what
    makes a 503 of it before this. An authorizer of another class raises TypeError: nothing here
    could enforce it.
    """

    def authorize(request: Request, get_response: Handler) -> Response:
        authorizer = _authorizer_of(routes, request)
        if authorizer is None:
            return get_response(request)
        outcome = _decide(request, authorizer, verifier_for)
        if isinstance(outcome, _Refusal):
            on_refusal(outcome.reason)
            return outcome.answer
        request.context[_CALLER] = outcome
        return get_response(request)

    return authorize


def caller_of(request: Request) -> Caller | None:
    """Who sent this request; None on a public route.

    Set by `jwt_middleware` alone: what an event carries under the same name is JSON, and no Caller.
    """
    caller = request.context.get(_CALLER)
    return caller if isinstance(caller, Caller) else None


@dataclass(frozen=True, slots=True)
class _Refusal:
    reason: str
    answer: Response


def _authorizer_of(routes: Routes, request: Request) -> JwtAuthorizer | None:
    # The very lookup by which Chalice finds the view. Without a route Chalice itself answers.
    route = routes.get(request.path, {}).get(request.method)
    authorizer = route.authorizer if route else None
    if authorizer is not None and not isinstance(authorizer, JwtAuthorizer):
        raise TypeError(
            f"{request.path} has a {type(authorizer).__name__}, which nothing here can enforce: "
            "give it a JwtAuthorizer"
        )
    return authorizer


def _decide(
    request: Request, authorizer: JwtAuthorizer, verifier_for: VerifierFor
) -> Caller | _Refusal:
    try:
        claims = gateway_claims(request.context)
        if claims is None:
            token = _bearer_token(request.to_original_event())
            if token is None:
                return _Refusal("the request has no token", _answer(401, "Unauthorized", "Bearer"))
            claims = verifier_for(authorizer.issuer, authorizer.audience).verify(token)
        check_issuer_and_audience(claims, authorizer.issuer, authorizer.audience)
        caller = caller_of_claims(claims)
    except InvalidToken as invalid:
        challenge = _challenge(authorizer, "invalid_token", invalid.reason)
        return _Refusal(invalid.reason, _answer(401, "Unauthorized", challenge))
    if has_one_of(caller.scopes, authorizer.scopes):
        return caller
    reason = "the token has none of the scopes of the route"
    challenge = _challenge(authorizer, "insufficient_scope", reason)
    return _Refusal(reason, _answer(403, "Forbidden", challenge))


def _bearer_token(event: Mapping[str, Any]) -> str | None:
    """The token of the Authorization header, alone or after "Bearer" (API Gateway takes both).

    Raises InvalidToken for two values: which of them is checked must not be a matter of luck.
    """
    values = [value for name, value in _headers(event) if name.lower() == "authorization"]
    if len(set(values)) > 1:
        raise InvalidToken("the request has more than one token")
    value = values[0].strip() if values else ""
    scheme, _, token = value.partition(" ")
    return (token.strip() if scheme.lower() == "bearer" else value) or None


def _headers(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Payload format 1.0 has all values in multiValueHeaders, and the last of each in headers."""
    yield from (event.get("headers") or {}).items()
    for name, values in (event.get("multiValueHeaders") or {}).items():
        yield from ((name, value) for value in values)


# Equal to API Gateway's own refusals. Seen in answers of real HTTP APIs, one of them in AWS's page
# "Troubleshooting issues with HTTP API JWT authorizers": status 401, the 26 bytes of its body, and
# the header's form, blanks instead of RFC 6750's commas, with the route's scopes, or scope="" where
# it has none. So are the phrases "the token has expired", "the token does not have a valid
# audience" and "token contains an invalid number of segments"; "issuer does not match" was seen in
# its access log. Less certain: a bare `Bearer` when there is no token; for 403, the header (its
# body is known); the other phrases, which are ours. AWS's sample shows no content type.


def _challenge(authorizer: JwtAuthorizer, error: str, description: str) -> str:
    scope = " ".join(authorizer.scopes)
    return f'Bearer scope="{scope}" error="{error}" error_description="{description}"'


def _answer(status: int, message: str, challenge: str) -> Response:
    return Response(
        body=f'{{"message":"{message}"}}',
        status_code=status,
        headers={"Content-Type": "application/json", "WWW-Authenticate": challenge},
    )
