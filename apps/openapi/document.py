"""The OpenAPI document of several Chalice apps that one API serves. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalice.app import Chalice, RouteEntry

from apps.openapi.operations import (
    MERGE_PATCH,
    SECURITY_SCHEME,
    AnyDomain,
    body_name,
    operation_object,
)
from apps.openapi.problems import GATEWAY_MESSAGE, PROBLEM
from apps.openapi.schemas import (
    ACCEPTED,
    HEALTH,
    Schema,
    event_schema,
    input_schema,
    page_schema,
    patch_schema,
    summary_schema,
    view_schema,
)
from core.adapters.http.operations import operation_of


class About(NamedTuple):
    """What the document says of the API; ``problem_types`` begins every problem's type."""

    title: str
    version: str
    description: str
    problem_types: str


def document(services: Mapping[str, Chalice], domain: AnyDomain, about: About) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of ``services``, by name."""
    paths: dict[str, dict[str, Any]] = {}
    for service, app in services.items():
        for path, methods in app.routes.items():
            for method, route in _described(methods).items():
                described = operation_object(route, service, domain, about.problem_types)
                paths.setdefault(path, {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": about.version,
            "description": about.description,
        },
        # Relative to the document, so that it is right behind any gateway, domain and base path.
        "servers": [{"url": "../../"}],
        "tags": [{"name": name} for name in services],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(_schemas(services, domain).items())),
            "securitySchemes": {
                SECURITY_SCHEME: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token (RFC 9068) with one of the operation's scopes.",
                }
            },
        },
    }


def _schemas(services: Mapping[str, Chalice], domain: AnyDomain) -> dict[str, Schema]:
    noun, details = domain.noun.capitalize(), domain.listing.details
    return {
        **_bodies(services, domain),
        noun: view_schema(details),
        f"{noun}Summary": summary_schema(details, domain.listing),
        f"{noun}Page": page_schema(_ref(f"{noun}Summary")),
        f"{noun}Event": event_schema(domain.events.names),
        f"{noun}History": {"anyOf": [page_schema(_ref(f"{noun}Event")), _ref(noun)]},
        "Accepted": ACCEPTED,
        "Health": HEALTH,
        "Problem": PROBLEM,
        "GatewayMessage": GATEWAY_MESSAGE,
    }


def _bodies(services: Mapping[str, Chalice], domain: AnyDomain) -> dict[str, Schema]:
    schemas: dict[str, Schema] = {}
    for route in _routes(services):
        declared = operation_of(route.view_function)
        if declared.body is not None:
            of_body = patch_schema if MERGE_PATCH in declared.content_types else input_schema
            schemas[body_name(declared, domain)] = of_body(declared.body)
    return schemas


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _routes(services: Mapping[str, Chalice]) -> list[RouteEntry]:
    return [
        route
        for app in services.values()
        for methods in app.routes.values()
        for route in _described(methods).values()
    ]


def _described(methods: Mapping[str, RouteEntry]) -> dict[str, RouteEntry]:
    """Return the routes of a path that are operations: every GET has a HEAD that follows from it."""
    return {method: route for method, route in methods.items() if method != "HEAD"}
