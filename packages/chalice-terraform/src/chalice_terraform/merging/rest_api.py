"""Reads an app's REST API from its Swagger document: routes, authorizers and CORS.

See swagger.py in Chalice 1.34 for everything that Chalice writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .app import App
from .chalice_output import SWAGGER
from .model import JsonObject, Problems, Where
from .schemes import Scheme, read_scheme

_NOT_NEEDED = {
    "swagger": "an HTTP API has no Swagger document",
    "info": "an HTTP API has no Swagger document",
    "schemes": "an HTTP API accepts HTTPS only",
    "definitions": "HTTP APIs have no models, and Chalice uses none",
    "x-amazon-apigateway-binary-media-types": "Lambda marks binary responses",
    "x-amazon-apigateway-policy": "HTTP APIs have no resource policy",
    "x-amazon-apigateway-endpoint-configuration": "HTTP APIs are regional and public",
}
REMOVED: Mapping[str, str] = {
    "authorizer api_key": "HTTP APIs have no API keys",
    **{f"REST API {name}": why for name, why in _NOT_NEEDED.items()},
}
"""From what an app may declare in its API to why an HTTP API has no counterpart."""

_METHODS = {"get", "put", "post", "delete", "options", "head", "patch"}
ANY = {"any", "x-amazon-apigateway-any-method"}
"""The keys of an operation for all methods: Chalice's, which API Gateway does not know, and its."""

_CORS_HEADER = "method.response.header.Access-Control-"
_CORS_NEEDED = {"Allow-Headers", "Allow-Methods", "Allow-Origin"}
_CORS_OPTIONAL = {"Allow-Credentials", "Expose-Headers", "Max-Age"}
_SEGMENT = re.compile(r"[^{}]*|\{[\w.:-]+\+?\}")


@dataclass(frozen=True)
class Route:
    """A route. ``authorizer`` is its authorizer's name in the app, ``None`` for a public route."""

    app: str
    method: str
    path: str
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The route key, as API Gateway calls it: ``GET /items/{id}``."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class RestApi:
    """The REST API of one app. ``cors`` maps a path to the headers of its preflight response."""

    app: App
    handler: str
    routes: tuple[Route, ...]
    authorizers: Mapping[str, Scheme]
    cors: Mapping[str, Mapping[str, str]]

    @property
    def origins(self) -> tuple[Where, ...]:
        """What declares the API in the source."""
        declared = self.app.where_all("aws_api_gateway_rest_api")
        return (*declared, self.app.where(f"local.{SWAGGER}"))

    @property
    def preflights(self) -> tuple[Where, ...]:
        """What declares its CORS."""
        return tuple(self.app.where(f"OPTIONS {path}") for path in self.cors)


def read_rest_api(app: App, problems: Problems) -> RestApi | None:
    """Return the app's REST API, if it has one.

    Reports what an HTTP API cannot express, and what the merge does not know.
    """
    swagger = app.swagger
    if swagger is None:
        return None
    handler = f"aws_lambda_function.{app.name}_api_handler"
    _check_settings(app, swagger, problems)
    reader = _Reader(app, f"${{{handler}.invoke_arn}}", problems)
    routes: list[Route] = []
    cors: dict[str, Mapping[str, str]] = {}
    for path, operations in sorted(swagger.get("paths", {}).items()):
        routes += reader.routes(path, operations)
        headers = reader.preflight(path, operations)
        if headers:
            cors[path] = headers
    schemes = {
        name: read_scheme(app.where(f"authorizer {name}"), definition, problems)
        for name, definition in sorted(swagger.get("securityDefinitions", {}).items())
    }
    return RestApi(
        app=app,
        handler=handler,
        routes=tuple(routes),
        authorizers={name: scheme for name, scheme in schemes.items() if scheme is not None},
        cors=cors,
    )


def check_path(app: App, path: str, operations: JsonObject, problems: Problems) -> None:
    """Report a path and methods that API Gateway does not support."""
    if not all(_SEGMENT.fullmatch(segment) for segment in path.split("/")):
        problems.add(
            app.where(path), "a path parameter must be a whole path segment; write /{name}/"
        )
    if any(segment.endswith("+}") for segment in path.split("/")[:-1]):
        problems.add(
            app.where(path),
            "a greedy parameter must be the last segment of a path; end the path after it",
        )
    for method in sorted(set(operations) - _METHODS - ANY):
        problems.add(
            app.where(f"{method.upper()} {path}"),
            "API Gateway does not support this method; remove it from methods=",
        )


