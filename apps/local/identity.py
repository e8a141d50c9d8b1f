"""A development OpenID provider: discovery, keys, tokens for anybody. NEVER for production.

``python -m apps.local.identity`` serves it on 127.0.0.1 (IDENTITY_PORT, default 8002). Any client
id with any secret gets a JWT access token (RFC 9068) with the scope and audience that it asks for,
by the client credentials grant (RFC 6749, 4.4). The keys are kept in ``.local/``, so that tokens
outlive a restart.

Why not a package: oidc-provider-mock (0.3.4) has no client credentials grant, and its access tokens
are opaque. Authlib (1.9) makes such tokens, but brings Flask and leaves clients, keys, discovery
and the key set to be written, which is more than what is below.
"""

import argparse
import base64
import binascii
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from joserfc import jwt
from joserfc.jwk import KeySet

from apps.local.endpoints import HOST, IDENTITY_PORT
from apps.local.http_messages import Request, Response, for_this_machine, handled_as_messages
from apps.local.http_server import BoundedServer, Bounds, listen, serve_until_signal
from apps.local.identity_keys import KEY_FILE, kept_keys
from core.config import PROJECT_NAME
from core.loopback import is_loopback

TOKEN_LIFETIME_SECONDS = 3600

_MAX_BODY_BYTES = 16_384
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")  # RFC 6749, 3.3
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749, 5.1


