"""Who of this process writes a file next.

SQLite lets a writer wait for another by asking again after ever longer pauses, so of many threads
the one that has waited longest asks least often, and starves. Here the threads of a process wait
in a queue: at most one of them waits for SQLite's own lock, with other processes.
"""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

from core.ports.errors import StoreUnavailable


class WriteQueue:
    """The writers of one file, in the order in which they came. The first one has its turn."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all writers: in the child of a fork, which has none of their threads."""
        self._writers: deque[Lock] = deque()
        self._guard = Lock()

    @contextmanager
    def turn(self, path: Path, seconds: float) -> Iterator[None]:
        """Wait until all who came before have finished, and write meanwhile.

        Raises StoreUnavailable when that takes longer than ``seconds``.
        """
        mine = Lock()  # held until it is this writer's turn
        mine.acquire()
        try:
            self._join(mine)
            if not mine.acquire(timeout=seconds):
                raise StoreUnavailable(
                    f"The database {path} is being written by too many at once; try again."
                )
            yield
        finally:
            self._leave(mine)

    def _join(self, writer: Lock) -> None:
        with self._guard:
            self._writers.append(writer)
            if self._writers[0] is writer:
                writer.release()

    def _leave(self, writer: Lock) -> None:
        with self._guard:
            if writer not in self._writers:  # interrupted before it could join
                return
            had_its_turn = self._writers[0] is writer
            self._writers.remove(writer)
            if had_its_turn and self._writers:
                self._writers[0].release()


_QUEUES: Final[dict[str, WriteQueue]] = {}
"""Like SQLite's lock, a queue belongs to the file: it is the same for all who open it here."""


def write_queue_of(path: Path) -> WriteQueue:
    """Return the queue of the file at ``path``: in one process always the same one."""
    # ``setdefault`` is atomic: no lock that a fork could copy while it is held.
    return _QUEUES.setdefault(os.path.realpath(path), WriteQueue())


def _forget_writers() -> None:
    for queue in _QUEUES.values():
        queue.forget()


os.register_at_fork(after_in_child=_forget_writers)
