"""The event store in SQLite."""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import (
    SQLITE_CONSTRAINT_UNIQUE,
    SQLITE_TOOBIG,
    Connection,
    DataError,
    IntegrityError,
)
from typing import Any, Final, Generic, TypeVar

from core.adapters.sqlite.database import BUSY_SECONDS, Database, Synchronous
from core.adapters.sqlite.errors import primary_code
from core.adapters.sqlite.known import Known
from core.ports.errors import UnknownEvent
from core.ports.event_store import (
    NO_CLAIMS,
    Claims,
    ClaimTaken,
    EventTooLarge,
    VersionConflict,
    check_continues,
)
from core.ports.events import Codec, Envelope, Unreadable

E = TypeVar("E")

_COLUMNS: Final = (
    "stream, version, event_id, type, schema_version, data, occurred_at,"
    " actor, correlation_id, causation_id, idempotency_key, fingerprint"
)
_MARKS: Final = ", ".join("?" * len(_COLUMNS.split(", ")))
_INSERT: Final = f"INSERT INTO events ({_COLUMNS}) VALUES ({_MARKS})"
_BATCH: Final = 500
_NO_LIMIT: Final = -1
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


class SqliteEventStore(Generic[E]):
    """Events in one file. An append returns once they are on the disk (``Synchronous.FULL``).

    A position is the number of a row of the log, in the order of commits.
    """

    def __init__(self, path: Path, codec: Codec[E], busy_seconds: float = BUSY_SECONDS) -> None:
        self._codec = codec
        self._database = Database(path, Synchronous.FULL, busy_seconds)

    def load(self, stream: str, after: int = 0, limit: int | None = None) -> list[Envelope[E]]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM events"
                " WHERE stream = ? AND version > ? ORDER BY version LIMIT ?",
                (stream, after, _NO_LIMIT if limit is None else limit),
            ).fetchall()
        return [self._envelope(*row) for row in rows]

    def load_last(self, stream: str, count: int) -> list[Envelope[E]]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM events WHERE stream = ? ORDER BY version DESC LIMIT ?",
                (stream, count),
            ).fetchall()
        return [self._envelope(*row) for row in reversed(rows)]

    def append(
        self,
        stream: str,
        expected_version: int,
        events: Sequence[Envelope[E]],
        claims: Claims = NO_CLAIMS,
    ) -> None:
        check_continues(stream, expected_version, events)
        rows = [self._row(event) for event in events]  # before others have to wait

        def insert(connection: Connection) -> None:
            if _insert(connection, stream, expected_version, events, rows):
                _settle_claims(connection, stream, claims)

        self._database.write_together(insert)

    def batch(self) -> AbstractContextManager[object]:
        """Begin a batch: what this thread appends inside is one transaction.

        For many events at once, of which each alone would wait for the disk. Others cannot write
        meanwhile. An error that an append inside has raised must leave the batch, and undoes it.
        """
        return self._database.batch(Known())

    def read_all(self, after: str | None = None) -> Iterator[tuple[str, Envelope[E] | Unreadable]]:
        return self.follow(after)

    def follow(self, after: str | None) -> Iterator[tuple[str, Envelope[E] | Unreadable]]:
        # In batches: a long read transaction would keep the write-ahead log from being copied back.
        # When nothing is new it is one step down the table's B-tree, so a follower may ask as often
        # as it likes.
        position = 0 if after is None else int(after)
        rows = self._log(position)
        if not rows:
            self._database.tidy()
        while rows:
            for row in rows:
                position = row[0]
                yield str(position), self._logged(row[1:])
            rows = self._log(position)

    def _log(self, after: int) -> list[Any]:
        with self._database.read() as connection:
            return connection.execute(
                f"SELECT position, {_COLUMNS} FROM events"
                " WHERE position > ? ORDER BY position LIMIT ?",
                (after, _BATCH),
            ).fetchall()

    def load_snapshot(self, stream: str, version: int) -> str | None:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT snapshot FROM snapshots WHERE stream = ? AND version = ?", (stream, version)
            ).fetchone()
        return None if row is None else str(row[0])

    def save_snapshot(self, stream: str, version: int, snapshot: str) -> None:
        with self._database.write() as connection:
            connection.execute(
                "REPLACE INTO snapshots (stream, version, snapshot) VALUES (?, ?, ?)",
                (stream, version, snapshot),
            )

    def check(self) -> None:
        self._database.check_writable()
        with self._database.read() as connection:
            connection.execute("SELECT 1 FROM events LIMIT 1").fetchall()

    def close(self) -> None:
        """Close the connections that no thread is using."""
        self._database.close()

    def _row(self, envelope: Envelope[E]) -> tuple[str | int | None, ...]:
        stored = self._codec.encode(envelope.event)
        return (
            envelope.stream,
            envelope.version,
            envelope.event_id,
            stored.type,
            stored.schema_version,
            _encode(stored.data),
            envelope.occurred_at.astimezone(UTC).isoformat(),
            envelope.actor,
            envelope.correlation_id,
            envelope.causation_id,
            envelope.idempotency_key,
            envelope.fingerprint,
        )

    def _logged(self, row: Sequence[Any]) -> Envelope[E] | Unreadable:
        try:
            return self._envelope(*row)
        except UnknownEvent as error:
            stream, version, *_ = row
            return Unreadable(stream, version, str(error))

    def _envelope(
        self,
        stream: str,
        version: int,
        event_id: str,
        name: str,
        schema_version: int,
        data: str,
        occurred_at: str,
        *rest: Any,
    ) -> Envelope[E]:
        try:
            return Envelope(
                stream,
                version,
                event_id,
                self._codec.decode(name, schema_version, json.loads(data)),
                datetime.fromisoformat(occurred_at),
                *rest,
            )
        except (TypeError, ValueError) as error:
            raise UnknownEvent(
                f"A row of the events table does not have the shape of an event: {error!r}"
            ) from error


