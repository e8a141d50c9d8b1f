"""An issuer of tokens, without a server or with one, and its keys."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey


def new_keys() -> KeySet:
    """Return a new RSA key for RS256 and a new P-256 key for ES256, each with a random key id."""
    rsa: KeyParameters = {"kid": secrets.token_urlsafe(8), "alg": "RS256", "use": "sig"}
    ec: KeyParameters = {"kid": secrets.token_urlsafe(8), "alg": "ES256", "use": "sig"}
    return KeySet([RSAKey.generate_key(2048, rsa), ECKey.generate_key("P-256", ec)])


@dataclass
class Issuer:
    """An issuer: its documents, and its tokens for ``audience`` by the clock ``clock``.

    The first of ``keys`` for ``algorithm`` signs; all are published.
    """

    issuer: str
    keys: KeySet
    audience: str
    clock: Callable[[], float] = time.time
    algorithm: str = "RS256"

    def discovery(self) -> dict[str, Any]:
        """Return the metadata of OpenID Connect Discovery 1.0."""
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/.well-known/jwks.json"}

    def key_set(self) -> dict[str, Any]:
        """Return the public keys as a JWK Set (RFC 7517)."""
        return {"keys": [key.as_dict(private=False) for key in self.keys.keys]}

    def issue(self, client_id: str, audience: str, /, **claims: Any) -> str:
        """Return a signed access token for a client.

        ``claims`` add to its claims or replace them; one that is None is left out.
        """
        now = int(self.clock())
        standard = {
            "iss": self.issuer,
            "sub": client_id,
            "aud": audience,
            "exp": now + 3600,
            "iat": now,
            "jti": secrets.token_urlsafe(16),
            "client_id": client_id,
        }
        stated = {k: v for k, v in {**standard, **claims}.items() if v is not None}
        key = next(key for key in self.keys.keys if key.get("alg") == self.algorithm)
        header = {"alg": self.algorithm, "kid": key.kid, "typ": "at+jwt"}
        return jwt.encode(header, stated, key, algorithms=[self.algorithm])


@contextmanager
def running_issuer(audience: str) -> Iterator[Issuer]:
    """Serve an issuer's documents on a free port of loopback until the block ends."""
    served: list[Issuer] = []

    class Documents(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            documents = {
                "/.well-known/openid-configuration": served[0].discovery,
                "/.well-known/jwks.json": served[0].key_set,
            }
            body = json.dumps(documents[self.path]()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Documents)
    served.append(Issuer(f"http://127.0.0.1:{server.server_port}", new_keys(), audience))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
