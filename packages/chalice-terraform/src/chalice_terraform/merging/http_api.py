"""Replaces REST APIs by HTTP APIs: one for all apps, or one for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from . import domains, websockets
from .app import App
from .authorizers import (
    Authorizers,
    authorization,
    authorizer_blocks,
    check_audiences,
    resolve_authorizers,
)
from .context import Context
from .cors import cors_configuration
from .model import Block, Options, Problems, Resource, Where, in_app, in_apps
from .renaming import Replacements
from .rest_api import RestApi, Route, read_rest_api
from .translation import Translation, nothing

_PARAMETER = re.compile(r"\{[^{}+]+(\+?)\}")
_API = "aws_apigatewayv2_api.{api}"
_DOMAIN = "aws_apigatewayv2_domain_name.{name}"
_ENDPOINT = f"{_DOMAIN}.domain_name_configuration[0]"


def replacements(options: Options) -> Replacements:
    """Return what replaces the attributes of a REST API.

    Nothing refers to the stage, because a function whose variables did would wait for it, and the
    stage for the function.
    """
    stage = _stage_name(options)
    url = f"{_API}.api_endpoint"
    if options.stage_prefix is not None:
        url = f'join("/", [{url}, "{stage}"])'
    return Replacements(
        attributes={
            ("aws_api_gateway_rest_api", "id"): f"{_API}.id",
            ("aws_api_gateway_rest_api", "arn"): f"{_API}.arn",
            ("aws_api_gateway_rest_api", "name"): f"{_API}.name",
            ("aws_api_gateway_rest_api", "execution_arn"): f"{_API}.execution_arn",
            ("aws_api_gateway_deployment", "invoke_url"): url,
            ("aws_api_gateway_deployment", "execution_arn"): (
                f'join("/", [{_API}.execution_arn, "{stage}"])'
            ),
            ("aws_api_gateway_deployment", "stage_name"): f'"{stage}"',
            ("aws_api_gateway_domain_name", "id"): f"{_DOMAIN}.id",
            ("aws_api_gateway_domain_name", "domain_name"): f"{_DOMAIN}.domain_name",
            ("aws_api_gateway_domain_name", "cloudfront_domain_name"): (
                f"{_ENDPOINT}.target_domain_name"
            ),
            ("aws_api_gateway_domain_name", "cloudfront_zone_id"): f"{_ENDPOINT}.hosted_zone_id",
            ("aws_api_gateway_domain_name", "regional_domain_name"): (
                f"{_ENDPOINT}.target_domain_name"
            ),
            ("aws_api_gateway_domain_name", "regional_zone_id"): f"{_ENDPOINT}.hosted_zone_id",
        },
        gone=frozenset(
            {
                "aws_api_gateway_base_path_mapping",
                "aws_api_gateway_deployment",
                "aws_api_gateway_domain_name",
                "aws_api_gateway_rest_api",
            }
        ),
    )


def translate(apps: Sequence[App], options: Options, problems: Problems) -> Translation:
    """Translate the REST APIs of the apps, sorted by name, into the HTTP APIs that serve them.

    Reports routes of one API that receive the same requests, and what an HTTP API cannot express.
    """
    served: dict[str, list[RestApi]] = {}
    for app in apps:
        rest_api = read_rest_api(app, problems)
        if rest_api is not None:
            served.setdefault(app.api, []).append(rest_api)
    check_audiences([rest_api for of in served.values() for rest_api in of], options, problems)
    authorizers = {
        api: resolve_authorizers(api, of, options, problems, prefix=_prefix(api, options))
        for api, of in served.items()
    }
    return Translation(
        handlers={
            "aws_api_gateway_base_path_mapping": domains.mapping_blocks,
            "aws_api_gateway_deployment": nothing,
            "aws_api_gateway_domain_name": domains.domain_blocks,
            "aws_api_gateway_rest_api": nothing,
            "aws_lambda_permission": partial(_permission, authorizers),
        },
        blocks=[
            block
            for api, of in served.items()
            for block in _api_blocks(api, of, authorizers[api], options, problems)
        ],
        http_apis=served,
    )


def _prefix(api: str, options: Options) -> str:
    """Return how the names of the API's own authorizers begin, if the module may have another."""
    return "" if options.api == "http" and not options.separate_shared else f"{api}_"


def _api_blocks(
    api: str,
    served: Sequence[RestApi],
    authorizers: Authorizers,
    options: Options,
    problems: Problems,
) -> Iterator[Block]:
    """Yield the API, its stage and authorizers, and each app's integration and routes."""
    _check_routes([route for rest_api in served for route in rest_api.routes], problems)
    cors = cors_configuration(served, problems)
    body = {"name": api, "protocol_type": "HTTP", **({"cors_configuration": cors} if cors else {})}
    origins = tuple(it for of in served for it in (*of.origins, *of.preflights))
    yield Resource("aws_apigatewayv2_api", api, body, origins).block()
    yield _stage(api, [rest_api.app for rest_api in served], options)
    yield from authorizer_blocks(authorizers)
    yield from _custom_authorizer_permissions(served, authorizers, api)
    for rest_api in served:
        yield _integration(rest_api, options)
        yield Block(
            ("locals", f"{rest_api.app.name}_routes"),
            {route.key: authorization(route, authorizers, problems) for route in rest_api.routes},
            (*_origins(rest_api.routes), *_without_resource(rest_api, authorizers)),
        )
        yield _routes(rest_api)


