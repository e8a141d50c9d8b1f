"""Connections to one SQLite file and the transactions on them.

What survives what (https://sqlite.org/pragma.html#pragma_synchronous, https://sqlite.org/wal.html):
in WAL mode a commit appends to the write-ahead log, and ``synchronous`` sets when that is forced to
the disk.

- FULL: at every commit. What was acknowledged survives a killed process and a power cut.
- NORMAL: only before the log is copied into the file. What was acknowledged survives a killed
  process; a power cut may undo the last commits, always from the end, and never damages the file.
"""

import os
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from sqlite3 import Connection
from typing import Final
from weakref import ref

from core.adapters.sqlite.errors import primary_code, unavailable_for
from core.adapters.sqlite.schema import check_not_newer, ensure_schema
from core.ports.errors import StoreUnavailable

BUSY_SECONDS: Final = 5.0
MAX_IDLE_CONNECTIONS: Final = 8


class Synchronous(StrEnum):
    """When a commit is forced to the disk; see the module."""

    FULL = "FULL"
    NORMAL = "NORMAL"


class Database:
    """One file, created on first use.

    Its connections are lent for a transaction and kept for the next. A connection belongs to no
    thread, so threads may come and go; at most ``MAX_IDLE_CONNECTIONS`` are kept. ``busy_seconds``
    is how long a writer waits for another one before the store counts as unavailable.

    No connection may cross a fork (https://sqlite.org/howtocorrupt.html, section 2.6), not even
    unused: SQLite in the child would take the parent's locks for its own and write into a log that
    the parent deletes. So idle ones are closed before a fork. A program that forks while another of
    its threads is in a transaction is not safe.
    """

    def __init__(
        self, path: Path, synchronous: Synchronous, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        self.path = path
        self._synchronous = synchronous
        self._busy_seconds = busy_seconds
        # A deque's pop and append are atomic: no lock that a fork could copy while it is held.
        self._idle: deque[Connection] = deque()
        _close_before_forks(self)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection that sees one state of the file for all its queries."""
        with unavailable_for(self.path), self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Lend the one connection that may write; commit at the end, or roll back on error."""
        # IMMEDIATE takes the write lock at once: what is read inside is still true when it is
        # written.
        with unavailable_for(self.path), self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        connection = self._borrow()
        try:
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            # Closing rolls back, and whatever is wrong with the connection goes with it.
            with closing(connection):
                if primary_code(error) == sqlite3.SQLITE_ERROR:  # such as: no such table
                    check_not_newer(connection, self.path)
            raise
        except BaseException:
            connection.rollback()
            self._give_back(connection)
            raise
        self._give_back(connection)

    def close(self) -> None:
        """Close the idle connections. The database may be used again."""
        with suppress(IndexError):  # other threads borrow meanwhile
            while True:
                self._idle.pop().close()

    def _borrow(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _give_back(self, connection: Connection) -> None:
        if len(self._idle) < MAX_IDLE_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()

    def _connect(self) -> Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"The folder of {self.path} cannot be created ({error})."
            ) from error
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            # macOS leaves what was only fsynced in the disk's own cache; elsewhere this does
            # nothing.
            connection.execute("PRAGMA fullfsync = ON")
            self._use_wal(connection)
            ensure_schema(connection, self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _use_wal(self, connection: Connection) -> None:
        # Several processes that create the file at once refuse each other here without waiting.
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return


def _close_before_forks(database: Database) -> None:
    alive = ref(database)  # the hook stays as long as the process: it keeps no database alive

    def close() -> None:
        if (present := alive()) is not None:
            present.close()

    os.register_at_fork(before=close)
