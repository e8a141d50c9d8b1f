"""The enforcement of a route's ``JwtAuthorizer``, wherever the route runs."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Protocol, TypeVar

from chalice.app import Request, Response, RouteEntry

from core.adapters.http.identity.authorizer import JwtAuthorizer
from core.adapters.http.identity.claims import (
    Caller,
    InvalidToken,
    TokenClaims,
    caller_of_claims,
    check_issuer_and_audience,
    gateway_claims,
    has_one_of,
)
from core.adapters.http.identity.refusals import (
    Refusal,
    insufficient_scope,
    invalid_token,
    no_token,
)

T = TypeVar("T")

_CALLER = "caller"

Handler = Callable[[Request], Response]
Middleware = Callable[[Request, Handler], Response]
Routes = Mapping[str, Mapping[str, RouteEntry]]


class Verifier(Protocol):
    """Distinguishes valid tokens from invalid ones; ``TokenVerifier`` is one."""

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a valid token.

        Raises ``InvalidToken`` for any other, and ``IdentityUnavailable`` if the token cannot be
        verified now.
        """
        ...


VerifierFor = Callable[[str, tuple[str, ...]], Verifier]
"""From an issuer and an audience to the verifier of their tokens."""


def jwt_middleware(
    routes: Routes,
    verifier_for: VerifierFor,
    on_refusal: Callable[[str], None],
) -> Middleware:
    """Return a Chalice middleware for ``http`` events that enforces each route's authorizer.

    ``routes`` are the application's own (``app.routes``), read on each request. ``verifier_for``
    returns the verifier of an issuer and an audience; it is called for each token that API Gateway
    has not checked, so it should cache the verifiers. ``on_refusal`` is called with the reason, for
    the log; the reason contains nothing from the token.

    A route without an authorizer is public: a token sent to it is ignored. Otherwise the claims are
    those that API Gateway wrote into the event, if it did, and else those of a token verified here.
    Either way the request must carry one token at most, and issuer, audience and scopes must match
    the route, or the response is 401 or 403, equal to API Gateway's. ``IdentityUnavailable``
    propagates; register what turns it into a 503 before this middleware. An authorizer of another
    class raises ``TypeError``: nothing here could enforce it.
    """

    def authorize(request: Request, get_response: Handler) -> Response:
        authorizer = _authorizer_of(routes, request)
        if authorizer is None:
            return get_response(request)
        outcome = _caller_or_refusal(request, authorizer, verifier_for)
        if isinstance(outcome, Refusal):
            on_refusal(outcome.reason)
            return outcome.response
        request.context[_CALLER] = outcome
        return get_response(request)

    return authorize


def caller_of(request: Request) -> Caller | None:
    """Return who sent this request; None on a public route.

    Only ``jwt_middleware`` sets it: what an event carries under the same name is JSON, and never a
    ``Caller``.
    """
    caller = request.context.get(_CALLER)
    return caller if isinstance(caller, Caller) else None


def _authorizer_of(routes: Routes, request: Request) -> JwtAuthorizer | None:
    # The same lookup by which Chalice finds the view. Without a route Chalice itself responds.
    route = routes.get(request.path, {}).get(request.method)
    authorizer = route.authorizer if route else None
    if authorizer is not None and not isinstance(authorizer, JwtAuthorizer):
        raise TypeError(
            f"{request.path} has a {type(authorizer).__name__}, which nothing here can enforce: "
            "give it a JwtAuthorizer"
        )
    return authorizer


def _caller_or_refusal(
    request: Request, authorizer: JwtAuthorizer, verifier_for: VerifierFor
) -> Caller | Refusal:
    try:
        token = _bearer_token(request.to_original_event())
        claims = gateway_claims(request.context)
        if claims is None:
            if token is None:
                return no_token()
            claims = verifier_for(authorizer.issuer, authorizer.audience).verify(token)
        check_issuer_and_audience(claims, authorizer.issuer, authorizer.audience)
        caller = caller_of_claims(claims)
    except InvalidToken as invalid:
        return invalid_token(invalid.reason, authorizer.scopes)
    if has_one_of(caller.scopes, authorizer.scopes):
        return caller
    return insufficient_scope(authorizer.scopes)


def _bearer_token(event: Mapping[str, Any]) -> str | None:
    """Return the token of the Authorization header, alone or after "Bearer", as API Gateway does.

    Raises ``InvalidToken`` for more than one value, equal ones too: which of them counts must not
    depend on their order. Payload format 2.0 joins them with a comma, which no token contains.
    """
    # Payload format 1.0 has all values in multiValueHeaders, and the last of each in headers.
    last = _authorization(event.get("headers") or {})
    every = chain.from_iterable(_authorization(event.get("multiValueHeaders") or {}))
    values = {_joined(last), _joined(every)} - {""}
    if len(values) > 1 or any("," in value for value in values):
        raise InvalidToken("the request has more than one token")
    value = next(iter(values), "")
    scheme, _, token = value.partition(" ")
    return (token.strip() if scheme.lower() == "bearer" else value) or None


def _authorization(headers: Mapping[str, T]) -> list[T]:
    return [value for name, value in headers.items() if name.lower() == "authorization"]


def _joined(values: Iterable[str]) -> str:
    """Return all values of a header, joined as RFC 9110 (5.3) joins them; "" for none."""
    return ",".join(values).strip()
