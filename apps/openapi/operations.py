"""One operation of the document, from its route and its declaration."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from chalice.app import RouteEntry

from apps.openapi.example import AnyDomain, Example, is_patch
from apps.openapi.gateway import gateway_responses, with_gateway
from apps.openapi.parameters import parameters
from apps.openapi.problems import Problem, problem_responses
from apps.openapi.responses import successes
from apps.openapi.schemas import ref
from chalice_terraform.runtime.authorizer import JWTAuthorizer
from chalice_terraform.runtime.claims import IdentityUnavailable
from core.adapters.http.operations import Kind, Operation, operation_of
from core.adapters.http.requests import BadRequest, BodyTooLarge, NoSuchPage, UnsupportedMediaType
from core.application.errors import AlreadyClaimed, KeyReused, LastingConflict, PreconditionFailed
from core.application.queries import Degraded, NoSuchVersion, NotYetVisible
from core.ports.catalogue import UnreadableView
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.refusals import InvalidInput, NotFound, NotPossible

SECURITY_SCHEME: Final = "token"

_COMMANDS: Final = (NotPossible, LastingConflict, KeyReused, UnknownEvent)
_READS: Final = (UnreadableView, StoreUnavailable)
_ERRORS: Final[Mapping[Kind, tuple[type[Exception], ...]]] = {
    Kind.CREATE: (BadRequest, *_COMMANDS, StoreUnavailable),
    Kind.CHANGE: (BadRequest, NotFound, *_COMMANDS, PreconditionFailed, StoreUnavailable),
    Kind.VIEW: (BadRequest, NotFound, NoSuchVersion, NotYetVisible, UnknownEvent, *_READS),
    Kind.LISTING: (BadRequest, *_READS),
    Kind.HISTORY: (BadRequest, NotFound, UnknownEvent, StoreUnavailable),
    Kind.HEALTH: (StoreUnavailable,),
    Kind.VIEWS_HEALTH: (Degraded, StoreUnavailable),
    Kind.DOCUMENT: (),
    Kind.PAGE: (NoSuchPage,),
    Kind.NAMED_PAGE: (NoSuchPage,),
}
_DESCRIPTIONS: Final[Mapping[Kind, str]] = {
    Kind.CREATE: "The response comes once the event is stored; queries see it a moment later.",
    Kind.CHANGE: (
        "The response comes once the events are stored; queries see them a moment later. A command"
        " that changes nothing is accepted too. Without `If-Match`, it is decided again when others"
        " were faster."
    ),
    Kind.VIEW: "It is a moment behind the commands, unless `min_version` waits for one.",
    Kind.LISTING: (
        "Filters combine with and. A page may be short, or even empty, while it has a `next`; the"
        " last one has none."
    ),
    Kind.HISTORY: (
        "From the log itself, oldest first, so it is not behind the commands. What has been removed"
        " has a history too. With `as_of`, the view as it was at that moment."
    ),
    Kind.HEALTH: "For monitoring. It is never cached.",
    Kind.VIEWS_HEALTH: "For monitoring. It is never cached.",
    Kind.DOCUMENT: "It describes all services of the API, and is the same in all its deployments.",
    Kind.PAGE: "For people, in HTML.",
    Kind.NAMED_PAGE: "For people, in HTML.",
}
_WITH_BODY: Final = (AlreadyClaimed, BodyTooLarge, UnsupportedMediaType, InvalidInput)


class Route(NamedTuple):
    """A route of a service, with what its view declares."""

    service: str
    path: str
    method: str
    entry: RouteEntry

    @property
    def operation(self) -> Operation:
        """Return what the view declares."""
        return operation_of(self.entry.view_function)

    @property
    def operation_id(self) -> str:
        """Return the name of the view's function in camel case."""
        first, *others = self.entry.view_function.__name__.split("_")
        return first + "".join(map(str.capitalize, others))

    @property
    def errors(self) -> list[type[Exception] | None]:
        """Return what the operation may fail with; None is what nobody expects."""
        return [
            *_ERRORS[self.operation.kind],
            *(_WITH_BODY if self.operation.body else ()),
            *((IdentityUnavailable,) if self.scopes is not None else ()),
            None,
        ]

    @property
    def scopes(self) -> list[str] | None:
        """Return the scopes of which a token must have one; None without a token."""
        authorizer = self.entry.authorizer
        return authorizer.scopes if isinstance(authorizer, JWTAuthorizer) else None


class Context(NamedTuple):
    """What all operations of the document have in common."""

    domain: AnyDomain
    example: Example
    problems: Mapping[type[Exception] | None, Sequence[Problem]]
    routes: Sequence[Route]


def operation_object(route: Route, context: Context) -> dict[str, Any]:
    """Return the operation of a route (OpenAPI 3.1, "Operation Object")."""
    declared, (domain, example, *_) = route.operation, context
    summary, _, description = (route.entry.view_function.__doc__ or "").strip().partition("\n\n")
    problems = [problem for error in route.errors for problem in context.problems[error]]
    failures = {
        str(status): with_gateway(status, response)
        for status, response in problem_responses(problems).items()
    }
    responses = {
        **successes(declared.kind, domain, example, _links(context.routes)),
        **failures,
        **gateway_responses(needs_token=route.scopes is not None),
    }
    return {
        "operationId": route.operation_id,
        "tags": [route.service],
        "summary": " ".join(summary.split()).rstrip("."),
        "description": " ".join(description.split()) or _DESCRIPTIONS[declared.kind],
        "parameters": parameters(route.path, declared, domain, example),
        **_request_body(declared, example),
        "responses": dict(sorted(responses.items())),
        "security": [] if route.scopes is None else [{SECURITY_SCHEME: route.scopes}],
    }


def body_name(declared: Operation) -> str:
    """Return the name of the schema of an operation's body: that of its model.

    That of a patch of ``BookInput`` is ``BookPatch``.
    """
    name = getattr(declared.body, "__name__", "")
    return f"{name.removesuffix('Input')}Patch" if is_patch(declared) else name


def _request_body(declared: Operation, example: Example) -> dict[str, Any]:
    if declared.body is None:
        return {}
    schema, value = ref(body_name(declared)), example.bodies[declared]
    media_type = {"schema": schema, "example": value}
    content = dict.fromkeys(declared.content_types, media_type)
    return {"requestBody": {"required": True, "content": content}}


_LINKED: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.VIEW: {"query.min_version": "$response.body#/version"},
    Kind.CHANGE: {"header.If-Match": "$response.header.ETag"},
    Kind.HISTORY: {},
}


def _links(routes: Iterable[Route]) -> dict[str, Any]:
    """Return what can be done with the id that a command has returned."""
    return {
        route.operation_id: {
            "operationId": route.operation_id,
            "parameters": {"path.id": "$response.body#/id", **_LINKED[route.operation.kind]},
        }
        for route in routes
        if route.operation.kind in _LINKED
    }
