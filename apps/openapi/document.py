"""The OpenAPI document of several Chalice apps that one API serves. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from chalice.app import Chalice

from apps.openapi.example import AnyDomain, Example, example_of, is_patch
from apps.openapi.gateway import GATEWAY_MESSAGE, GATEWAY_RESPONSES
from apps.openapi.headers import HEADERS
from apps.openapi.operations import (
    SECURITY_SCHEME,
    Context,
    Route,
    body_name,
    operation_object,
)
from apps.openapi.parameters import SHARED
from apps.openapi.problems import Problem, problem_of, problem_schema, samples
from apps.openapi.schemas import (
    ACCEPTED,
    HEALTH,
    Schema,
    event_schemas,
    input_schema,
    one_of,
    page_schema,
    patch_schema,
    ref,
    summary_schema,
    view_schema,
)
from core.adapters.http.operations import is_operation
from core.adapters.http.problems import KINDS
from core.ports.events import NOTHING_CHANGED

# Every GET has a HEAD, as ``info.description`` says, and a preflight is not for clients to send.
_NOT_DESCRIBED: Final = {"HEAD", "OPTIONS"}
_SECURITY: Final = {
    SECURITY_SCHEME: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token (RFC 9068) with one of the operation's scopes.",
    }
}


class About(NamedTuple):
    """What the document says of the API; ``problem_types`` begins every problem's type.

    ``services`` describes each service, by its name.
    """

    title: str
    version: str
    description: str
    services: Mapping[str, str]
    problem_types: str


def document(apps: Mapping[str, Chalice], domain: AnyDomain, about: About) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of ``apps``, by the names of their services."""
    routes = list(_routes(apps))
    example = example_of((route.operation for route in routes), domain)
    problems = {
        key: [problem_of(error, about.problem_types) for error in errors]
        for key, errors in _by_kind(samples(domain, example)).items()
    }
    context = Context(domain, example, problems, routes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": about.version,
            "description": about.description,
        },
        # Relative to the document, so that it is right behind any gateway, domain and base path.
        "servers": [{"url": "../.."}],
        "tags": [{"name": n, "description": text} for n, text in about.services.items()],
        "paths": _paths(context),
        "components": _components(context),
    }


def example_in(apps: Mapping[str, Chalice], domain: AnyDomain) -> Example:
    """Return the example of the document of ``apps``."""
    return example_of((route.operation for route in _routes(apps)), domain)


def _routes(apps: Mapping[str, Chalice]) -> Iterable[Route]:
    for service, app in apps.items():
        for path, methods in app.routes.items():
            for method, entry in methods.items():
                if method not in _NOT_DESCRIBED and is_operation(entry.view_function):
                    yield Route(service, path, method.lower(), entry)


def _by_kind(errors: Iterable[Exception]) -> dict[type[Exception] | None, list[Exception]]:
    kinds: dict[type[Exception] | None, list[Exception]] = {error: [] for error in KINDS}
    for error in errors:
        kinds.setdefault(type(error) if type(error) in KINDS else None, []).append(error)
    return kinds


def _paths(context: Context) -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(context.routes, key=lambda route: route.path):
        described = operation_object(route, context)
        paths.setdefault(route.path, {})[route.method] = described
    return paths


def _components(context: Context) -> dict[str, Any]:
    used = {error for route in context.routes for error in route.errors}
    problems = [p for error, several in context.problems.items() if error in used for p in several]
    return {
        "schemas": dict(sorted(_schemas(context, problems).items())),
        "responses": dict(GATEWAY_RESPONSES),
        "parameters": dict(SHARED),
        "examples": {problem.name: {"value": problem.example} for problem in problems},
        "headers": dict(HEADERS),
        "securitySchemes": _SECURITY,
    }


def _schemas(context: Context, problems: Iterable[Problem]) -> dict[str, Schema]:
    domain = context.domain
    noun, details = domain.noun.capitalize(), domain.listing.details
    types = {name: name for name in (*domain.events.classes, NOTHING_CHANGED)}
    return {
        **_bodies(context),
        **event_schemas(domain.events),
        noun: view_schema(details),
        f"{noun}Summary": summary_schema(details, domain.listing),
        f"{noun}Page": page_schema(ref(f"{noun}Summary")),
        f"{noun}Event": one_of("type", types),
        f"{noun}EventPage": page_schema(ref(f"{noun}Event")),
        f"{noun}History": {"anyOf": [ref(f"{noun}EventPage"), ref(noun)]},
        "Accepted": ACCEPTED,
        "Health": HEALTH,
        "Message": GATEWAY_MESSAGE,
        **{problem.component: problem_schema(problem, domain) for problem in problems},
    }


def _bodies(context: Context) -> dict[str, Schema]:
    schemas: dict[str, Schema] = {}
    for declared in (route.operation for route in context.routes):
        if declared.body is not None:
            of_body = patch_schema if is_patch(declared) else input_schema
            name, schema = body_name(declared), of_body(declared.body)
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two different bodies have the name {name}: rename a model")
    return schemas
