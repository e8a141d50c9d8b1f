"""What a route promises beyond what Chalice knows of it.

It is data beside the view, for the OpenAPI document that ``apps/openapi`` writes; nothing reads it
while a request is served.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

F = TypeVar("F", bound="Callable[..., Any]")

_ATTRIBUTE: Final = "__operation__"


class Kind(Enum):
    """What an operation does. Its parameters, headers and responses follow from it."""

    CREATE = auto()
    """A command that begins a stream (``created_response``)."""
    CHANGE = auto()
    """A command for a stream (``accepted_response``)."""
    VIEW = auto()
    """One view, with ``min_version``."""
    LISTING = auto()
    """A page of views (``core.adapters.http.listings``)."""
    HISTORY = auto()
    """A page of a stream's events, or its view at a time (``core.adapters.http.histories``)."""
    HEALTH = auto()
    """The health of a service (``health_response``)."""
    VIEWS_HEALTH = auto()
    """The health of a service whose views may be behind (``check_lag``)."""
    DOCUMENT = auto()
    """The OpenAPI document itself."""
    PAGE = auto()
    """A page for people."""
    NAMED_PAGE = auto()
    """One of several pages, by the name that ends its path."""


class Operation(NamedTuple):
    """What a view's route does.

    ``body`` is the model of the request's body, None without one; ``content_types`` are those that
    the body may have. With a merge patch among them, all fields are optional and may be null.
    ``command`` returns the domain's command of such a body. ``page`` is an example of the name that
    ends the path of a ``NAMED_PAGE``.
    """

    kind: Kind
    body: type[BaseModel] | None = None
    content_types: tuple[str, ...] = ()
    command: Callable[[object], Any] | None = None
    page: str | None = None


def operation(
    kind: Kind,
    body: type[BaseModel] | None = None,
    content_types: tuple[str, ...] = (),
    command: Callable[[object], Any] | None = None,
    page: str | None = None,
) -> Callable[[F], F]:
    """Return the decorator that declares what a view's route does."""

    def declare(view: F) -> F:
        setattr(view, _ATTRIBUTE, Operation(kind, body, content_types, command, page))
        return view

    return declare


def no_operation(view: F) -> F:
    """Declare that a view's route is no operation of the API: a file that a page uses."""
    setattr(view, _ATTRIBUTE, None)
    return view


def is_operation(view: Callable[..., Any]) -> bool:
    """Return whether a view's route is an operation; one that is not declared counts as one."""
    return getattr(view, _ATTRIBUTE, view) is not None


def operation_of(view: Callable[..., Any]) -> Operation:
    """Return what was declared of a view. Raises TypeError when nothing was."""
    declared = getattr(view, _ATTRIBUTE, None)
    if not isinstance(declared, Operation):
        raise TypeError(f"the view {view.__name__} is not declared: give it an @operation")
    return declared
