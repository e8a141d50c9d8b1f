"""Erasure in SQLite: also of the bytes that the file and its write-ahead log have left."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from core.adapters.sqlite.database import BUSY_SECONDS, Database, Synchronous
from core.ports.erasure import ERASED, Erased

_PART: Final = 2_000
"""Rows: other writers wait for a part."""


class SqliteActorErasure:
    """Erases actors from the events of a file.

    What is replaced is overwritten with zeros, and the write-ahead log is emptied at the end unless
    somebody uses the file at that moment: then it is when it is next full, or nobody does. Pages
    that were free before may have copies of events: ``VACUUM`` removes them.
    """

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self._database = Database(path, Synchronous.FULL, busy_seconds)

    def erase(self, actors: Collection[str]) -> Iterator[Erased]:
        position, total = 0, Erased(0, 0)
        while True:
            last, part = self._erase(actors, position)
            position, total = last, Erased(total.seen + part.seen, total.changed + part.changed)
            yield total
            if part.seen < _PART:
                break
        self._database.cut()

    def _erase(self, actors: Collection[str], after: int) -> tuple[int, Erased]:
        """Do the next part; return the position of its last event, and what was done."""
        with self._database.write() as connection:
            connection.execute("PRAGMA secure_delete = ON").fetchall()
            last, seen = connection.execute(
                "SELECT coalesce(max(position), 0), count(*) FROM"
                " (SELECT position FROM events WHERE position > ? ORDER BY position LIMIT ?)",
                (after, _PART),
            ).fetchone()
            changed = connection.execute(
                "UPDATE events SET actor = ? WHERE position > ? AND position <= ?"
                f" AND actor IN ({', '.join('?' * len(actors))})",
                (ERASED, after, last, *actors),
            ).rowcount
        return last, Erased(seen, changed)

    def close(self) -> None:
        """Close the connections that no thread is using."""
        self._database.close()
