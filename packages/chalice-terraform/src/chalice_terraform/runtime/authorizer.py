"""The declaration of who may call a route, made once, on the Chalice route.

``chalice-terraform`` makes API Gateway's JWT authorizer and the route's scopes of it, and
``enforcement`` the check where there is no API Gateway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Authorizer

if TYPE_CHECKING:
    from collections.abc import Sequence


class JWTAuthorizer(Authorizer):
    """Declares that a Chalice route requires an access token: ``authorizer=JWTAuthorizer(...)``.

    ``name`` is the authorizer's name in API Gateway; authorizers of the same name must agree on
    issuer and audience. ``issuer`` and the entries of ``audience`` are plain strings, or Terraform
    references such as ``${var.jwt_issuer}`` while the application is packaged; they are passed on
    unchanged. A token must have one of ``scopes``; if there are none, any valid token will do.
    """

    def __init__(
        self, name: str, issuer: str, audience: Sequence[str], scopes: Sequence[str] = ()
    ) -> None:
        if isinstance(audience, str) or isinstance(scopes, str):
            raise TypeError("audience and scopes are lists of strings, not a string")
        self.name = name
        self.issuer = issuer
        self.audience = tuple(audience)
        self.scopes = list(scopes)

    def with_scopes(self, scopes: list[str]) -> JWTAuthorizer:
        """Return the same authorizer for a route that requires one of these scopes instead."""
        return JWTAuthorizer(self.name, self.issuer, self.audience, scopes)

    def to_swagger(self) -> dict[str, Any]:
        """Return the security scheme, with API Gateway's OpenAPI extension for HTTP APIs.

        See AWS, "x-amazon-apigateway-authorizer object", the example for a JWT authorizer. Chalice
        writes one scheme per name: if several routes use the same name with different scopes, the
        scheme has those of the last route. Each route's own scopes are in its ``security``.
        """
        return {
            "type": "oauth2",
            "scopes": {scope: scope for scope in self.scopes},
            "x-amazon-apigateway-authorizer": {
                "type": "jwt",
                "jwtConfiguration": {"issuer": self.issuer, "audience": list(self.audience)},
                "identitySource": "$request.header.Authorization",
            },
        }
