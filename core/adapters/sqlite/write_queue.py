"""Who of this process writes a file next.

SQLite lets a writer wait for another by asking again after ever longer pauses, so of many threads
the one that has waited longest asks least often, and starves. Here the threads of a process wait
in a queue: at most one of them waits for SQLite's own lock, with other processes.

Forcing a commit to the disk takes most of the time of an append. So what those who wait have to
write can be seen by the one whose turn it is, which may do it as well, in its own transaction.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from threading import Lock
from typing import Final, NamedTuple

from core.ports.errors import StoreUnavailable


@dataclass(eq=False, slots=True)
class Write:
    """What a writer has to do, and another one of its ``group`` may do for it."""

    group: object
    work: Callable[[Connection], None]
    is_done: bool = False
    is_alone: bool = False
    """Whether a transaction that it shared has failed. So has that of all who wait before it."""


class _Writer(NamedTuple):
    turn: Lock
    """Held until it is this writer's turn."""
    write: Write | None


class WriteQueue:
    """The writers of one file, in the order in which they came. The first one has its turn."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all writers: in the child of a fork, which has none of their threads."""
        self._writers: deque[_Writer] = deque()
        self._guard = Lock()

    @contextmanager
    def turn(self, path: Path, seconds: float, write: Write | None = None) -> Iterator[None]:
        """Wait until all who came before have finished, and write meanwhile.

        Until then, others see ``write``; it may be done before it is this writer's turn.

        Raises StoreUnavailable when that takes longer than ``seconds``.
        """
        mine = _Writer(Lock(), write)
        mine.turn.acquire()
        try:
            self._join(mine)
            if not mine.turn.acquire(timeout=seconds):
                raise StoreUnavailable(
                    f"The database {path} is being written by too many at once; try again."
                )
            yield
        finally:
            self._leave(mine)

    def undone(self, group: object) -> list[Write]:
        """Return what the writers of ``group`` still wait to do, in their order."""
        with self._guard:
            writes = [writer.write for writer in self._writers if writer.write is not None]
        return [write for write in writes if write.group is group and not write.is_done]

    def _join(self, writer: _Writer) -> None:
        with self._guard:
            self._writers.append(writer)
            if self._writers[0] is writer:
                writer.turn.release()

    def _leave(self, writer: _Writer) -> None:
        with self._guard:
            if writer not in self._writers:  # interrupted before it could join
                return
            had_its_turn = self._writers[0] is writer
            self._writers.remove(writer)
            if had_its_turn and self._writers:
                self._writers[0].turn.release()


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
