"""The declaration of who may call a route, made once, on the Chalice route.

API Gateway's authorizer and route scopes (see ``chalice-terraform``), the OpenAPI document's
security and the check in ``middleware.py`` are all made from it.
"""

from collections.abc import Sequence
from typing import Any

from chalice.app import Authorizer


class JwtAuthorizer(Authorizer):
    """Declares that a Chalice route requires an access token: ``authorizer=JwtAuthorizer(...)``.

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

    def with_scopes(self, scopes: list[str]) -> "JwtAuthorizer":
        """Return the same authorizer for a route that requires one of these scopes instead."""
        return JwtAuthorizer(self.name, self.issuer, self.audience, scopes)

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
