"""The generations of the catalogue in memory."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Generic, TypeVar

from core.adapters.memory.catalogue import MemoryCatalogue
from core.ports.listing import ListingDeclaration
from core.ports.read_model import Aside
from core.ports.records import Record

V = TypeVar("V", bound=Record)


class MemoryReadModel(Generic[V]):
    """A live catalogue and, during a rebuild, the one being built."""

    def __init__(self, declaration: ListingDeclaration[V]) -> None:
        self._declaration = declaration
        self._live = MemoryCatalogue(declaration)
        self._building: MemoryCatalogue[V] | None = None
        self._checkpoints: dict[str, str] = {}
        self._aside: dict[str, Aside] = {}

    def live(self) -> MemoryCatalogue[V]:
        return self._live

    def targets(self) -> Sequence[MemoryCatalogue[V]]:
        return [self._live] if self._building is None else [self._live, self._building]

    def batch(self) -> AbstractContextManager[Callable[[], bool]]:
        return nullcontext(lambda: True)

    def begin_rebuild(self) -> MemoryCatalogue[V]:
        if self._building is None:
            self._building = MemoryCatalogue(self._declaration)
            self._checkpoints.pop("rebuild", None)
        return self._building

    def finish_rebuild(self) -> None:
        if self._building is not None:
            self._live, self._building = self._building, None

    def checkpoint(self, name: str) -> str | None:
        return self._checkpoints.get(name)

    def save_checkpoint(self, name: str, position: str) -> None:
        self._checkpoints[name] = position

    def set_aside(self, aside: Aside) -> None:
        present = self._aside.get(aside.stream)
        if present is None or present.version <= aside.version:
            self._aside[aside.stream] = aside

    def aside(self) -> Sequence[Aside]:
        return [self._aside[stream] for stream in sorted(self._aside)]

    def resume(self, aside: Aside) -> None:
        present = self._aside.get(aside.stream)
        if present is not None and present.version <= aside.version:
            del self._aside[aside.stream]
