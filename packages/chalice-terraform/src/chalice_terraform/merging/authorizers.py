"""Resolves the security schemes of all apps of an HTTP API to its authorizers.

These apps share a JWT authorizer if issuer, audience and identity source are equal. Each Lambda
authorizer stays its app's own, since it has a function, a cache and a permission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .limits import check_block, check_scopes
from .model import Block, JsonObject, Options, Problems, Resource, Where, in_app, in_apps
from .naming import identifier, prefixed
from .renaming import PARTITION
from .rest_api import RestApi, Route
from .schemes import Cognito, Iam, Jwt, LambdaFunction, Scheme

_INVOKE_ARN = re.compile(r"\$\{(aws_lambda_function\.[\w-]+)\.invoke_arn\}")
_FUNCTION_OF_URI = re.compile(r"/functions/(.+)/invocations")
_REFERENCE = re.compile(r"\$\{([^{}\"]+)\}")
_POOL_ARN = re.compile(r"arn:(aws[\w-]*):cognito-idp:([\w-]+):\d+:userpool/([\w-]+)")


@dataclass(frozen=True)
class Authorizer:
    """An authorizer of the HTTP API.

    ``name`` is that of its resource, empty for IAM, which needs none. ``function`` is the function
    that API Gateway needs a permission to call, as a Terraform string.
    """

    name: str
    authorization_type: Literal["JWT", "CUSTOM", "AWS_IAM"]
    block: Block | None = None
    function: str | None = None

    @property
    def id(self) -> str | None:
        """Its id, as a Terraform reference."""
        return f"${{aws_apigatewayv2_authorizer.{self.name}.id}}" if self.name else None


Authorizers = Mapping[tuple[str, str], Authorizer]
"""From the names of an app and of an authorizer in it to the authorizer of the stack."""


def resolve_authorizers(
    api: str, apps: Sequence[RestApi], options: Options, problems: Problems, *, prefix: str
) -> Authorizers:
    """Return the authorizers of the apps that the HTTP API serves, sorted by their names.

    The names of JWT authorizers, which belong to no app, begin with the prefix. Reports what a JWT
    authorizer cannot express, and authorizers whose names clash.
    """
    declared = _declared(apps)
    tokens = {
        key: token
        for key, scheme in declared.items()
        if (token := _token(key, scheme, options, problems)) is not None
    }
    names = _token_names(tokens, prefix, problems)
    authorizers = {
        key: _authorizer(key, scheme, tokens, names, api, problems)
        for key, scheme in declared.items()
    }
    for key, authorizer in authorizers.items():
        if authorizer.block is not None:
            check_block(_where(key), authorizer.block, problems)
    return authorizers


def check_audiences(apps: Sequence[RestApi], options: Options, problems: Problems) -> None:
    """Report app clients of Cognito authorizers that no app has."""
    pools = {name for (_, name), scheme in _declared(apps).items() if isinstance(scheme, Cognito)}
    for name in sorted(set(options.audiences) - pools):
        problems.add(
            f"--audience {name}",
            "no app has a Cognito authorizer with this name; correct or remove it",
        )


def authorization(route: Route, authorizers: Authorizers, problems: Problems) -> JsonObject:
    """Return the route's ``authorization_type``, ``authorizer_id`` and ``authorization_scopes``."""
    if route.authorizer is None:
        return {"authorization_type": "NONE", "authorizer_id": None, "authorization_scopes": None}
    where = in_app(route.app, route.key)
    authorizer = authorizers.get((route.app, route.authorizer))
    if authorizer is None:
        # Fail closed: never leave the route open for want of its authorizer.
        problems.add(
            where, f"its authorizer {route.authorizer} is not in the stack; package the app again"
        )
        return {}
    scopes = list(route.scopes) or None
    check_scopes(where, route.scopes, problems)
    if scopes and authorizer.authorization_type != "JWT":
        problems.refuse(
            "authorizer-scopes",
            where,
            f"only JWT authorizers check scopes, and {route.authorizer} is not one; check them in "
            "the authorizer",
        )
        scopes = None
    return {
        "authorization_type": authorizer.authorization_type,
        "authorizer_id": authorizer.id,
        "authorization_scopes": scopes,
    }


def authorizer_blocks(authorizers: Authorizers) -> Iterator[Block]:
    """Yield the blocks of the authorizers, each once."""
    blocks: list[Block] = []
    origins: list[list[Where]] = []
    for key, authorizer in authorizers.items():
        if authorizer.block is None:
            continue
        if authorizer.block not in blocks:
            blocks.append(authorizer.block)
            origins.append([])
        origins[blocks.index(authorizer.block)].append(_where(key))
    for block, declared in zip(blocks, origins):
        yield replace(block, origins=tuple(declared))


def _authorizer(
    key: tuple[str, str],
    scheme: Scheme,
    tokens: Mapping[tuple[str, str], Jwt],
    names: Mapping[Jwt, str],
    api: str,
    problems: Problems,
) -> Authorizer:
    if isinstance(scheme, Iam):
        return Authorizer("", "AWS_IAM")
    if isinstance(scheme, LambdaFunction):
        name = prefixed(*key)
        function = None
        if scheme.credentials is None:
            function = _function_of(_where(key), scheme.uri, problems)
        return Authorizer(name, "CUSTOM", _lambda_block(name, scheme, api), function)
    token = tokens.get(key)
    name = names[token] if token else ""
    return Authorizer(name, "JWT", _jwt_block(name, token, api) if token else None)


