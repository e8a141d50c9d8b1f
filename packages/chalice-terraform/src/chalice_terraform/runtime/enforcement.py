"""The enforcement of a route's authorizer where API Gateway has not verified the token.

Under ``chalice local`` nothing verifies tokens: Chalice admits everyone, with a warning, and reads
a Cognito token's claims without a look at its signature.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple, Protocol, Union

from chalice.app import (
    Authorizer,
    Chalice,
    CognitoUserPoolAuthorizer,
    Request,
    Response,
    RouteEntry,
)

from .authorizer import JWTAuthorizer
from .claims import (
    IdentityUnavailable,
    InvalidToken,
    TokenClaims,
    check_issuer_and_audience,
    gateway_claims,
    has_one_of,
    http_form,
    rest_form,
    scopes_of,
)
from .refusals import Refusal, insufficient_scope, invalid_token, no_token

Audience = Union[tuple[str, ...], None]
"""Those for whom a token may be; None for everyone."""

Handler = Callable[[Request], Response]
Middleware = Callable[[Request, Handler], Response]
Routes = Mapping[str, Mapping[str, RouteEntry]]

_POOL = r"arn:aws[\w-]*:cognito-idp:([\w-]+):\d+:userpool/([\w-]+)"


class Verifier(Protocol):
    """Distinguishes valid tokens from invalid ones; ``TokenVerifier`` is one."""

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a valid token.

        Raises ``InvalidToken`` for any other, and ``IdentityUnavailable`` if the token cannot be
        verified now.
        """
        ...


VerifierFor = Callable[[str, Audience], Verifier]
"""From an issuer and an audience to the verifier of their tokens."""

Accept = Callable[[Request, TokenClaims], None]
"""Is called with the claims of a valid token, before its scopes are checked.

It may raise ``InvalidToken``.
"""


def enforce_jwt(
    app: Chalice,
    *,
    pool_clients: Sequence[str] | None = None,
    verifier_for: VerifierFor | None = None,
) -> None:
    """Verify the tokens of requests to ``app`` that API Gateway has not verified.

    Call it right after the app is made: middlewares run in the order of their registration. It
    registers one, which lets a request through if API Gateway has put verified claims into its
    event, if its route has no authorizer, or if the authorizer is neither a ``JWTAuthorizer`` nor a
    ``CognitoUserPoolAuthorizer``. For all others it does what API Gateway's JWT authorizers do: the
    response is their 401 or 403 unless signature, issuer, audience, times and scopes are right, and
    the view finds the claims in ``app.current_request.context["authorizer"]``, as a REST API writes
    them in ``claims`` and as an HTTP API does in ``jwt``. Where the issuer does not respond, the
    response is 503. Nothing that a client sends switches it off.

    The issuer's keys are found by OpenID Connect Discovery and kept for an hour. The issuer of a
    Cognito authorizer is its user pool, and the token may be for one of ``pool_clients``, or for
    any client if that is None; a string, which would be read letter by letter, is a ``TypeError``.
    ``verifier_for`` replaces the verification itself.

    The first verification needs joserfc, of the extra ``local``, and raises ``ImportError`` without
    it.
    """
    if isinstance(pool_clients, str):
        raise TypeError("pool_clients is a list of strings, not a string")
    enforced = jwt_middleware(
        app.routes,
        verifier_for or cache(token_verifier),
        lambda reason: app.log.warning("refused a token: %s", reason),
        _write_claims,
        None if pool_clients is None else tuple(pool_clients),
    )

    def unless_verified(request: Request, get_response: Handler) -> Response:
        authorizer = _authorizer_of(app.routes, request)
        if not isinstance(authorizer, (JWTAuthorizer, CognitoUserPoolAuthorizer)):
            return get_response(request)
        if gateway_claims(request.context) is not None:
            return get_response(request)
        try:
            return enforced(request, get_response)
        except IdentityUnavailable as error:
            app.log.warning("tokens cannot be verified: %s", error)
            return _unavailable()

    app.register_middleware(unless_verified, "http")


def jwt_middleware(
    routes: Routes,
    verifier_for: VerifierFor,
    on_refusal: Callable[[str], None],
    accept: Accept,
    pool_clients: Audience = None,
) -> Middleware:
    """Return a Chalice middleware for ``http`` events that enforces each route's authorizer.

    ``routes`` are the application's own (``app.routes``), read on each request. ``verifier_for``
    returns the verifier of an issuer and an audience; it is called for each token that API Gateway
    has not checked, so it should cache the verifiers. ``on_refusal`` is called with the reason, for
    the log; the reason contains nothing from the token. ``accept`` is called with the request and
    the claims of a valid token.

    A route without an authorizer is public: a token sent to it is ignored. Otherwise the claims are
    those that API Gateway wrote into the event, if it did, and else those of a token verified here.
    Either way the request must carry one token at most, and issuer, audience and scopes must match
    the route, or the response is 401 or 403, equal to API Gateway's. ``IdentityUnavailable``
    propagates; register what turns it into a 503 before this middleware. An authorizer that is no
    ``JWTAuthorizer`` and no Cognito user pool's raises ``TypeError``: nothing here could enforce
    it.
    """

    def authorize(request: Request, get_response: Handler) -> Response:
        authorizer = _authorizer_of(routes, request)
        if authorizer is None:
            return get_response(request)
        refusal = _refusal(request, authorizer, verifier_for, accept, pool_clients)
        if refusal is not None:
            on_refusal(refusal.reason)
            return refusal.response
        return get_response(request)

    return authorize


