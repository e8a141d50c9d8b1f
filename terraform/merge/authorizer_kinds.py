"""The kinds of authorizers a Chalice app can declare, as its `securityDefinitions` tell them."""

from dataclasses import dataclass

from .model import JsonObject, Problems

_EXTENSION = "x-amazon-apigateway-authorizer"
_REST_CACHE_SECONDS = 300  # API Gateway's own default for a REST API's authorizer

# "x-amazon-apigateway-authorizer object" writes what REST APIs and HTTP APIs call differently.
_SELECTIONS = {
    "method.request.header.": "$request.header.",
    "method.request.querystring.": "$request.querystring.",
    "context.": "$context.",
    "stageVariables.": "$stageVariables.",
}


@dataclass(frozen=True, slots=True)
class Iam:
    """Signed with AWS's signature, version 4."""


@dataclass(frozen=True, slots=True)
class Jwt:
    """A token of this issuer for one of the audience. `source`: where the token is."""

    issuer: str
    audience: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Cognito:
    """A token of one of these user pools."""

    pools: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class LambdaFunction:
    """What a Lambda function says. `credentials`: the role API Gateway calls it with, if any."""

    uri: str
    sources: tuple[str, ...]
    cache_seconds: int
    credentials: str | None


Scheme = Iam | Jwt | Cognito | LambdaFunction


def read_scheme(where: str, definition: JsonObject, problems: Problems) -> Scheme | None:
    """The authorizer in a security definition; None for an API key and for one with a problem."""
    if definition.get("x-amazon-apigateway-authtype") == "awsSigv4":
        return Iam()
    extension = definition.get(_EXTENSION)
    if extension is None:
        if definition.get("name") != "x-api-key":
            problems.add(where, "the merge does not know this kind of authorizer")
        return None
    header = f"$request.header.{definition.get('name', 'Authorization')}"
    kind = str(extension.get("type", "")).lower()
    if kind == "jwt":
        return _jwt(where, extension, problems)
    if kind == "cognito_user_pools":
        _check(where, extension, {"providerARNs"}, problems)
        return Cognito(tuple(extension.get("providerARNs", [])), header)
    if kind in ("token", "request"):
        return _lambda(where, extension, header, problems)
    problems.add(where, f"the merge does not know authorizers of type {kind!r}")
    return None


def _jwt(where: str, extension: JsonObject, problems: Problems) -> Jwt | None:
    _check(where, extension, {"jwtConfiguration", "identitySource"}, problems)
    configuration = extension.get("jwtConfiguration", {})
    issuer, audience = configuration.get("issuer", ""), configuration.get("audience", [])
    sources = _selections(extension.get("identitySource", "$request.header.Authorization"))
    if not issuer or not audience:
        problems.add(where, "a JWT authorizer needs an issuer and at least one audience")
        return None
    if not issuer.startswith(("https://", "${")):
        problems.add(
            where,
            f"its issuer is {issuer}, and API Gateway takes none but https: set it while packaging "
            "the app, for example to a Terraform reference such as ${var.jwt_issuer}",
        )
        return None
    if len(sources) != 1:
        problems.add(where, "a JWT authorizer has one identity source")
        return None
    return Jwt(issuer, tuple(sorted(set(audience))), sources[0])


def _lambda(
    where: str, extension: JsonObject, header: str, problems: Problems
) -> LambdaFunction | None:
    known = {"authorizerUri", "authorizerCredentials", "authorizerResultTtlInSeconds"}
    _check(where, extension, known | {"identitySource", "identityValidationExpression"}, problems)
    if "identityValidationExpression" in extension:
        problems.refuse(
            "identity-validation",
            where,
            "an HTTP API has no identityValidationExpression; check the token in the authorizer",
        )
    if not extension.get("authorizerUri"):
        problems.add(where, "a Lambda authorizer needs an authorizerUri")
        return None
    cache = extension.get("authorizerResultTtlInSeconds")
    return LambdaFunction(
        uri=extension["authorizerUri"],
        sources=_selections(extension.get("identitySource", header)),
        cache_seconds=_REST_CACHE_SECONDS if cache is None else int(cache),
        credentials=extension.get("authorizerCredentials"),
    )


def _check(where: str, extension: JsonObject, known: set[str], problems: Problems) -> None:
    for key in sorted(set(extension) - known - {"type"}):
        problems.add(where, f"the merge does not know its {key}")


def _selections(sources: str | list[str]) -> tuple[str, ...]:
    named = sources.split(",") if isinstance(sources, str) else sources
    return tuple(_selection(source.strip()) for source in named if source.strip())


def _selection(source: str) -> str:
    for prefix, selection in _SELECTIONS.items():
        if source.startswith(prefix):
            return selection + source.removeprefix(prefix)
    return source