def _jwt_block(name: str, token: Jwt, api: str) -> Block:
    body = {
        "api_id": f"${{aws_apigatewayv2_api.{api}.id}}",
        "authorizer_type": "JWT",
        "identity_sources": [token.source],
        "jwt_configuration": {"audience": list(token.audience), "issuer": token.issuer},
        "name": name,
    }
    return Resource("aws_apigatewayv2_authorizer", name, body).block()


def _lambda_block(name: str, scheme: LambdaFunction, api: str) -> Block:
    body = {
        "api_id": f"${{aws_apigatewayv2_api.{api}.id}}",
        "authorizer_payload_format_version": "1.0",  # 2.0 has no authorizationToken
        "authorizer_result_ttl_in_seconds": scheme.cache_seconds,
        "authorizer_type": "REQUEST",
        "authorizer_uri": scheme.uri,
        "enable_simple_responses": False,  # Chalice's authorizers return an IAM policy
        "identity_sources": list(scheme.sources),
        "name": name,
    }
    if scheme.credentials is not None:
        body["authorizer_credentials_arn"] = scheme.credentials
    return Resource("aws_apigatewayv2_authorizer", name, body).block()


def _function_of(where: Where, uri: str, problems: Problems) -> str | None:
    """Return the function in the URI of a Lambda authorizer, as a Terraform string."""
    own = _INVOKE_ARN.fullmatch(uri)
    if own:
        return f"${{{own.group(1)}.arn}}"
    within = _FUNCTION_OF_URI.search(uri)
    if within:
        return within.group(1)
    reference = _REFERENCE.fullmatch(uri)
    if reference:
        return f'${{regex("/functions/(.+)/invocations", {reference.group(1)})[0]}}'
    problems.add(
        where,
        f"its authorizer_uri {uri} does not name the function that API Gateway needs permission to "
        "call; use arn:...:lambda:path/2015-03-31/functions/ARN/invocations, or set "
        "invoke_role_arn",
    )
    return None


def _token(
    key: tuple[str, str], scheme: Scheme, options: Options, problems: Problems
) -> Jwt | None:
    if isinstance(scheme, Jwt):
        return scheme
    if not isinstance(scheme, Cognito):
        return None
    _, name = key
    where = _where(key)
    if len(scheme.pools) != 1:
        problems.add(
            where,
            f"it has {len(scheme.pools)} Cognito user pools, and a JWT authorizer has one issuer; "
            "declare one authorizer for each pool, on separate routes",
        )
        return None
    audience = tuple(sorted(set(options.audiences.get(name, ()))))
    if not audience:
        problems.add(
            where,
            "a JWT authorizer accepts tokens of named app clients only, a REST API those of the "
            f"whole user pool; give the id of each client with --audience {name}=ID",
        )
        return None
    issuer = _pool_issuer(where, scheme.pools[0], problems)
    return Jwt(issuer, audience, scheme.source) if issuer else None


def _pool_issuer(where: Where, pool: str, problems: Problems) -> str | None:
    """Return the ``iss`` of a user pool's tokens: see AWS, "Verifying JSON web tokens"."""
    literal = _POOL_ARN.fullmatch(pool)
    if literal:
        partition, region, pool_id = literal.groups()
        suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
        return f"https://cognito-idp.{region}.{suffix}/{pool_id}"
    reference = _REFERENCE.fullmatch(pool)
    if reference:
        arn = reference.group(1)
        region = f'${{split(":", {arn})[3]}}'
        return f'https://cognito-idp.{region}.${{{PARTITION}.dns_suffix}}/${{split("/", {arn})[1]}}'
    problems.add(
        where,
        f"{pool} is neither the ARN of a Cognito user pool nor a reference to one; correct it",
    )
    return None


def _declared(apps: Sequence[RestApi]) -> Mapping[tuple[str, str], Scheme]:
    return {
        (api.app.name, name): scheme for api in apps for name, scheme in api.authorizers.items()
    }


def _token_names(
    tokens: Mapping[tuple[str, str], Jwt], prefix: str, problems: Problems
) -> Mapping[Jwt, str]:
    """Return a name for each token: the first, in the alphabet, that an app gives it."""
    names: dict[Jwt, str] = {}
    taken: dict[str, tuple[str, Jwt]] = {}
    for (app, name), token in sorted(tokens.items(), key=lambda item: (item[0][1], item[0][0])):
        other = taken.setdefault(name, (app, token))
        if other[1] == token:
            own = prefix + identifier(name)
            names.setdefault(token, own if own[:1].isalpha() else f"jwt-{own}")
            continue
        problems.add(
            in_apps(other[0], app),
            f"both have an authorizer {name}, with different issuers or audiences; rename one",
        )
        names.setdefault(token, prefixed(app, name))
    return names


def _where(key: tuple[str, str]) -> Where:
    app, name = key
    return in_app(app, f"authorizer {name}")
