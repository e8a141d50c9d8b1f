"""The public keys of a token issuer: discovered, kept, and fetched again when they rotate.

Importing this module costs nothing heavy: joserfc (with cryptography under it) and urllib.request
are loaded by the first fetch. An application behind API Gateway never gets there.
"""

import ipaddress
import json
import math
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.adapters.http.claims import InvalidToken

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

    Key = RSAKey | ECKey

Fetch = Callable[[str], bytes]
"""GET a URL: returns the body of a 200; raises IdentityUnavailable for all else."""

Clock = Callable[[], float]
"""Now, in seconds since 1970 UTC."""

# Asymmetric only, and bound to a key type: a public key can never be taken for an HMAC secret, and
# `none` has no row.
_ALGORITHM_OF_KEY_TYPE = {"RSA": "RS256", "EC": "ES256"}
ALGORITHMS = frozenset(_ALGORITHM_OF_KEY_TYPE.values())

_LARGEST_DOCUMENT = 1 << 20  # bytes of a discovery document or a key set
_FETCH_TIMEOUT = 3.0  # seconds
_KEYS_LIVE = 3600.0  # seconds; API Gateway may keep keys for two hours
_BETWEEN_REFRESHES = 10.0  # seconds from one key set to the next that an unknown kid may ask for
_BETWEEN_FAILURES = 1.0  # seconds that an issuer who did not answer is left alone


class IdentityUnavailable(Exception):
    """The issuer's keys cannot be had, so no token can be judged, and nobody gets in."""


class IssuerKeys:
    """The public keys of an issuer, found by OpenID Connect Discovery 1.0 and kept for an hour.

    A key id that is not among them makes the set be fetched again: that is how a rotation is
    noticed. It may do so once in ten seconds; in between, tokens with unknown key ids are refused
    without a fetch, so a flood of invented ids costs the issuer nothing and stops nobody whose key
    is known. Safe to share between threads; one of them fetches.
    """

    def __init__(self, issuer: str, *, fetch: Fetch, clock: Clock) -> None:
        self._issuer = checked_url(issuer)
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[tuple[str, str], Key] = {}
        self._keys_from = -math.inf
        self._jwks_uri: str | None = None
        self._tried_at = -math.inf
        self._last_try_failed = False

    def get(self, key_id: str, algorithm: str) -> "Key":
        """The key with this id. Raises InvalidToken (no such key) or IdentityUnavailable."""
        key = self._known(key_id, algorithm)
        if key is None:
            with self._lock:
                self._refresh()
            key = self._known(key_id, algorithm)
        if key is None:
            raise InvalidToken("no key of the issuer has this key id")
        return key

    def _known(self, key_id: str, algorithm: str) -> "Key | None":
        return self._keys.get((key_id, algorithm)) if self._fresh() else None

    def _fresh(self) -> bool:
        return abs(self._clock() - self._keys_from) < _KEYS_LIVE

    def _refresh(self) -> None:
        now = self._clock()
        # abs: a wall clock that is set back must not stop refreshes until it has caught up.
        since_last_try = abs(now - self._tried_at)
        if self._last_try_failed and since_last_try < _BETWEEN_FAILURES:
            raise IdentityUnavailable(f"the issuer {self._issuer} did not answer a moment ago")
        if not self._last_try_failed and since_last_try < _BETWEEN_REFRESHES:
            return
        self._last_try_failed = True
        # Forgotten until the fetch has worked: after a failure, discovery says where the keys are.
        known_uri, self._jwks_uri = self._jwks_uri, None
        try:
            jwks_uri = known_uri if known_uri and self._fresh() else self._discover()
            # The order matters to readers without the lock: never old keys with a new date.
            self._keys = _usable_keys(self._document(jwks_uri))
            self._keys_from, self._jwks_uri, self._last_try_failed = now, jwks_uri, False
        finally:
            # The end counts: threads that waited for an issuer that hangs must not each try it.
            self._tried_at = self._clock()

    def _discover(self) -> str:
        document = self._document(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        if document.get("issuer") != self._issuer:  # OpenID Connect Discovery 1.0, 4.3
            raise IdentityUnavailable(
                f"the discovery document of {self._issuer} names another issuer"
            )
        jwks_uri = document.get("jwks_uri")
        if not isinstance(jwks_uri, str):
            raise IdentityUnavailable(f"the discovery document of {self._issuer} names no jwks_uri")
        try:
            return checked_url(jwks_uri)
        except ValueError as error:
            raise IdentityUnavailable(str(error)) from error

    def _document(self, url: str) -> Mapping[str, Any]:
        try:
            document = json.loads(self._fetch(url))
        except (ValueError, RecursionError) as error:
            raise IdentityUnavailable(f"{url} is no usable JSON document") from error
        if not isinstance(document, dict):
            raise IdentityUnavailable(f"{url} is no JSON object")
        return document


def fetch_document(url: str) -> bytes:
    """A Fetch over urllib. Three seconds a step, 1 MiB at most, no redirect is followed."""
    from http.client import HTTPException
    from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

    class Refuse(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None  # a 3xx is then an HTTPError: a redirect might leave https

    try:
        local = is_loopback(urlsplit(checked_url(url)).hostname)
        opener = build_opener(Refuse, ProxyHandler({} if local else None))
        with opener.open(url, timeout=_FETCH_TIMEOUT) as answer:
            body: bytes = answer.read(_LARGEST_DOCUMENT + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise IdentityUnavailable(f"no answer from {url}: {error}") from error
    if len(body) > _LARGEST_DOCUMENT:
        raise IdentityUnavailable(f"{url} is larger than {_LARGEST_DOCUMENT} bytes")
    return body


def checked_url(url: str) -> str:
    """`url`, if it is https, or http to this machine; else ValueError.

    Who can read and change what is on an open line could hand out keys of their own.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and is_loopback(parts.hostname):
        return url
    raise ValueError(f"{url!r} must be an https URL (http is for 127.0.0.1 and localhost)")


def is_loopback(host: str | None) -> bool:
    """Whether a URL's host is this machine: localhost or an address of its loopback interface."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _usable_keys(key_set: Mapping[str, Any]) -> "Mapping[tuple[str, str], Key]":
    # RFC 7517, 5: what a JWK Set holds besides what we understand is passed over.
    entries = key_set.get("keys")
    found = [_usable_key(entry) for entry in entries] if isinstance(entries, list) else []
    keys = dict(filter(None, found))
    if not keys:
        raise IdentityUnavailable("the issuer publishes no key for RS256 or ES256")
    return keys


def _usable_key(entry: object) -> "tuple[tuple[str, str], Key] | None":
    if not isinstance(entry, dict):
        return None
    algorithm = _ALGORITHM_OF_KEY_TYPE.get(str(entry.get("kty")))
    key_id = entry.get("kid")
    if algorithm is None or not isinstance(key_id, str):
        return None
    if entry.get("alg", algorithm) != algorithm or entry.get("use", "sig") != "sig":
        return None
    key = _imported(entry)
    return ((key_id, algorithm), key) if key is not None else None


def _imported(entry: Mapping[str, Any]) -> "Key | None":
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    try:
        if entry["kty"] == "RSA":
            rsa = RSAKey.import_key({"kty": "RSA", "n": entry["n"], "e": entry["e"]})
            return rsa if rsa.public_key.key_size >= 2048 else None  # RFC 7518, 3.3
        if entry["crv"] != "P-256":
            return None
        return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": entry["x"], "y": entry["y"]})
    except (JoseError, KeyError, TypeError, ValueError):
        return None
