"""Verifies JWT access tokens by the rules of API Gateway's JWT authorizers.

For where no API Gateway is in front, as on a laptop.
joserfc (with cryptography under it) is loaded by the first token that is verified, not by importing
this module.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.adapters.http.claims import Claims, InvalidToken, check_issuer_and_audience
from core.adapters.http.issuer_keys import ALGORITHMS, Clock, Fetch, IssuerKeys

if TYPE_CHECKING:
    from core.adapters.http.issuer_keys import Key

# Characters. All headers of a request to an HTTP API together may have 10,240 bytes.
_LONGEST_TOKEN = 10_240


class TokenVerifier:
    """Verifies the access tokens of one issuer for one audience. Safe to share between threads."""

    def __init__(
        self,
        issuer: str,
        audience: Sequence[str],
        *,
        fetch: Fetch,
        clock: Clock,
        leeway_seconds: float = 10.0,
    ) -> None:
        """`issuer`: its URL, as in `iss`, https except on this machine (else ValueError).
        `audience`: one of these must be meant. `leeway_seconds`: how far the issuer's clock may be
        from ours. Nothing is fetched yet.
        """
        self._issuer = issuer
        self._audience = tuple(audience)
        self._keys = IssuerKeys(issuer, fetch=fetch, clock=clock)
        self._clock = clock
        self._leeway = leeway_seconds

    def verify(self, token: str) -> Claims:
        """The claims of a token (a compact JWS, RFC 7515) that holds; else raises InvalidToken.

        Checked are what API Gateway checks: the signature (by the key of the issuer's set that has
        the token's `kid`), `iss`, `aud` (or `client_id`), `exp`, `nbf`, `iat`; beyond it, `exp`
        must be there. Scopes are the route's affair. API Gateway takes RSA only; ES256 works here
        and not there. Raises IdentityUnavailable when keys cannot be had.
        """
        header = _header_of(token)
        algorithm, key_id = _algorithm_and_key_id(header)
        claims = _signed_claims(token, self._keys.get(key_id, algorithm), algorithm)
        check_issuer_and_audience(claims, self._issuer, self._audience)
        self._check_times(claims)
        return claims

    def _check_times(self, claims: Claims) -> None:
        now = self._clock()
        expires, not_before, issued = (_time(claims, name) for name in ("exp", "nbf", "iat"))
        if expires is None:
            raise InvalidToken("the token has no expiry")
        if expires + self._leeway <= now:
            raise InvalidToken("the token has expired")
        if not_before is not None and not_before - self._leeway > now:
            raise InvalidToken("the token is not valid yet")
        if issued is not None and issued - self._leeway > now:
            raise InvalidToken("the token was issued in the future")


def _header_of(token: str) -> Mapping[str, Any]:
    from joserfc.util import urlsafe_b64decode

    if len(token) > _LONGEST_TOKEN:
        raise InvalidToken("the token is too long")
    segments = token.split(".")
    if len(segments) != 3:
        raise InvalidToken("token contains an invalid number of segments")
    try:
        header = json.loads(urlsafe_b64decode(segments[0].encode("ascii")))
    except (ValueError, RecursionError):
        raise InvalidToken("the token is malformed") from None
    if not isinstance(header, dict):
        raise InvalidToken("the token is malformed")
    return header


def _algorithm_and_key_id(header: Mapping[str, Any]) -> tuple[str, str]:
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise InvalidToken("the signing method is not RS256 or ES256")
    if not isinstance(key_id, str):
        raise InvalidToken("the token names no key id")
    # RFC 7515, 4.1.11: what must be understood and is not, is refused. RFC 7797 is not.
    if "crit" in header or "b64" in header:
        raise InvalidToken("the token has critical headers")
    return algorithm, key_id


def _signed_claims(token: str, key: "Key", algorithm: str) -> Claims:
    # `jwk`, `jku`, `x5c` and `x5u` are not looked at: the key comes from the issuer, never from
    # the token.
    from joserfc.errors import JoseError
    from joserfc.jws import JWSRegistry, deserialize_compact

    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        payload = deserialize_compact(token, key, registry=registry).payload
    except (JoseError, ValueError, RecursionError):
        raise InvalidToken("the signature is invalid") from None
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        raise InvalidToken("the token is malformed") from None
    if not isinstance(claims, dict):
        raise InvalidToken("the token is malformed")
    return claims


def _time(claims: Claims, name: str) -> float | None:
    # A NumericDate (RFC 7519, 2). Python reads NaN and Infinity as JSON too: never to expire.
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise InvalidToken("a date of the token is no number of seconds")
    return float(value)
