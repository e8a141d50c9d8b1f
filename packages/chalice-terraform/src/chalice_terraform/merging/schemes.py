"""The security schemes that an app's ``securityDefinitions`` declare: one for each authorizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from .model import JsonObject, Problems, Where

_INSTEAD = "use one of Chalice's, or a JWTAuthorizer"
_EXTENSION = "x-amazon-apigateway-authorizer"
_REST_CACHE_SECONDS = 300  # API Gateway's own default for a REST API's authorizer

_LAMBDA = {
    "type",
    "authorizerCredentials",
    "authorizerResultTtlInSeconds",
    "authorizerUri",
    "identitySource",
    "identityValidationExpression",
}

# REST APIs and HTTP APIs name identity sources differently: see "x-amazon-apigateway-authorizer
# object" in the API Gateway developer guide.
_SELECTIONS = {
    "method.request.header.": "$request.header.",
    "method.request.querystring.": "$request.querystring.",
    "context.": "$context.",
    "stageVariables.": "$stageVariables.",
}


@dataclass(frozen=True)
class Iam:
    """The caller signs requests with AWS Signature Version 4."""


@dataclass(frozen=True)
class Jwt:
    """The caller has a token of this issuer for one of these audiences, read from ``source``."""

    issuer: str
    audience: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Cognito:
    """The caller has a token of one of these Cognito user pools, read from ``source``."""

    pools: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class LambdaFunction:
    """A Lambda function decides. ``credentials`` is the role that calls it, if one is set."""

    uri: str
    sources: tuple[str, ...]
    cache_seconds: int | str
    credentials: str | None


Scheme = Union[Iam, Jwt, Cognito, LambdaFunction]


def read_scheme(where: Where, definition: JsonObject, problems: Problems) -> Scheme | None:
    """Return the scheme in a security definition: ``None`` for an API key or one with a problem.

    Reports what an HTTP API cannot express, and what the merge does not know.
    """
    if definition.get("x-amazon-apigateway-authtype") == "awsSigv4":
        return Iam()
    extension = definition.get(_EXTENSION)
    if extension is None:
        if definition.get("name") != "x-api-key":
            problems.add(
                where,
                f"the merge does not support this kind of authorizer; {_INSTEAD}",
            )
        return None
    header = f"$request.header.{definition.get('name', 'Authorization')}"
    kind = str(extension.get("type", "")).lower()
    if kind == "jwt":
        return _jwt(where, extension, problems)
    if kind == "cognito_user_pools":
        problems.add_unsupported(where, extension, {"type", "providerARNs"})
        return Cognito(tuple(extension.get("providerARNs", [])), header)
    if kind in ("token", "request"):
        return _lambda(where, extension, header, problems)
    problems.add(
        where,
        f"the merge does not support authorizers of type {kind!r}; {_INSTEAD}",
    )
    return None


def is_jwt(definition: JsonObject) -> bool:
    """Return whether a security definition is that of a JWT authorizer."""
    return str(definition.get(_EXTENSION, {}).get("type", "")).lower() == "jwt"


def _jwt(where: Where, extension: JsonObject, problems: Problems) -> Jwt | None:
    problems.add_unsupported(where, extension, {"type", "jwtConfiguration", "identitySource"})
    configuration = extension.get("jwtConfiguration", {})
    issuer, audience = configuration.get("issuer", ""), configuration.get("audience", [])
    sources = _selections(extension.get("identitySource", "$request.header.Authorization"))
    if not issuer or not audience:
        problems.add(where, "a JWT authorizer needs an issuer and at least one audience; set both")
        return None
    if not issuer.startswith(("https://", "${")):
        problems.add(
            where,
            f"its issuer is {issuer}, and API Gateway requires https; set it when you package the "
            "app, for example to a Terraform reference such as ${var.jwt_issuer}",
        )
        return None
    if len(sources) != 1:
        problems.add(where, "a JWT authorizer has exactly one identity source; name one")
        return None
    return Jwt(issuer, tuple(sorted(set(audience))), sources[0])


def _lambda(
    where: Where, extension: JsonObject, header: str, problems: Problems
) -> LambdaFunction | None:
    problems.add_unsupported(where, extension, _LAMBDA)
    if "identityValidationExpression" in extension:
        problems.refuse(
            "identity-validation",
            where,
            "HTTP APIs have no identityValidationExpression; validate the token in the authorizer",
        )
    if not extension.get("authorizerUri"):
        problems.add(where, "a Lambda authorizer needs an authorizerUri; set it")
        return None
    cache = extension.get("authorizerResultTtlInSeconds")
    return LambdaFunction(
        uri=extension["authorizerUri"],
        sources=_selections(extension.get("identitySource", header)),
        cache_seconds=_REST_CACHE_SECONDS if cache is None else cache,
        credentials=extension.get("authorizerCredentials"),
    )


def _selections(sources: str | list[str]) -> tuple[str, ...]:
    named = sources.split(",") if isinstance(sources, str) else sources
    return tuple(_selection(source.strip()) for source in named if source.strip())


def _selection(source: str) -> str:
    for prefix, selection in _SELECTIONS.items():
        if source.startswith(prefix):
            return selection + source.removeprefix(prefix)
    return source
