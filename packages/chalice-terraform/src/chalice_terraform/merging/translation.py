"""How the resources that Chalice declares become blocks of the stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .context import Context
from .model import Block, Resource
from .rest_api import RestApi

Handler = Callable[[Context, Resource], Iterator[Block]]
"""Returns the blocks that a resource becomes."""


@dataclass(frozen=True)
class Translation:
    """What a kind of API makes of the apps.

    ``handlers`` translates the types of resources that belong to an API. ``blocks`` are those that
    come from no resource of Chalice's own. ``http_apis`` maps the name of each HTTP API to the REST
    APIs that it replaces.
    """

    handlers: Mapping[str, Handler]
    blocks: Sequence[Block] = ()
    http_apis: Mapping[str, Sequence[RestApi]] = field(default_factory=dict)


def keep(_: Context, resource: Resource) -> Iterator[Block]:
    """Return the resource as it is."""
    yield resource.block()


def nothing(_: Context, __: Resource) -> Iterator[Block]:
    """Return no block: other blocks replace the resource."""
    yield from ()
