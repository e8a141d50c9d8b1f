"""A store that is away at chosen calls: sometimes before it has done what was asked, sometimes after."""

from collections.abc import Callable, Iterator
from typing import Any


class FailingAt:
    """Stands before ``store``; ``plan`` says of each call in turn: "fine", "before" or "lost" (done, answer lost)."""

    def __init__(self, store: Any, plan: Iterator[str], error: Callable[[], Exception]) -> None:
        self._store = store
        self._plan = plan
        self._error = error

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            outcome = next(self._plan, "fine")
            if outcome == "before":
                raise self._error()
            result = method(*args, **kwargs)
            if outcome == "lost":
                raise self._error()
            return result

        return call
