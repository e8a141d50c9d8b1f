"""The services' problem details in the document: a schema and an example of each kind.

Both are made from the response to an exception of that kind, so what a client gets is documented.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from apps.openapi.example import OTHER_STREAM, REQUEST, AnyDomain, Example
from apps.openapi.schemas import ID, TEXT, VERSION, Schema, one_of, ref
from chalice_terraform.runtime.claims import IdentityUnavailable
from core.adapters.http.problems import CONTENT_TYPE, kind_of, problem_response
from core.adapters.http.requests import (
    JSON_TYPES,
    BadRequest,
    BodyTooLarge,
    NoSuchPage,
    UnsupportedMediaType,
)
from core.application.errors import AlreadyClaimed, KeyReused, LastingConflict, PreconditionFailed
from core.application.queries import Degraded, NoSuchVersion, NotYetVisible
from core.ports.catalogue import UnreadableView
from core.ports.decider import Claim
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.refusals import FieldError, InvalidInput, NotFound, NotPossible

_POINTER: Final[Schema] = {
    "type": "string",
    "format": "json-pointer",
    "description": "Where in the body (RFC 6901); empty for the body itself.",
}
_FIELD_ERROR: Final[Schema] = {
    "type": "object",
    "properties": {"pointer": _POINTER, "message": TEXT},
    "required": ["pointer", "message"],
}
_MEMBERS: Final[Mapping[str, Schema]] = {
    "type": {"type": "string", "format": "uri-reference"},
    "title": TEXT,
    "status": {"type": "integer"},
    "detail": {**TEXT, "description": "What happened, for people."},
    "instance": {**TEXT, "description": "The request's id, under which the logs have it."},
    "errors": {
        "type": "array",
        "description": "Every bad field.",
        "items": _FIELD_ERROR,
        "minItems": 1,
    },
    "version": {**VERSION, "description": "The present version."},
}
"""Problems' members but those that name a claim and its owner."""

_CONSTANT: Final = ("type", "title", "status")


class Problem(NamedTuple):
    """A kind of problem as clients get it; ``headers`` are the names of its response's headers."""

    name: str
    title: str
    status: int
    example: dict[str, Any]
    headers: frozenset[str]

    @property
    def component(self) -> str:
        """Return the name of its schema."""
        return "".join(word.capitalize() for word in self.name.split("-")) + "Problem"


def samples(domain: AnyDomain, example: Example) -> list[Exception]:
    """Return an exception of each kind of problem, one for each claim where it is of claims."""
    noun, version = domain.noun, example.view.version
    values = {claim.kind: claim.value for claim in domain.decider.claims(example.state)}
    fields = example.body or {"field": ""}
    return [
        BadRequest("The parameter limit must be a whole number from 1 to 100."),
        NotFound(noun),
        NoSuchVersion(noun, version + 1),
        NoSuchPage(),
        *(
            AlreadyClaimed(noun, Claim(kind, values.get(kind, "1")), label, OTHER_STREAM)
            for kind, label in domain.claim_labels.items()
        ),
        NotPossible(noun, f"The {noun} does not allow that now."),
        LastingConflict(noun),
        PreconditionFailed(noun, version),
        BodyTooLarge(),
        UnsupportedMediaType(JSON_TYPES),
        InvalidInput(noun, tuple(FieldError(f"/{name}", "is required") for name in fields)[:1]),
        KeyReused(),
        NotYetVisible(noun, version),
        Degraded(timedelta(seconds=42)),
        StoreUnavailable("throttled"),
        UnknownEvent("unknown"),
        UnreadableView(example.view.id),
        IdentityUnavailable("timed out"),
        AssertionError("unexpected"),
    ]


def problem_of(error: Exception, types: str) -> Problem:
    """Return what a client gets when a request fails with ``error``."""
    kind, response = kind_of(error), problem_response(error, REQUEST, types)
    assert isinstance(response.body, str)
    headers = response.headers.keys() - {"Content-Type"}
    return Problem(
        kind.name, kind.title, kind.status, json.loads(response.body), frozenset(headers)
    )


def problem_schema(problem: Problem, domain: AnyDomain) -> Schema:
    """Return the schema of a kind of problem."""
    members = {
        **_MEMBERS,
        **dict.fromkeys(domain.claim_labels, TEXT),
        f"{domain.noun}_id": {**ID, "description": f"The {domain.noun} that has it."},
    }
    example = problem.example
    constants = {name: {**members[name], "const": example[name]} for name in _CONSTANT}
    return {
        "type": "object",
        "description": f"{problem.title}.",
        "properties": {**{name: members[name] for name in example}, **constants},
        "required": list(example),
    }


def problem_responses(problems: Iterable[Problem]) -> dict[int, dict[str, Any]]:
    """Return the responses to a request that may fail with any of ``problems``, by status."""
    by_status: dict[int, list[Problem]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem)
    return {status: _response(found) for status, found in by_status.items()}


def _response(found: Sequence[Problem]) -> dict[str, Any]:
    components = {problem.example["type"]: problem.component for problem in found}
    first, *others = components.values()
    schema = one_of("type", components) if others else ref(first)
    examples = {problem.name: ref(problem.name, "examples") for problem in found}
    names = {name for problem in found for name in problem.headers}
    return {
        "description": "; ".join(problem.title for problem in found) + ".",
        "headers": {name: ref(name, "headers") for name in sorted({*names, "X-Correlation-Id"})},
        "content": {CONTENT_TYPE: {"schema": schema, "examples": examples}},
    }