class TokenRefused(Exception):
    """An error response of the token endpoint (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True)
class Provider:
    """The issuer at the URL ``issuer``.

    The first of ``keys`` for ``algorithm`` signs; all are published.

    ``audience`` is for requests that name none. ``clock`` returns seconds since 1970 UTC.
    """

    issuer: str
    keys: KeySet
    audience: str
    clock: Callable[[], float] = time.time
    algorithm: str = "RS256"

    def discovery(self) -> dict[str, Any]:
        """Return the metadata of OpenID Connect Discovery 1.0 (also RFC 8414)."""
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/.well-known/jwks.json",
            "token_endpoint": f"{self.issuer}/token",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def key_set(self) -> dict[str, Any]:
        """Return the public keys as a JWK Set (RFC 7517)."""
        return {"keys": [key.as_dict(private=False) for key in self.keys.keys]}

    def token(self, form: str, authorization: str | None) -> dict[str, Any]:
        """Return the response to a token request with the body ``form``.

        Parameters are ``grant_type``, ``scope``, ``audience`` and, without the Authorization
        header, ``client_id`` and ``client_secret``. Raise TokenRefused.
        """
        parameters = _parameters(form)
        client_id = _client_id(parameters, authorization)
        grant = parameters.get("grant_type")
        if grant is None:
            raise TokenRefused("invalid_request", "grant_type is missing")
        if grant != "client_credentials":
            raise TokenRefused("unsupported_grant_type", "grant_type must be client_credentials")
        scope = parameters.get("scope")
        if scope is not None and not _SCOPE.fullmatch(scope):
            raise TokenRefused("invalid_scope", "scope is a list of words with one space between")
        granted = {} if scope is None else {"scope": scope}
        access_token = self.issue(client_id, parameters.get("audience", self.audience), **granted)
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFETIME_SECONDS,
            **granted,
        }

    def issue(self, client_id: str, audience: str, /, **claims: Any) -> str:
        """Return a signed access token (RFC 9068) for a client.

        ``claims`` add to its claims or replace them; one that is None is left out.
        """
        now = int(self.clock())
        standard = {
            "iss": self.issuer,
            "sub": client_id,
            "aud": audience,
            "exp": now + TOKEN_LIFETIME_SECONDS,
            "iat": now,
            "jti": secrets.token_urlsafe(16),
            "client_id": client_id,
        }
        stated = {k: v for k, v in {**standard, **claims}.items() if v is not None}
        key = next(key for key in self.keys.keys if key.get("alg") == self.algorithm)
        header = {"alg": self.algorithm, "kid": key.kid, "typ": "at+jwt"}
        return jwt.encode(header, stated, key, algorithms=[self.algorithm])


def identity_server(
    port: int, provider_at: Callable[[str], Provider], *, host: str = HOST
) -> tuple[BoundedServer, Provider]:
    """Return a server, to be started with ``serve``, and its provider; port 0 takes a free port.

    ``provider_at`` makes the provider for the server's URL. Raise ValueError unless ``host`` is
    this machine, and OSError when the port is taken.
    """
    if not is_loopback(host):
        raise ValueError(f"the development identity provider listens on loopback only, not {host}")
    listener = listen(host, port)
    name = f"[{host}]" if ":" in host else host
    provider = provider_at(f"http://{name}:{listener.getsockname()[1]}")
    respond = handled_as_messages(for_this_machine(partial(_respond, provider)))
    return BoundedServer(listener, respond, Bounds(body_bytes=_MAX_BODY_BYTES)), provider


def _respond(provider: Provider, request: Request) -> Response:
    response = _response(provider, request)
    # Without the query: secrets end up there by mistake.
    print(f"{request.method} {request.path} {response.status}", file=sys.stderr, flush=True)
    return response


def _response(provider: Provider, request: Request) -> Response:
    match request.method, request.path:
        case (("GET" | "HEAD"), "/.well-known/openid-configuration"):
            return _json(200, provider.discovery())
        case (("GET" | "HEAD"), "/.well-known/jwks.json"):
            return _json(200, provider.key_set())
        case "POST", "/token":
            return _token_response(provider, request)
        case _:
            return _json(404, {"error": "not_found"})


def _token_response(provider: Provider, request: Request) -> Response:
    try:
        granted = provider.token(_form(request), request.headers.get("authorization"))
    except TokenRefused as refused:
        body = {"error": refused.error, "error_description": refused.description}
        basic = {"WWW-Authenticate": "Basic"} if refused.status == 401 else {}
        return _json(refused.status, body, {**_NO_STORE, **basic})
    return _json(200, granted, _NO_STORE)


def _form(request: Request) -> str:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise TokenRefused("invalid_request", "send application/x-www-form-urlencoded")
    if len(request.body) > _MAX_BODY_BYTES:
        raise TokenRefused("invalid_request", f"send a body of at most {_MAX_BODY_BYTES} bytes")
    return request.body.decode("utf-8", "replace")


def _json(
    status: int, document: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    fields = {"Content-Type": "application/json", **(headers or {})}
    return Response(status, tuple(fields.items()), json.dumps(document).encode())


def _parameters(form: str) -> dict[str, str]:
    """Return the parameters (RFC 6749, 3.2).

    One without a value is absent, and none may be repeated.
    """
    try:
        fields = parse_qs(form, keep_blank_values=False, max_num_fields=50)
    except ValueError as error:
        raise TokenRefused("invalid_request", "too many parameters") from error
    for name, values in fields.items():
        if len(values) > 1:
            raise TokenRefused("invalid_request", f"{name[:40]!a} is given more than once")
    return {name: values[0] for name, values in fields.items()}


def _client_id(parameters: Mapping[str, str], authorization: str | None) -> str:
    """Return who asks (RFC 6749, 2.3.1). Any id and any secret will do, but an id is required."""
    client_id = parameters.get("client_id")
    if authorization is not None:
        if "client_secret" in parameters:
            raise TokenRefused("invalid_request", "authenticate in one way: header or body")
        client_id = _basic_user(authorization)
    if not client_id:
        raise TokenRefused("invalid_client", "send a client_id: any will do", status=401)
    return client_id


def _basic_user(authorization: str) -> str | None:
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return unquote_plus(decoded.partition(":")[0]) if scheme.lower() == "basic" else None


def _options(environment: Mapping[str, str]) -> argparse.Namespace:
    port = environment.get("IDENTITY_PORT", str(IDENTITY_PORT))
    parser = argparse.ArgumentParser(prog="python -m apps.local.identity", description=__doc__)
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--host", default=HOST, help="a loopback address")
    parser.add_argument("--audience", default=environment.get("JWT_AUDIENCE", PROJECT_NAME))
    parser.add_argument("--algorithm", choices=["RS256", "ES256"], default="RS256")
    parser.add_argument("--key-file", type=Path, default=KEY_FILE)
    return parser.parse_args()


def main() -> None:
    """Serve until SIGINT or SIGTERM. Exit with 1 and the cause when it cannot start."""
    options = _options(os.environ)
    try:
        keys = kept_keys(options.key_file)
        server, provider = identity_server(
            options.port,
            lambda url: Provider(url, keys, options.audience, algorithm=options.algorithm),
            host=options.host,
        )
    except (OSError, OverflowError, ValueError) as error:
        where = f"{options.host}:{options.port} (IDENTITY_PORT names another port)"
        sys.exit(f"The identity provider cannot start on {where}: {error}")
    print(
        f"DEVELOPMENT identity provider at {provider.issuer}: it issues tokens to anybody "
        "who asks. Never use it, or its keys, beyond this machine.",
        file=sys.stderr,
        flush=True,
    )
    serve_until_signal(server)


if __name__ == "__main__":
    main()
