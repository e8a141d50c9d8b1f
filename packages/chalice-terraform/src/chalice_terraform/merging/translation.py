"""How the resources that Chalice declares become blocks of the stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .context import Context
from .model import Block, Resource

Handler = Callable[[Context, Resource], Iterator[Block]]
"""Returns the blocks that a resource becomes."""


@dataclass(frozen=True)
class Translation:
    """What a kind of API makes of the apps.

    ``handlers`` translates the types of resources that belong to an API. ``blocks`` are those that
    come from no resource of Chalice's own.
    """

    handlers: Mapping[str, Handler]
    blocks: Sequence[Block] = ()


def keep(_: Context, resource: Resource) -> Iterator[Block]:
    """Return the resource as it is."""
    yield resource.block()


def nothing(_: Context, __: Resource) -> Iterator[Block]:
    """Return no block: other blocks replace the resource."""
    yield from ()
