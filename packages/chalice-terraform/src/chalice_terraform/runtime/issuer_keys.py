"""The public keys of a token issuer: discovered, cached, and fetched again when they rotate.

Importing this module is cheap: joserfc (with cryptography under it) and ``urllib.request`` are
loaded by the first fetch. An application behind API Gateway never gets there.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .claims import IdentityUnavailable, InvalidToken

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

    Key = RSAKey | ECKey

Fetch = Callable[[str], bytes]
"""GET a URL and return the body of a 200; raises ``IdentityUnavailable`` for anything else."""

UnixTime = Callable[[], float]
"""The current time, in seconds since 1970 UTC."""

# Asymmetric only, and bound to a key type: a public key can never be mistaken for an HMAC secret,
# and ``none`` is not among them.
_ALGORITHM_OF_KEY_TYPE = {"RSA": "RS256", "EC": "ES256"}
ALGORITHMS = frozenset(_ALGORITHM_OF_KEY_TYPE.values())

MAX_DOCUMENT_BYTES = 1 << 20  # of a discovery document or a key set
MIN_RSA_KEY_BITS = 2048  # RFC 7518, 3.3
FETCH_TIMEOUT_SECONDS = 3.0
KEYS_LIFETIME_SECONDS = 3600.0  # API Gateway may keep keys for two hours
REFRESH_INTERVAL_SECONDS = 10.0  # between two fetches that unknown key ids may cause
RETRY_INTERVAL_SECONDS = 1.0  # between a failed fetch and the next one


class IssuerKeys:
    """The public keys of an issuer, found by OpenID Connect Discovery 1.0 and cached for an hour.

    An unknown key id causes the key set to be fetched again, which is how a rotation is detected,
    but at most once in ten seconds. In between, tokens with unknown key ids are refused without a
    fetch, so a flood of invented ids does not burden the issuer, and tokens with known key ids
    remain valid. Safe to share between threads; one of them fetches.
    """

    def __init__(self, issuer: str, *, fetch: Fetch, clock: UnixTime) -> None:
        self._issuer = checked_url(issuer)
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[tuple[str, str], Key] = {}
        self._fetched_at = -math.inf
        self._jwks_uri: str | None = None
        self._tried_at = -math.inf
        self._last_try_failed = False

    def get(self, key_id: str, algorithm: str) -> Key:
        """Return the key with this id.

        Raises ``InvalidToken`` if the issuer has no such key, ``IdentityUnavailable`` if it is not
        known whether it has.
        """
        key = self._known(key_id, algorithm)
        if key is None:
            with self._lock:
                self._refresh()
            key = self._known(key_id, algorithm)
        if key is None:
            raise InvalidToken("no key of the issuer has this key id")
        return key

    def _known(self, key_id: str, algorithm: str) -> Key | None:
        return self._keys.get((key_id, algorithm)) if self._fresh() else None

    def _fresh(self) -> bool:
        return abs(self._clock() - self._fetched_at) < KEYS_LIFETIME_SECONDS

    def _refresh(self) -> None:
        now = self._clock()
        # abs: a wall clock that is set back must not prevent refreshes until it has caught up.
        since_last_try = abs(now - self._tried_at)
        if self._last_try_failed and since_last_try < RETRY_INTERVAL_SECONDS:
            raise IdentityUnavailable(f"a request to the issuer {self._issuer} failed a moment ago")
        if not self._last_try_failed and since_last_try < REFRESH_INTERVAL_SECONDS:
            return
        self._last_try_failed = True
        # Cleared until the fetch has succeeded: after a failure, the keys are discovered again.
        known_uri, self._jwks_uri = self._jwks_uri, None
        try:
            jwks_uri = known_uri if known_uri and self._fresh() else self._discover()
            # Readers take no lock, so the order matters: never old keys with a new time.
            self._keys = _usable_keys(self._document(jwks_uri))
            self._fetched_at, self._jwks_uri, self._last_try_failed = now, jwks_uri, False
        finally:
            # The time of the end counts: threads that waited while the issuer hung must not each
            # try it again.
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
            raise IdentityUnavailable(f"{url} is not a usable JSON document") from error
        if not isinstance(document, dict):
            raise IdentityUnavailable(f"{url} is not a JSON object")
        return document


def fetch_document(url: str) -> bytes:
    """Fetch a document with urllib; this is a ``Fetch``.

    Each step may take three seconds; the body may have 1 MiB; redirects are not followed. A proxy
    of the environment is used, except for loopback.
    """
    from http.client import HTTPException
    from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

    class Refuse(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None  # makes a 3xx an HTTPError: a redirect might lead away from https

    try:
        local = _is_loopback(urlsplit(checked_url(url)).hostname)
        opener = build_opener(Refuse, ProxyHandler({} if local else None))
        with opener.open(url, timeout=FETCH_TIMEOUT_SECONDS) as response:
            body: bytes = response.read(MAX_DOCUMENT_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise IdentityUnavailable(f"no response from {url}: {error}") from error
    if len(body) > MAX_DOCUMENT_BYTES:
        raise IdentityUnavailable(f"{url} is larger than {MAX_DOCUMENT_BYTES} bytes")
    return body


def checked_url(url: str) -> str:
    """Return ``url`` if it is https, or http to this machine; raise ``ValueError`` otherwise.

    Over plain http, an attacker on the network could substitute keys of their own.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and _is_loopback(parts.hostname):
        return url
    raise ValueError(f"{url!r} must be an https URL (http is for 127.0.0.1 and localhost)")


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _usable_keys(key_set: Mapping[str, Any]) -> Mapping[tuple[str, str], Key]:
    # RFC 7517, 5: entries of a JWK Set that are not understood are ignored.
    entries = key_set.get("keys")
    found = [_usable_key(entry) for entry in entries] if isinstance(entries, list) else []
    keys = dict(filter(None, found))
    if not keys:
        raise IdentityUnavailable("the issuer publishes no key for RS256 or ES256")
    return keys


def _usable_key(entry: object) -> tuple[tuple[str, str], Key] | None:
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


def _imported(entry: Mapping[str, Any]) -> Key | None:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    try:
        if entry["kty"] == "RSA":
            rsa = RSAKey.import_key({"kty": "RSA", "n": entry["n"], "e": entry["e"]})
            return rsa if rsa.public_key.key_size >= MIN_RSA_KEY_BITS else None
        if entry["crv"] != "P-256":
            return None
        return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": entry["x"], "y": entry["y"]})
    except (JoseError, KeyError, TypeError, ValueError):
        return None
