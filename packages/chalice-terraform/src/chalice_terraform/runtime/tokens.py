"""The verification of JWT access tokens, by the rules of API Gateway's JWT authorizers.

It is needed where there is no API Gateway in front, as on a laptop. joserfc (with cryptography
under it) is loaded by the first verification, not by importing this module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .claims import InvalidToken, TokenClaims, check_issuer_and_audience
from .issuer_keys import ALGORITHMS, Fetch, IssuerKeys, UnixTime

if TYPE_CHECKING:
    from .issuer_keys import Key

# All headers of a request to an HTTP API together may have 10,240 bytes.
MAX_TOKEN_CHARACTERS = 10_240


class TokenVerifier:
    """Verifies the access tokens of one issuer for one audience.

    ``issuer`` is its URL, as in ``iss``: https, or http on this machine (else ``ValueError``). A
    token must be for one of ``audience``; None stands for everyone. ``leeway_seconds`` is how far
    the issuer's clock may differ from ``clock``. Nothing is fetched before the first verification.
    Safe to share between threads.
    """

    def __init__(
        self,
        issuer: str,
        audience: Sequence[str] | None,
        *,
        fetch: Fetch,
        clock: UnixTime,
        leeway_seconds: float = 10.0,
    ) -> None:
        self._issuer = issuer
        self._audience = None if audience is None else tuple(audience)
        self._keys = IssuerKeys(issuer, fetch=fetch, clock=clock)
        self._clock = clock
        self._leeway = leeway_seconds

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a valid token (a compact JWS, RFC 7515).

        Checks what API Gateway checks: the signature (by the key of the issuer that has the token's
        ``kid``), ``iss``, ``aud`` (or ``client_id``), ``exp``, ``nbf`` and ``iat``; in addition,
        ``exp`` is required. Scopes are left to the route. API Gateway accepts RSA only; ES256 works
        here and not there.

        Raises ``InvalidToken`` for any other token, ``IdentityUnavailable`` when the issuer's keys
        are, and ``ImportError`` where joserfc is not installed.
        """
        _require_joserfc()
        header = _header_of(token)
        algorithm, key_id = _algorithm_and_key_id(header)
        claims = _signed_claims(token, self._keys.get(key_id, algorithm), algorithm)
        check_issuer_and_audience(claims, self._issuer, self._audience)
        self._check_times(claims)
        return claims

    def _check_times(self, claims: TokenClaims) -> None:
        now = self._clock()
        expires, not_before, issued = (
            _numeric_date(claims, name) for name in ("exp", "nbf", "iat")
        )
        if expires is None:
            raise InvalidToken("the token has no expiry")
        if expires + self._leeway <= now:
            raise InvalidToken("the token has expired")
        if not_before is not None and not_before - self._leeway > now:
            raise InvalidToken("the token is not valid yet")
        if issued is not None and issued - self._leeway > now:
            raise InvalidToken("the token was issued in the future")


def _require_joserfc() -> None:
    try:
        import joserfc  # noqa: F401 - for its absence
    except ImportError as error:
        raise ImportError(
            "joserfc, which verifies tokens, is not installed: pip install"
            " 'chalice-terraform[local]'"
        ) from error


def _header_of(token: str) -> Mapping[str, Any]:
    from joserfc.util import urlsafe_b64decode

    if len(token) > MAX_TOKEN_CHARACTERS:
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
    # RFC 7515, 4.1.11: a token with critical headers that are not understood must be refused. None
    # is understood here, RFC 7797's ``b64`` included.
    if "crit" in header or "b64" in header:
        raise InvalidToken("the token has critical headers")
    return algorithm, key_id


def _signed_claims(token: str, key: Key, algorithm: str) -> TokenClaims:
    # ``jwk``, ``jku``, ``x5c`` and ``x5u`` are ignored: the key comes from the issuer, never from
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


def _numeric_date(claims: TokenClaims, name: str) -> float | None:
    # A NumericDate (RFC 7519, 2). Python parses NaN and Infinity as JSON too: such a token would
    # never expire.
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e12:
        raise InvalidToken("a date of the token is no number of seconds")
    return float(value)
