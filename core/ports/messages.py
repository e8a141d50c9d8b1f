"""The public messages of a domain: what it tells other teams about its events, and promises them.

A stored event is the domain's own and may change with it. A public message is a contract: it has a
name, a version, and data of its own. A version only ever gains optional fields. Whatever would
break a subscriber is a new version, which is sent beside the old one until nobody needs that.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from core.ports.records import Record, check_record

E = TypeVar("E")
S = TypeVar("S")

CloudEvent = Mapping[str, Any]
"""A message in CloudEvents' JSON format (https://github.com/cloudevents/spec, version 1.0)."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")


class Message(NamedTuple, Generic[E, S]):
    """One version of a public message.

    - ``name`` is what it is about, in lower case: "orders.order-placed".
    - ``version`` counts from 1.
    - ``data`` is the class of the records that are its data.
    - ``of`` returns the data for an event and the state after it. It is pure, and has nothing of
      the envelope: neither who acted nor an idempotency key can get into a message.
    """

    name: str
    version: int
    data: type[Record]
    of: Callable[[E, S], Record]

    @property
    def type(self) -> str:
        """What subscribers choose it by: "orders.order-placed.v1"."""
        return f"{self.name}.v{self.version}"


class PublicLanguage(Generic[E, S]):
    """The public messages of a domain, by the classes of the events that cause them.

    An event of a class that is not there is private. Raises TypeError for a name or data that
    cannot be, for an event with messages of two names, and for a type that is there twice.
    """

    def __init__(self, messages: Mapping[type, Sequence[Message[E, S]]]) -> None:
        every = [message for several in messages.values() for message in several]
        for message in every:
            check_record(message.data)
            if not _NAME.fullmatch(message.name) or message.version < 1:
                raise TypeError(f"{message.type} cannot be the type of a message")
        if len({message.type for message in every}) != len(every):
            raise TypeError("each type of message must be declared once")
        if any(len({message.name for message in several}) > 1 for several in messages.values()):
            raise TypeError("the messages of an event must be versions of one")
        self._messages = {cls: tuple(several) for cls, several in messages.items()}

    @property
    def messages(self) -> Sequence[Message[E, S]]:
        """Return all messages."""
        return [message for several in self._messages.values() for message in several]

    def messages_of(self, event: object) -> Sequence[Message[E, S]]:
        """Return the messages that an event causes: none for one that is private."""
        return self._messages.get(type(event), ())


class Refused(NamedTuple):
    """A message that the bus did not take: why, and whether it never will."""

    reason: str
    is_final: bool


class Bus(Protocol):
    """Takes messages for whoever subscribes to them."""

    def fitting(self, messages: Sequence[CloudEvent]) -> int:
        """Return how many of ``messages``, from the first on, ``send`` takes at once: one or more.

        One that is too large counts as fitting: ``send`` refuses it.
        """

    def send(self, messages: Sequence[CloudEvent]) -> Sequence[Refused | None]:
        """Send messages, and return for each None, or why it was refused.

        Raises BusUnavailable when it is not known which were taken.
        """


class BusUnavailable(Exception):
    """The bus does not respond, or is throttled. The same messages may be sent again."""