def _check_settings(app: App, swagger: JsonObject, problems: Problems) -> None:
    if "x-amazon-apigateway-policy" in swagger and _is_public(app):
        problems.refuse(
            "resource-policy",
            app.where("api_gateway_policy_file"),
            "HTTP APIs have no resource policy; use an IAMAuthorizer, or CloudFront with WAF",
        )
    if not _is_public(app):
        problems.refuse(
            "private-endpoint",
            app.where("api_gateway_endpoint_type PRIVATE"),
            "HTTP APIs are always public; keep this app on a REST API",
        )
    for body in app.of_type("aws_api_gateway_rest_api").values():
        if "minimum_compression_size" in body:
            problems.refuse(
                "minimum-compression",
                app.where("minimum_compression_size"),
                "HTTP APIs do not compress responses; compress in the app, or use CloudFront",
            )


def _is_public(app: App) -> bool:
    return not any(
        "PRIVATE" in body.get("endpoint_configuration", {}).get("types", [])
        for body in app.of_type("aws_api_gateway_rest_api").values()
    )


class _Reader:
    """Reads the operations of one app's paths, and reports their problems."""

    def __init__(self, app: App, handler_uri: str, problems: Problems) -> None:
        self._app = app
        self._handler_uri = handler_uri
        self._problems = problems

    def routes(self, path: str, operations: JsonObject) -> Iterator[Route]:
        """Yield the routes of a path that invoke the app, which preflight responses do not."""
        check_path(self._app, path, operations, self._problems)
        for method, operation in sorted(operations.items()):
            if not is_preflight(method, operation) and (method in ANY or method in _METHODS):
                yield self._route(method_of(method), path, operation)

    def preflight(self, path: str, operations: JsonObject) -> Mapping[str, str]:
        """Return the CORS headers of Chalice's preflight response for this path, if it has one."""
        operation = operations.get("options", {})
        if not is_preflight("options", operation):
            return {}
        responses = operation["x-amazon-apigateway-integration"].get("responses", {})
        parameters = responses.get("default", {}).get("responseParameters", {})
        headers = {
            name.removeprefix(_CORS_HEADER): value.strip("'") for name, value in parameters.items()
        }
        if _CORS_NEEDED <= set(headers) <= _CORS_NEEDED | _CORS_OPTIONAL:
            return headers
        self._problems.add(
            self._app.where(f"OPTIONS {path}"),
            "the merge does not support its headers for CORS; use CORSConfig",
        )
        return {}

    def _route(self, method: str, path: str, operation: JsonObject) -> Route:
        where = self._app.where(f"{method} {path}")
        integration = operation.get("x-amazon-apigateway-integration", {})
        if integration.get("type") != "aws_proxy" or integration.get("uri") != self._handler_uri:
            self._problems.add(
                where,
                "its integration must be the app's own Lambda function; package the app again",
            )
        authorizer, scopes = self._security(where, operation.get("security", []))
        return Route(self._app.name, method, path, authorizer, tuple(sorted(set(scopes))))

    def _security(
        self, where: Where, requirements: list[dict[str, list[str]]]
    ) -> tuple[str | None, list[str]]:
        pairs = [pair for requirement in requirements for pair in requirement.items()]
        if ("api_key", []) in pairs:
            pairs.remove(("api_key", []))
            self._problems.refuse(
                "api-key", where, "HTTP APIs have no API keys; give the route an authorizer"
            )
        if len(pairs) > 1:
            self._problems.add(
                where, "a route of an HTTP API can have only one authorizer; remove the others"
            )
        return pairs[0] if pairs else (None, [])


def method_of(operation: str) -> str:
    """Return the method of a route, from the name of its operation in a Swagger document."""
    return "ANY" if operation in ANY else operation.upper()


def is_preflight(method: str, operation: JsonObject) -> bool:
    """Return whether an operation is Chalice's preflight response, and not a route."""
    kind = operation.get("x-amazon-apigateway-integration", {}).get("type")
    return method == "options" and kind == "mock"
