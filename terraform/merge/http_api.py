"""The one HTTP API that takes the place of all apps' REST APIs."""

import re
from collections.abc import Iterator, Sequence

from .app import App
from .authorizers import Authorizers, authorization, authorizer_blocks
from .cors import cors_configuration
from .model import Block, Options, Problems, resource
from .rest_api import RestApi, Route

_PARAMETER = re.compile(r"\{[^{}+]+(\+?)\}")


def http_api_blocks(
    apis: Sequence[RestApi], authorizers: Authorizers, options: Options, problems: Problems
) -> Iterator[Block]:
    """The API, its stage and authorizers, and each app's integration and routes.

    `apis` are sorted by their apps' names. Without one there is no block.
    """
    if not apis:
        return
    _check_routes([route for api in apis for route in api.routes], problems)
    body = {"name": options.api, "protocol_type": "HTTP"}
    cors = cors_configuration(apis, problems)
    yield resource(
        "aws_apigatewayv2_api", options.api, body | ({"cors_configuration": cors} if cors else {})
    )
    yield _stage(options.api, [api.app for api in apis])
    yield from authorizer_blocks(authorizers)
    yield from _custom_authorizer_permissions(apis, authorizers, options.api)
    for api in apis:
        yield _integration(api, options)
        yield _routes(api, authorizers, options.api, problems)


def _stage(api: str, apps: Sequence[App]) -> Block:
    body = {
        "api_id": f"${{aws_apigatewayv2_api.{api}.id}}",
        "auto_deploy": True,
        # Settings of single routes, which an override file may add, need the routes to be there.
        "depends_on": [f"aws_apigatewayv2_route.{app.name}" for app in apps],
        "name": "$default",
    }
    return resource("aws_apigatewayv2_stage", api, body)


def _integration(api: RestApi, options: Options) -> Block:
    body = {
        "api_id": f"${{aws_apigatewayv2_api.{options.api}.id}}",
        "integration_type": "AWS_PROXY",
        "integration_uri": f"${{{api.handler}.invoke_arn}}",
        "payload_format_version": options.payload_format,
    }
    return resource("aws_apigatewayv2_integration", api.app.name, body)


def _routes(api: RestApi, authorizers: Authorizers, name: str, problems: Problems) -> Block:
    """All routes of an app as one resource, whose instances' keys are the route keys."""
    body = {
        "for_each": {
            route.key: authorization(route, authorizers, problems) for route in api.routes
        },
        "api_id": f"${{aws_apigatewayv2_api.{name}.id}}",
        "authorization_scopes": "${each.value.authorization_scopes}",
        "authorization_type": "${each.value.authorization_type}",
        "authorizer_id": "${each.value.authorizer_id}",
        "route_key": "${each.key}",
        "target": f"integrations/${{aws_apigatewayv2_integration.{api.app.name}.id}}",
    }
    return resource("aws_apigatewayv2_route", api.app.name, body)


def _custom_authorizer_permissions(
    apis: Sequence[RestApi], authorizers: Authorizers, api: str
) -> Iterator[Block]:
    """Permissions for what Chalice gives none: functions of which it knows a URI alone."""
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
            yield resource("aws_lambda_permission", f"{authorizer.name}_invoke", body)


def authorizer_arn(api: str, name: str) -> str:
    """As whom the HTTP API calls an authorizer's function. `name`: a resource's, or "*".

    See AWS, "Control access to HTTP APIs with AWS Lambda authorizers".
    """
    identity = "*" if name == "*" else f"${{aws_apigatewayv2_authorizer.{name}.id}}"
    return f"${{aws_apigatewayv2_api.{api}.execution_arn}}/authorizers/{identity}"


def _check_routes(routes: Sequence[Route], problems: Problems) -> None:
    """API Gateway tells no two parameters apart by their names: nor may two routes."""
    claimed: dict[str, Route] = {}
    for route in routes:
        other = claimed.setdefault(_PARAMETER.sub(r"{\1}", route.key), route)
        if other is not route:
            apps = sorted({other.app, route.app})
            problems.add(
                f"app{'s' if len(apps) > 1 else ''} {' and '.join(apps)}",
                f"two routes take the same requests: {other.key} and {route.key}; take one out",
            )
