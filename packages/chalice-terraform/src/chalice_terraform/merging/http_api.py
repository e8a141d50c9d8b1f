"""Writes the one HTTP API that replaces the REST APIs of all apps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .app import App
from .authorizers import Authorizers, authorization, authorizer_blocks
from .cors import cors_configuration
from .model import Block, Options, Problems, Resource, in_apps
from .rest_api import RestApi, Route

_PARAMETER = re.compile(r"\{[^{}+]+(\+?)\}")


def http_api_blocks(
    apis: Sequence[RestApi], authorizers: Authorizers, options: Options, problems: Problems
) -> Iterator[Block]:
    """Return the API, its stage and authorizers, and each app's integration and routes.

    ``apis`` must be sorted by their apps' names. Without any, there is no block. Reports routes
    that receive the same requests, and what the API's one CORS configuration cannot express.
    """
    if not apis:
        return
    _check_routes([route for api in apis for route in api.routes], problems)
    cors = cors_configuration(apis, problems)
    api_resource = Resource(
        "aws_apigatewayv2_api", options.api, {"name": options.api, "protocol_type": "HTTP"}
    )
    yield api_resource.block(**({"cors_configuration": cors} if cors else {}))
    yield _stage(options.api, [api.app for api in apis])
    yield from authorizer_blocks(authorizers)
    yield from _custom_authorizer_permissions(apis, authorizers, options.api)
    for api in apis:
        yield _integration(api, options)
        yield Block(
            ("locals", f"{api.app.name}_routes"),
            {route.key: authorization(route, authorizers, problems) for route in api.routes},
        )
        yield _routes(api.app, options.api)


def _stage(api: str, apps: Sequence[App]) -> Block:
    body = {
        "api_id": f"${{aws_apigatewayv2_api.{api}.id}}",
        "auto_deploy": True,
        # An override file may add settings of single routes, which must exist before the stage.
        "depends_on": [f"aws_apigatewayv2_route.{app.name}" for app in apps],
        "name": "$default",
    }
    return Resource("aws_apigatewayv2_stage", api, body).block()


def _integration(api: RestApi, options: Options) -> Block:
    body = {
        "api_id": f"${{aws_apigatewayv2_api.{options.api}.id}}",
        "integration_type": "AWS_PROXY",
        "integration_uri": f"${{{api.handler}.invoke_arn}}",
        "payload_format_version": options.payload_format,
    }
    return Resource("aws_apigatewayv2_integration", api.app.name, body).block()


def _routes(app: App, api: str) -> Block:
    """Return all routes of an app as one resource, with the route keys as instance keys.

    They are a local value, so that an override file may leave some out.
    """
    body = {
        "for_each": f"${{local.{app.name}_routes}}",
        "api_id": f"${{aws_apigatewayv2_api.{api}.id}}",
        "authorization_scopes": "${each.value.authorization_scopes}",
        "authorization_type": "${each.value.authorization_type}",
        "authorizer_id": "${each.value.authorizer_id}",
        "route_key": "${each.key}",
        "target": f"integrations/${{aws_apigatewayv2_integration.{app.name}.id}}",
    }
    return Resource("aws_apigatewayv2_route", app.name, body).block()


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
    for (app, _), authorizer in authorizers.items():
        if authorizer.function is not None and (app, authorizer.function) not in given:
            body = {
                "action": "lambda:InvokeFunction",
                "function_name": authorizer.function,
                "principal": "apigateway.amazonaws.com",
                "source_arn": authorizer_arn(api, authorizer.name),
            }
            yield Resource("aws_lambda_permission", f"{authorizer.name}_invoke", body).block()


def authorizer_arn(api: str, name: str) -> str:
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