def _insert(
    connection: Connection,
    stream: str,
    expected_version: int,
    events: Sequence[Envelope[Any]],
    rows: Sequence[tuple[str | int | None, ...]],
) -> bool:
    """Insert the ``rows`` of ``events``; return False if they are stored already.

    The key of the table is what notices a repeat and a conflict, so that neither is looked for
    where there is none. Raises VersionConflict and EventTooLarge.
    """
    if expected_version and not _has_version(connection, stream, expected_version):
        raise VersionConflict(stream, expected_version)
    try:
        connection.executemany(_INSERT, rows)
    except IntegrityError as error:
        if error.sqlite_errorcode != SQLITE_CONSTRAINT_UNIQUE:
            raise
        if not _is_stored(connection, stream, events):
            raise VersionConflict(stream, expected_version) from error
        return False
    except DataError as error:
        if primary_code(error) != SQLITE_TOOBIG:
            raise
        if _has_another(connection, events[0]):
            raise VersionConflict(stream, expected_version) from error
        raise EventTooLarge(str(error)) from error
    return True


def _has_version(connection: Connection, stream: str, version: int) -> bool:
    query = "SELECT 1 FROM events WHERE stream = ? AND version = ?"
    return connection.execute(query, (stream, version)).fetchone() is not None


def _is_stored(connection: Connection, stream: str, events: Sequence[Envelope[Any]]) -> bool:
    rows = connection.execute(
        "SELECT event_id FROM events WHERE stream = ? AND version BETWEEN ? AND ? ORDER BY version",
        (stream, events[0].version, events[-1].version),
    )
    return [event_id for (event_id,) in rows] == [event.event_id for event in events]


def _has_another(connection: Connection, event: Envelope[Any]) -> bool:
    """Return whether another event is stored at the version of ``event``."""
    query = "SELECT 1 FROM events WHERE stream = ? AND version = ? AND event_id <> ?"
    values = (event.stream, event.version, event.event_id)
    return connection.execute(query, values).fetchone() is not None


def _settle_claims(connection: Connection, stream: str, claims: Claims) -> None:
    for name in sorted(claims.take):
        row = connection.execute("SELECT owner FROM claims WHERE name = ?", (name,)).fetchone()
        if row is not None and row[0] != stream:
            raise ClaimTaken(name, row[0])
    if claims.release:
        connection.executemany(
            "DELETE FROM claims WHERE name = ? AND owner = ?",
            [(name, stream) for name in claims.release],
        )
    if claims.take:
        connection.executemany(
            "INSERT OR IGNORE INTO claims (name, owner) VALUES (?, ?)",
            [(name, stream) for name in claims.take],
        )