def _stage_name(options: Options) -> str:
    return options.stage_prefix or "$default"


def _stage(api: str, apps: Sequence[App], options: Options) -> Block:
    body = {
        "api_id": f"${{aws_apigatewayv2_api.{api}.id}}",
        "auto_deploy": True,
        # An override file may add settings of single routes, which must exist before the stage.
        "depends_on": [f"aws_apigatewayv2_route.{app.name}" for app in apps],
        "name": _stage_name(options),
    }
    origins = tuple(where for app in apps for where in app.where_all("aws_api_gateway_deployment"))
    return Resource("aws_apigatewayv2_stage", api, body, origins).block()


def _integration(rest_api: RestApi, options: Options) -> Block:
    app = rest_api.app
    body = {
        "api_id": f"${{aws_apigatewayv2_api.{app.api}.id}}",
        "integration_type": "AWS_PROXY",
        "integration_uri": f"${{{rest_api.handler}.invoke_arn}}",
        "payload_format_version": options.payload_format,
    }
    return Resource("aws_apigatewayv2_integration", app.name, body, rest_api.origins).block()


def _origins(routes: Iterable[Route]) -> tuple[Where, ...]:
    return tuple(in_app(route.app, route.key) for route in routes)


def _without_resource(rest_api: RestApi, authorizers: Authorizers) -> Iterator[Where]:
    """Yield the authorizers that are a setting of the app's routes, and no resource: IAM's."""
    for (app, name), authorizer in authorizers.items():
        if app == rest_api.app.name and not authorizer.name:
            yield in_app(app, f"authorizer {name}")


def _routes(rest_api: RestApi) -> Block:
    """Return all routes of an app as one resource, with the route keys as instance keys.

    They are a local value, so that an override file may leave some out.
    """
    app = rest_api.app
    body = {
        "for_each": f"${{local.{app.name}_routes}}",
        "api_id": f"${{aws_apigatewayv2_api.{app.api}.id}}",
        "authorization_scopes": "${each.value.authorization_scopes}",
        "authorization_type": "${each.value.authorization_type}",
        "authorizer_id": "${each.value.authorizer_id}",
        "route_key": "${each.key}",
        "target": f"integrations/${{aws_apigatewayv2_integration.{app.name}.id}}",
    }
    return Resource("aws_apigatewayv2_route", app.name, body, _origins(rest_api.routes)).block()


def _permission(
    authorizers: Mapping[str, Authorizers], context: Context, resource: Resource
) -> Iterator[Block]:
    """Narrow the permission of a built-in authorizer, which Chalice gives for the whole API."""
    app, body = context.app, resource.body
    handler = f"${{aws_lambda_function.{app.name}_api_handler.arn}}"
    on_api = body.get("source_arn") == f"${{aws_apigatewayv2_api.{app.api}.execution_arn}}/*"
    if not on_api or body.get("function_name") == handler:
        yield from websockets.permission_blocks(context, resource)
        return
    names = [
        authorizer.name
        for (owner, _), authorizer in authorizers.get(app.api, {}).items()
        if owner == app.name and authorizer.function == body.get("function_name")
    ]
    arn = _authorizer_arn(app.api, names[0] if len(names) == 1 else "*")
    yield resource.block(source_arn=arn)


def _custom_authorizer_permissions(
    apis: Sequence[RestApi], authorizers: Authorizers, api: str
) -> Iterator[Block]:
    """Yield the permissions that Chalice leaves out: for functions it knows only by their URI."""
    given = {
        (rest_api.app.name, body.get("function_name"))
        for rest_api in apis
        for body in rest_api.app.of_type("aws_lambda_permission").values()
        if f"aws_apigatewayv2_api.{api}." in str(body.get("source_arn"))
    }
    for (app, name), authorizer in authorizers.items():
        if authorizer.function is not None and (app, authorizer.function) not in given:
            body = {
                "action": "lambda:InvokeFunction",
                "function_name": authorizer.function,
                "principal": "apigateway.amazonaws.com",
                "source_arn": _authorizer_arn(api, authorizer.name),
            }
            origins = (in_app(app, f"authorizer {name}"),)
            yield Resource(
                "aws_lambda_permission", f"{authorizer.name}_invoke", body, origins
            ).block()


def _authorizer_arn(api: str, name: str) -> str:
    """Return the source ARN with which the HTTP API calls an authorizer's function.

    ``name`` is the name of the authorizer's resource, or ``*`` for any. See "Control access to HTTP
    APIs with AWS Lambda authorizers" in the API Gateway developer guide.
    """
    identity = "*" if name == "*" else f"${{aws_apigatewayv2_authorizer.{name}.id}}"
    return f"${{aws_apigatewayv2_api.{api}.execution_arn}}/authorizers/{identity}"


def _check_routes(routes: Sequence[Route], problems: Problems) -> None:
    """Report routes that differ only in the names of parameters: API Gateway ignores those."""
    claimed: dict[str, Route] = {}
    for route in routes:
        other = claimed.setdefault(_PARAMETER.sub(r"{\1}", route.key), route)
        if other is not route:
            problems.add(
                in_apps(other.app, route.app),
                f"two routes match the same requests: {other.key} and {route.key}; remove one",
            )
