"""How far each stream of a log has come: in a temporary file, as a log has any number of them."""

import sqlite3
from collections.abc import Iterator


class Gap(Exception):
    """An event does not follow the one before it in its stream."""


class Streams:
    """The last version of each stream. For one thread; the file goes with ``close``."""

    def __init__(self) -> None:
        # SQLite keeps a database without a name in memory as long as it is small, and then in a
        # temporary file (https://sqlite.org/inmemorydb.html#temp_db).
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute(
            "CREATE TABLE streams (stream TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID"
        )
        self._connection.execute(
            "CREATE TABLE present (stream TEXT, version INTEGER, event_id TEXT,"
            " PRIMARY KEY (stream, version)) WITHOUT ROWID"
        )
        self._connection.execute("BEGIN")

    def follow(self, stream: str, version: int) -> None:
        """Note the next version of ``stream``. Raises Gap unless it is the next one."""
        last = self.last(stream)
        if version != last + 1:
            raise Gap(
                f"version {version} of {stream} comes after version {last}"
                if last
                else f"the first event of {stream} has version {version}"
            )
        self.reach(stream, version)

    def reach(self, stream: str, version: int) -> None:
        """Note a later version of ``stream``, whatever the one before was."""
        self._connection.execute("REPLACE INTO streams VALUES (?, ?)", (stream, version))

    def last(self, stream: str) -> int:
        """Return the last version of ``stream`` that was noted, or 0."""
        query = "SELECT version FROM streams WHERE stream = ?"
        row = self._connection.execute(query, (stream,)).fetchone()
        return int(row[0]) if row else 0

    def all(self) -> Iterator[tuple[str, int]]:
        """Yield each stream and its last version."""
        yield from self._connection.execute("SELECT stream, version FROM streams ORDER BY stream")

    def count(self) -> int:
        """Return how many streams were noted."""
        return int(self._connection.execute("SELECT count(*) FROM streams").fetchone()[0])

    def note_present(self, stream: str, version: int, event_id: str) -> None:
        """Note an event that a target has already."""
        values = (stream, version, event_id)
        self._connection.execute("INSERT INTO present VALUES (?, ?, ?)", values)

    def present(self, stream: str, version: int) -> str | None:
        """Return the id of the event that the target has there, or None."""
        query = "SELECT event_id FROM present WHERE stream = ? AND version = ?"
        row = self._connection.execute(query, (stream, version)).fetchone()
        return str(row[0]) if row else None

    def close(self) -> None:
        """Remove the temporary file."""
        self._connection.close()
