"""The generations of the catalogue in memory."""

from collections.abc import Sequence

from core.adapters.memory.catalogue import MemoryCatalogue


class MemoryReadModel:
    """A live catalogue and, during a rebuild, the one being built."""

    def __init__(self) -> None:
        self._live = MemoryCatalogue()
        self._building: MemoryCatalogue | None = None
        self._checkpoints: dict[str, str] = {}

    def live(self) -> MemoryCatalogue:
        return self._live

    def targets(self) -> Sequence[MemoryCatalogue]:
        return [self._live] if self._building is None else [self._live, self._building]

    def begin_rebuild(self) -> MemoryCatalogue:
        if self._building is None:
            self._building = MemoryCatalogue()
            self._checkpoints.pop("rebuild", None)
        return self._building

    def finish_rebuild(self) -> None:
        if self._building is not None:
            self._live, self._building = self._building, None

    def checkpoint(self, name: str) -> str | None:
        return self._checkpoints.get(name)

    def save_checkpoint(self, name: str, position: str) -> None:
        self._checkpoints[name] = position