def token_verifier(issuer: str, audience: Audience) -> Verifier:
    """Return a verifier that asks the issuer itself for its keys, and keeps them."""
    from .issuer_keys import fetch_document
    from .tokens import TokenVerifier

    return TokenVerifier(issuer, audience, fetch=fetch_document, clock=time.time)


def _authorizer_of(routes: Routes, request: Request) -> Authorizer | None:
    # The same lookup by which Chalice finds the view. Without a route Chalice itself responds.
    route = routes.get(request.path, {}).get(request.method)
    return route.authorizer if route else None


class _Rule(NamedTuple):
    """What an authorizer accepts: tokens of these issuers, for this audience, in this header."""

    issuers: tuple[str, ...]
    audience: Audience
    header: str


def _rule_of(authorizer: Authorizer, request: Request, pool_clients: Audience) -> _Rule:
    if isinstance(authorizer, JWTAuthorizer):
        return _Rule((authorizer.issuer,), authorizer.audience, "authorization")
    if isinstance(authorizer, CognitoUserPoolAuthorizer):
        scheme = authorizer.to_swagger()
        arns = scheme["x-amazon-apigateway-authorizer"]["providerARNs"]
        return _Rule(tuple(map(_issuer_of_pool, arns)), pool_clients, scheme["name"].lower())
    raise TypeError(
        f"{request.path} has a {type(authorizer).__name__}, which nothing here can enforce: "
        "give it a JWTAuthorizer"
    )


def _issuer_of_pool(arn: object) -> str:
    pool = re.fullmatch(_POOL, str(arn), re.ASCII)
    if pool is None:
        raise ValueError(f"{arn!r} is not the ARN of a Cognito user pool")
    region, name = pool.groups()
    # Only the domain of the regions in China differs.
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"https://cognito-idp.{region}.amazonaws.com{suffix}/{name}"


def _refusal(
    request: Request,
    authorizer: Authorizer,
    verifier_for: VerifierFor,
    accept: Accept,
    pool_clients: Audience,
) -> Refusal | None:
    """Return why the request is refused; None where it may go on to its view."""
    rule = _rule_of(authorizer, request, pool_clients)
    try:
        token = _bearer_token(request.to_original_event(), rule.header)
        claims = gateway_claims(request.context)
        if claims is None:
            if token is None:
                return no_token()
            claims = _verified(token, rule, verifier_for)
        issuer = claims.get("iss")
        expected = issuer if issuer in rule.issuers else rule.issuers[0]
        check_issuer_and_audience(claims, expected, rule.audience)
        accept(request, claims)
    except InvalidToken as invalid:
        return invalid_token(invalid.reason, authorizer.scopes)
    if has_one_of(scopes_of(claims), authorizer.scopes):
        return None
    return insufficient_scope(authorizer.scopes)


def _verified(token: str, rule: _Rule, verifier_for: VerifierFor) -> TokenClaims:
    *others, last = rule.issuers
    for issuer in others:
        with suppress(InvalidToken):
            return verifier_for(issuer, rule.audience).verify(token)
    return verifier_for(last, rule.audience).verify(token)


def _bearer_token(event: Mapping[str, Any], header: str) -> str | None:
    """Return the token of a header, alone or after "Bearer", as API Gateway does.

    Raises ``InvalidToken`` for more than one value, equal ones too: which of them counts must not
    depend on their order. Payload format 2.0 joins them with a comma, which no token contains.
    """
    # Payload format 1.0 has all values in multiValueHeaders, and the last of each in headers.
    last: Mapping[str, str] = event.get("headers") or {}
    every: Mapping[str, list[str]] = event.get("multiValueHeaders") or {}
    # Joined as RFC 9110 (5.3) joins them.
    one = ",".join([value for name, value in last.items() if name.lower() == header]).strip()
    all_ = ",".join([",".join(v) for name, v in every.items() if name.lower() == header]).strip()
    if (one and all_ and one != all_) or "," in one or "," in all_:
        raise InvalidToken("the request has more than one token")
    value = one or all_
    scheme, _, token = value.partition(" ")
    return (token.strip() if scheme.lower() == "bearer" else value) or None


def _write_claims(request: Request, claims: TokenClaims) -> None:
    """Put claims where API Gateway would have put them."""
    written = http_form(claims)
    request.context["authorizer"] = {
        "claims": rest_form(written),
        "scopes": None,
        "jwt": {"claims": written, "scopes": None},
    }


def _unavailable() -> Response:
    return Response(
        body='{"message":"Service Unavailable"}',
        status_code=503,
        headers={"Content-Type": "application/json"},
    )
