"""Tokens that must be refused, each with the reason that is logged.

``forged(provider, stranger)`` creates them against an issuer; ``stranger`` is another issuer, whose
keys have the same ids.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, Key, KeyParameters, KeySet, RSAKey

from harness.issuer import Issuer

MALFORMED = "the token is malformed"
SEGMENTS = "token contains an invalid number of segments"
METHOD = "the signing method is not RS256 or ES256"
SIGNATURE = "the signature is invalid"
UNKNOWN_KEY = "no key of the issuer has this key id"
CRITICAL = "the token has critical headers"
NOT_A_NUMBER = "a date of the token is no number of seconds"
ISSUER = "issuer does not match"
AUDIENCE = "the token does not have a valid audience"


def stranger_to(provider: Issuer) -> Issuer:
    """Return an issuer that claims to be ``provider``: the same key ids, but keys of its own."""
    rsa, ec = _key(provider, "RS256"), _key(provider, "ES256")
    like_rsa: KeyParameters = {"kid": str(rsa.kid), "alg": "RS256"}
    like_ec: KeyParameters = {"kid": str(ec.kid), "alg": "ES256"}
    keys = KeySet([RSAKey.generate_key(2048, like_rsa), ECKey.generate_key("P-256", like_ec)])
    return replace(provider, keys=keys)


def forged(provider: Issuer, stranger: Issuer) -> dict[str, tuple[str, str]]:
    """Return the token and the reason of its refusal, by what is wrong with it."""
    now = provider.clock()
    rsa, ec = _key(provider, "RS256"), _key(provider, "ES256")
    good = issue(provider)
    head, payload, signature = good.split(".")
    claims: dict[str, Any] = json.loads(unpacked(payload))
    rs256 = {"alg": "RS256", "kid": rsa.kid}
    pem = RSAKey.import_key(rsa.as_dict(private=False)).as_pem(private=False)

    def header(**changed: Any) -> str:
        return signed({**rs256, **changed}, claims, rsa)

    return {
        "alg none": (f"{packed({'alg': 'none', 'kid': rsa.kid})}.{payload}.", METHOD),
        "alg none, with a signature": (
            f"{packed({'alg': 'none', 'kid': rsa.kid})}.{payload}.{signature}",
            METHOD,
        ),
        "alg NonE": (f"{packed({'alg': 'NonE', 'kid': rsa.kid})}.{payload}.", METHOD),
        "no alg": (f"{packed({'kid': rsa.kid})}.{payload}.{signature}", METHOD),
        "alg a list": (
            f"{packed({'alg': ['RS256'], 'kid': rsa.kid})}.{payload}.{signature}",
            METHOD,
        ),
        "HS256 with the public key (PEM)": (_hs256(rsa, claims, pem), METHOD),
        "HS256 with the public key (stripped PEM)": (_hs256(rsa, claims, pem.strip()), METHOD),
        "HS256 with the modulus": (_hs256(rsa, claims, str(rsa.as_dict()["n"]).encode()), METHOD),
        "PS256 with the right key": (header(alg="PS256"), METHOD),
        "RS512 with the right key": (header(alg="RS512"), METHOD),
        "ES256 with the RSA key's id": (
            signed({"alg": "ES256", "kid": rsa.kid}, claims, ec),
            UNKNOWN_KEY,
        ),
        "RS256 with the EC key's id": (
            signed({"alg": "RS256", "kid": ec.kid}, claims, rsa),
            UNKNOWN_KEY,
        ),
        "no kid": (signed({"alg": "RS256"}, claims, rsa), "the token names no key id"),
        "kid a number": (header(kid=7), "the token names no key id"),
        "wrong kid": (header(kid="another"), UNKNOWN_KEY),
        "kid a path": (header(kid="../../dev/null"), UNKNOWN_KEY),
        "another issuer's key of the same id": (issue(stranger), SIGNATURE),
        "another issuer's EC key of the same id": (
            issue(replace(stranger, algorithm="ES256")),
            SIGNATURE,
        ),
        "no signature": (f"{head}.{payload}.", SIGNATURE),
        "changed payload": (f"{head}.{packed({**claims, 'sub': 'root'})}.{signature}", SIGNATURE),
        "changed signature": (f"{head}.{payload}.{_flipped(signature)}", SIGNATURE),
        "signature of another token": (
            f"{head}.{payload}.{issue(provider).split('.')[2]}",
            SIGNATURE,
        ),
        "ES256 signature of zeros": (
            f"{packed({'alg': 'ES256', 'kid': ec.kid})}.{payload}.{'A' * 86}",
            SIGNATURE,
        ),
        "crit": (header(crit=["exp"], exp=1), CRITICAL),
        "crit b64": (header(crit=["b64"], b64=False), CRITICAL),
        "crit empty": (header(crit=[]), CRITICAL),
        "b64 without crit": (header(b64=False), CRITICAL),
        "its own key in jwk": (
            _with_own_key(stranger, claims, jwk=_key(stranger, "RS256").as_dict(private=False)),
            SIGNATURE,
        ),
        "its own key in jku": (
            _with_own_key(stranger, claims, jku="https://evil.test/jwks"),
            SIGNATURE,
        ),
        "its own key in x5u": (
            _with_own_key(stranger, claims, x5u="https://evil.test/x5u"),
            SIGNATURE,
        ),
        "jku and an unknown kid": (header(jku="https://evil.test/jwks", kid="x"), UNKNOWN_KEY),
        "expired": (issue(provider, exp=now - 3600), "the token has expired"),
        "expired beyond the leeway": (issue(provider, exp=now - 11), "the token has expired"),
        "no exp": (issue(provider, exp=None), "the token has no expiry"),
        "exp a string": (issue(provider, exp=str(now + 3600)), NOT_A_NUMBER),
        "exp true": (issue(provider, exp=True), NOT_A_NUMBER),
        "exp NaN": (issue(provider, exp=float("nan")), NOT_A_NUMBER),
        "exp Infinity": (issue(provider, exp=float("inf")), NOT_A_NUMBER),
        "exp with 4,000 digits": (issue(provider, exp=10**4000), NOT_A_NUMBER),
        "not yet valid": (issue(provider, nbf=now + 60), "the token is not valid yet"),
        "nbf a list": (issue(provider, nbf=[now]), NOT_A_NUMBER),
        "issued in the future": (
            issue(provider, iat=now + 60),
            "the token was issued in the future",
        ),
        "wrong iss": (issue(provider, iss="https://another.test"), ISSUER),
        "iss with a trailing slash": (issue(provider, iss=provider.issuer + "/"), ISSUER),
        "iss a list": (issue(provider, iss=[provider.issuer]), ISSUER),
        "no iss": (issue(provider, iss=None), ISSUER),
        "wrong aud": (issue(provider, aud="other-api"), AUDIENCE),
        "aud a part of ours": (issue(provider, aud=provider.audience[:-1]), AUDIENCE),
        "aud of others": (issue(provider, aud=["other-api", "third-api"]), AUDIENCE),
        "aud empty": (issue(provider, aud=[]), AUDIENCE),
        "wrong aud, matching client_id": (
            issue(provider, aud="other-api", client_id=provider.audience),
            AUDIENCE,
        ),
        "aud empty, matching client_id": (
            issue(provider, aud=[], client_id=provider.audience),
            AUDIENCE,
        ),
        "neither aud nor client_id": (issue(provider, aud=None, client_id=None), AUDIENCE),
        "claims a list": (signed(rs256, ["iss"], rsa), MALFORMED),
        "claims not JSON": (jws.serialize_compact(rs256, b"{", _key(provider, "RS256")), MALFORMED),
        "garbage": ("garbage", SEGMENTS),
        "two segments": (f"{head}.{payload}", SEGMENTS),
        "encrypted (five segments)": (f"{head}..{payload}.{payload}.{signature}", SEGMENTS),
        "only dots": ("..", MALFORMED),
        "header not JSON": (f"{packed('x')[:-2]}.{payload}.{signature}", MALFORMED),
        "header a list": (f"{packed([])}.{payload}.{signature}", MALFORMED),
        "header deeply nested": (f"{packed_bytes(b'[' * 7000)}.{payload}.{signature}", MALFORMED),
        "header not ASCII": (f"é.{payload}.{signature}", MALFORMED),
        "too long": (f"{good}{'A' * 10_240}", "the token is too long"),
    }


def issue(provider: Issuer, **claims: Any) -> str:
    """Return a token as the issuer itself creates it, with the scope that the tests require."""
    return provider.issue("tester", provider.audience, **{"scope": "orders:write", **claims})


def signed(header: Mapping[str, Any], claims: Any, key: Key) -> str:
    """Return a token with a valid signature over any header and claims."""
    alg = jws.JWSRegistry.algorithms[str(header["alg"])]
    signing_input = f"{packed(dict(header))}.{packed(claims)}"
    return f"{signing_input}.{packed_bytes(alg.sign(signing_input.encode(), key))}"


def packed(value: Any) -> str:
    """Return base64url(JSON)."""
    return packed_bytes(json.dumps(value).encode())


def packed_bytes(value: bytes) -> str:
    """Return base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unpacked(segment: str) -> bytes:
    """Return what ``packed_bytes`` encoded."""
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _key(provider: Issuer, algorithm: str) -> Key:
    return next(key for key in provider.keys.keys if key.get("alg") == algorithm)


def _hs256(rsa: Key, claims: Any, secret: bytes) -> str:
    signing_input = f"{packed({'alg': 'HS256', 'kid': rsa.kid})}.{packed(claims)}"
    mac = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
    return f"{signing_input}.{packed_bytes(mac)}"


def _with_own_key(stranger: Issuer, claims: Any, **header: Any) -> str:
    key = _key(stranger, "RS256")
    return signed({"alg": "RS256", "kid": key.kid, **header}, claims, key)


def _flipped(signature: str) -> str:
    return ("B" if signature[0] == "A" else "A") + signature[1:]
