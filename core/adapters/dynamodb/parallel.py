"""Requests that do not depend on each other, sent at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")

MAX_THREADS: Final = 8
"""Requests that one process has under way for its replacements and its spread listings."""


class Together(Protocol):
    """Makes calls that do not depend on each other."""

    def __call__(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Return their results, in order, once all have ended. Raises the first one's error."""


def one_by_one(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make the calls in this thread, and none after one that has failed."""
    return [call() for call in calls]


class Threads:
    """Makes calls in threads, which are started when there are first two calls to make."""

    def __init__(self, threads: int = MAX_THREADS) -> None:
        self._threads = threads
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        if len(calls) < 2:
            return one_by_one(calls)
        futures = [self._executor().submit(call) for call in calls]
        errors = [future.exception() for future in futures]
        for error in errors:
            if error is not None:
                raise error
        return [future.result() for future in futures]

    def _executor(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor

        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, "dynamodb")
            return self._pool
