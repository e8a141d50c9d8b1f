"""An access token of the running development identity provider, printed alone.

``python -m apps.local.token --scope "books:write"``; without the option, the environment's SCOPE.
JWT_ISSUER says where the provider is (default http://127.0.0.1:8002).
"""

import argparse
import json
import os
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from chalice_terraform.runtime.claims import IdentityUnavailable
from chalice_terraform.runtime.issuer_keys import checked_url, fetch_document
from core.config import DEFAULT_ISSUER
from core.loopback import is_loopback


class NoToken(Exception):
    """No token can be obtained; the message names the cause and the remedy."""


def fetch_token(
    issuer: str,
    scope: str,
    *,
    audience: str | None = None,
    client_id: str = "local",
    client_secret: str | None = None,
) -> str:
    """Return an access token by the client credentials grant.

    ``scope`` is separated by spaces; "" asks for none. The development provider takes any secret.
    Raise NoToken.
    """
    try:
        endpoint = find_token_endpoint(issuer)
    except NoToken as error:
        raise NoToken(f"{error}. Is the identity provider running? Start it: make run") from error
    asked = {"scope": scope, "audience": audience, "client_id": client_id}
    form = {"grant_type": "client_credentials", **{k: v for k, v in asked.items() if v}}
    form["client_secret"] = client_secret or "any"
    token = _object(_post(endpoint, form)).get("access_token")
    if not isinstance(token, str):
        raise NoToken(f"{issuer} responded without an access token")
    return token


def find_token_endpoint(issuer: str) -> str:
    """Return the URL of the issuer's token endpoint, found by discovery. Raise NoToken."""
    try:
        found = _object(fetch_document(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
        endpoint = found.get("token_endpoint")
        if not isinstance(endpoint, str):
            raise NoToken(f"{issuer} names no token endpoint")
        return checked_url(endpoint)
    except (IdentityUnavailable, ValueError) as error:
        raise NoToken(str(error)) from error


def _post(url: str, form: dict[str, str]) -> bytes:
    try:
        request = Request(url, urlencode(form).encode())
        proxies = ProxyHandler({} if is_loopback(urlsplit(url).hostname) else None)
        with build_opener(proxies).open(request, timeout=5) as response:
            body: bytes = response.read()
            return body
    except HTTPError as error:
        refusal = _object(error.read())
        raise NoToken(
            f"{url} refused: {refusal.get('error')}: {refusal.get('error_description')}"
        ) from error
    except (OSError, ValueError) as error:
        raise NoToken(f"no response from {url}: {error}") from error


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise NoToken("the identity provider's response is not JSON") from error
    if not isinstance(document, dict):
        raise NoToken("the identity provider's response is not a JSON object")
    return document


def main() -> None:
    """Print the token, or exit with 1 and a line on stderr."""
    environment = dict(os.environ)
    parser = argparse.ArgumentParser(prog="python -m apps.local.token", description=__doc__)
    parser.add_argument("--scope", default=environment.get("SCOPE", ""))
    parser.add_argument("--audience", help="default: the provider's own, JWT_AUDIENCE")
    parser.add_argument("--client-id", default="local", help="becomes the token's subject")
    options = parser.parse_args()
    issuer = environment.get("JWT_ISSUER", DEFAULT_ISSUER)
    try:
        token = fetch_token(
            issuer, options.scope, audience=options.audience, client_id=options.client_id
        )
    except NoToken as error:
        sys.exit(str(error))
    print(token)


if __name__ == "__main__":
    main()
