"""The events of a book for ``eventsourcing``, which loads them by the name of their module."""

from typing import Any

from eventsourcing.domain import DomainEvent

now = DomainEvent.create_timestamp


class BookAdded(DomainEvent):
    """A book was added."""

    details: dict[str, Any]


class BookRevised(DomainEvent):
    """Some of a book's details were replaced."""

    changes: dict[str, Any]
