"""The document's example: what the domain itself makes of the example of a request's body."""

from collections.abc import Iterable, Mapping
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
    """The bodies of operations; the events that the first ones cause, and the view of them."""

    bodies: Mapping[Operation, Json]
    events: tuple[Envelope[Any], ...]
    state: Any
    view: View[Any]

    @property
    def body(self) -> Json:
        """Return a body that begins a stream; empty where none does."""
        found = (body for operation, body in self.bodies.items() if operation.kind is Kind.CREATE)
        return next(found, {})


def example_of(operations: Iterable[Operation], domain: AnyDomain) -> Example:
    """Return the example of a domain whose API has these operations.

    The first examples of its fields are the example of a body; the second ones, of those fields
    that have some, are that of a patch. What happens in the example is the first operation that
    creates, and then the first that changes. Raises Refusal when the domain refuses it.
    """
    bodies = {each: example_body(each) for each in operations if each.body is not None}
    state, events = domain.decider.initial, list[Any]()
    for kind in (Kind.CREATE, Kind.CHANGE):
        first = next((each for each in bodies if each.kind is kind and each.command), None)
        if first and first.command:
            caused = domain.decider.decide(state, first.command(bodies[first]))
            envelopes = [_envelope(len(events) + n, e) for n, e in enumerate(caused, 1)]
            state, events = domain.fold(envelopes, state), [*events, *envelopes]
    details = domain.view(state)
    if details is None:
        raise ValueError("nothing is to be seen of what the examples make")
    view = View(STREAM, len(events), details, events[0].occurred_at, events[-1].occurred_at)
    return Example(bodies, tuple(events), state, view)


def example_body(operation: Operation) -> Json:
    """Return the example of an operation's body, from those of its model's fields."""
    model, number = operation.body or BaseModel, 1 if is_patch(operation) else 0
    fields = {name: field.examples or [] for name, field in model.model_fields.items()}
    return {name: given[number] for name, given in fields.items() if len(given) > number}


def is_patch(operation: Operation) -> bool:
    """Return whether an operation's body is a JSON Merge Patch (RFC 7396)."""
    return "application/merge-patch+json" in operation.content_types


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
