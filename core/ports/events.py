"""Events as the log keeps them: their declaration and codec, and the envelope of each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeGuard, TypeVar, final

from core.ports.errors import UnknownEvent
from core.ports.records import check_record, from_data, to_data

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)
Other = TypeVar("Other")

Upcaster = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""From the data of an event in one schema version to its data in the next."""


def unchanged(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``data`` as it is: the upcaster to a version that only has more optional fields."""
    return data


@final
@dataclass(frozen=True, slots=True)
class NothingChanged:
    """The record of a command with an idempotency key that changed nothing.

    The engine appends it in place of events, so that a late repeat finds it in the log and does not
    undo what others have done since. It takes a version of the stream and changes no state.
    """


NOTHING_CHANGED: Final = "NothingChanged"


class Unreadable(NamedTuple):
    """A stored event that this version of the code cannot read: where it is in the log, and why."""

    stream: str
    version: int
    reason: str


class StoredEvent(NamedTuple):
    """An event as a store keeps it. ``data`` is JSON data."""

    type: str
    schema_version: int
    data: Mapping[str, Any]


class Codec(Protocol[E]):
    """What a store keeps of events, and what it makes of that."""

    def encode(self, event: E | NothingChanged) -> StoredEvent:
        """Return ``event`` as it is stored."""

    def decode(self, name: str, schema_version: int, data: Mapping[str, Any]) -> E | NothingChanged:
        """Return the event that is stored as ``data``. Raises UnknownEvent."""


class AsStored(Codec[StoredEvent]):
    """A codec that leaves events as they are stored, also those that this code cannot read.

    For copies of a log: nothing is upcast, and nothing that is not known is lost.
    """

    def encode(self, event: StoredEvent | NothingChanged) -> StoredEvent:
        """Return ``event``."""
        return StoredEvent(NOTHING_CHANGED, 1, {}) if isinstance(event, NothingChanged) else event

    def decode(self, name: str, schema_version: int, data: Mapping[str, Any]) -> StoredEvent:
        """Return what is stored."""
        return StoredEvent(name, schema_version, data)


class EventType(Generic[E_co]):
    """How the events of one class are stored.

    ``upcasters`` lift older stored forms: the first from schema version 1 to 2, the second from 2
    to 3, and so on. So the version that is written is one more than their number. To change a
    stored form, append the step from the version before.
    """

    def __init__(self, cls: type[E_co], *upcasters: Upcaster) -> None:
        self.cls = cls
        self.upcasters = upcasters
        self.schema_version = len(upcasters) + 1


class EventCodec(Codec[E]):
    """The events of a domain by the names under which they are stored, for ever.

    ``union`` has all classes of events (``typing.get_args`` of their union): an event without a
    declaration, or declared twice, is a TypeError when the codec is made, not a surprise when the
    event first occurs. The classes are records (``core.ports.records``).
    """

    def __init__(self, union: Iterable[type], types: Mapping[str, EventType[E]]) -> None:
        declared = [event_type.cls for event_type in types.values()]
        if set(declared) != set(union) or len(set(declared)) != len(declared):
            raise TypeError(f"every event of {union} must be declared, once: {declared}")
        for cls in declared:
            check_record(cls)
        if NOTHING_CHANGED in types:
            raise TypeError(f"the name {NOTHING_CHANGED} is the engine's own")
        self._types = dict(types)
        self._names: dict[type, str] = {event_type.cls: name for name, event_type in types.items()}

    @property
    def classes(self) -> Mapping[str, type[E]]:
        """Return the classes of events by the names under which they are stored."""
        return {name: event_type.cls for name, event_type in self._types.items()}

    @property
    def schema_versions(self) -> Mapping[str, int]:
        """Return the newest schema version of each class of events, by its name."""
        return {name: event_type.schema_version for name, event_type in self._types.items()}

    def owns(self, event: object) -> TypeGuard[E]:
        """Return whether ``event`` is one of this domain's."""
        return type(event) in self._names

    def encode(self, event: E | NothingChanged) -> StoredEvent:
        """Return ``event`` in its newest schema version, without fields at their defaults."""
        if isinstance(event, NothingChanged):
            return StoredEvent(NOTHING_CHANGED, 1, {})
        name = self._names[type(event)]
        return StoredEvent(name, self._types[name].schema_version, to_data(event))

    def decode(self, name: str, schema_version: int, data: Mapping[str, Any]) -> E | NothingChanged:
        """Return the event that was stored as ``data``, lifted to its newest schema version.

        Raises UnknownEvent for a type or schema version that this code does not know, or for data
        of another shape.
        """
        if (name, schema_version) == (NOTHING_CHANGED, 1):
            return NothingChanged()
        event_type = self._types.get(name)
        if event_type is None or not 1 <= schema_version <= event_type.schema_version:
            raise UnknownEvent(
                f"An event {name} of schema version {schema_version} is not known to this version"
                " of the code."
            )
        try:
            for upcast in event_type.upcasters[schema_version - 1 :]:
                data = upcast(data)
            return from_data(event_type.cls, data)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise UnknownEvent(
                f"A stored {name} of schema version {schema_version} does not have the shape of"
                " one."
            ) from error

    def joined(self, other: "EventCodec[Other]") -> "EventCodec[E | Other]":
        """Return the codec of a shared log. Raises TypeError if both domains use one name."""
        if shared := self._types.keys() & other._types.keys():
            raise TypeError(f"both domains store events as {', '.join(sorted(shared))}")
        types: dict[str, EventType[E | Other]] = {**self._types, **other._types}
        return EventCodec([event_type.cls for event_type in types.values()], types)


class Envelope(NamedTuple, Generic[E_co]):
    """An event with what is known about it.

    ``version`` counts from 1 within ``stream``, the id of what the events are about; ``event_id``
    is unique; ``occurred_at`` is aware and in UTC. Versions order events, not times: those of
    different machines' clocks differ (``core.application.handling``). ``actor`` is the subject of
    the caller's token, or what is kept instead (``core.application.requests.ActorName``,
    ``core.ports.erasure``). ``correlation_id`` is shared by all that one request of a client
    caused, ``causation_id`` is the id of the message that caused this event. ``idempotency_key``
    and ``fingerprint`` are set when the command carried an Idempotency-Key: the
    digest of the key and its caller, and the digest of the request that came with it.
    """

    stream: str
    version: int
    event_id: str
    event: E_co | NothingChanged
    occurred_at: datetime
    actor: str
    correlation_id: str
    causation_id: str
    idempotency_key: str | None = None
    fingerprint: str | None = None

    @property
    def changed_nothing(self) -> bool:
        """Whether this is the record of a command that changed nothing."""
        return isinstance(self.event, NothingChanged)
