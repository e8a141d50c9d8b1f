"""A store that is unavailable at chosen calls, before or after it did what was asked."""

from collections.abc import Callable, Iterator
from typing import Any


class FailingAt:
    """Wraps ``store``; ``plan`` has the outcome of each call.

    It is "fine", "before" (nothing is done) or "lost" (it is done, but the response is lost).
    """

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
