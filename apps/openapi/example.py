"""The document's example: what the domain itself makes of the example of a request's body."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from core.adapters.http.operations import Kind, Operation
from core.ports.domain import Domain
from core.ports.events import Envelope
from core.ports.views import View

AnyDomain = Domain[Any, Any, Any, Any]
Json = dict[str, Any]

STREAM: Final = "0a7d1b4c-6a3e-4d55-9c0f-2f5a8a1f1c11"
OTHER_STREAM: Final = "5f0c8a52-3b1e-4f0a-8f53-0d6f1f7f9b42"
REQUEST: Final = "JKJaXmPLvHcESHA="
CURSOR: Final = "WyJ0aXRsZSIsImVtbWEiXQ"
KEY: Final = "d3b0c1a4-5d2c-4f43-9d4c-1f0f6a2f6c3e"

_BEGINNING: Final = datetime(2026, 1, 31, 12, tzinfo=UTC)
_ACTOR: Final = "auth0|5f7c8ec7c33c6c004bbafe82"


class Example(NamedTuple):
    """Bodies that begin a stream and change it, the events that they cause, and their view."""

    body: Json
    patch: Json
    events: tuple[Envelope[Any], ...]
    state: Any
    view: View[Any]


def example_of(operations: Iterable[Operation], domain: AnyDomain) -> Example:
    """Return the example of a domain whose API has these operations.

    The first examples of the fields of a new body are its example; the second ones, of those fields
    that have some, are the example of a patch. Raises Refusal when the domain refuses them.
    """
    bodies: dict[Kind, Json] = {}
    state, events = domain.decider.initial, list[Any]()
    declared = {operation.kind: operation for operation in operations if operation.command}
    for number, kind in enumerate((Kind.CREATE, Kind.CHANGE)):
        if (operation := declared.get(kind)) and operation.body and operation.command:
            bodies[kind] = _examples(operation.body, number)
            caused = domain.decider.decide(state, operation.command(bodies[kind]))
            envelopes = [_envelope(len(events) + n, e) for n, e in enumerate(caused, 1)]
            state, events = domain.fold(envelopes, state), [*events, *envelopes]
    details = domain.view(state)
    if details is None:
        raise ValueError("nothing is to be seen of what the examples make")
    view = View(STREAM, len(events), details, events[0].occurred_at, events[-1].occurred_at)
    new, patch = bodies.get(Kind.CREATE, {}), bodies.get(Kind.CHANGE, {})
    return Example(new, patch, tuple(events), state, view)


def _examples(model: type[BaseModel], number: int) -> Json:
    fields = {name: field.examples or [] for name, field in model.model_fields.items()}
    return {name: given[number] for name, given in fields.items() if len(given) > number}


def _envelope(version: int, event: object) -> Envelope[Any]:
    return Envelope(
        stream=STREAM,
        version=version,
        event_id=f"{version:08x}-9f0e-4c3d-8b1a-7c6d5e4f3a2b",
        event=event,
        occurred_at=_BEGINNING + timedelta(minutes=version),
        actor=_ACTOR,
        correlation_id=REQUEST,
        causation_id=REQUEST,
    )
