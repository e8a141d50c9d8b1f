"""Connections to one SQLite file and the transactions on them.

What survives what (https://sqlite.org/pragma.html#pragma_synchronous, https://sqlite.org/wal.html):
in WAL mode a commit appends to the write-ahead log, and ``synchronous`` sets when that is forced to
the disk.

- FULL: at every commit. What was acknowledged survives a killed process and a power cut.
- NORMAL: only before the log is copied into the file. What was acknowledged survives a killed
  process; a power cut may undo the last commits, always from the end, and never damages the file.
"""

import os
import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from sqlite3 import Connection
from threading import RLock, local
from typing import Final
from weakref import ref

from core.adapters.sqlite.errors import is_of_the_file, primary_code, unavailable_for
from core.adapters.sqlite.files import FileId, check_writable, file_id
from core.adapters.sqlite.free_pages import can_be_converted, convert, prepare_new_file
from core.adapters.sqlite.known import Known
from core.adapters.sqlite.schema import check_not_newer, ensure_schema
from core.adapters.sqlite.write_ahead_log import (
    APPEND_PAGES,
    PROJECTOR_PAGES,
    WriteAheadLog,
    empty_if_unused,
    limit_length,
)
from core.adapters.sqlite.write_queue import Write, write_queue_of
from core.ports.errors import StoreUnavailable

BUSY_SECONDS: Final = 5.0
MAX_IDLE_CONNECTIONS: Final = 8

_BATCH_CACHE_KIB: Final = 16 * 1024
"""Pages that are kept in memory during a batch: its views change many in common."""

_ASK_AGAIN_SECONDS: Final = 0.001
"""How often to ask whether another process has finished writing, on average."""


class Synchronous(StrEnum):
    """When a commit is forced to the disk; see the module."""

    FULL = "FULL"
    NORMAL = "NORMAL"


class _Connection(Connection):
    """Remembers whether it waits for other processes, so that it is set only when that changes."""

    waits = True


class Database:
    """One file, created on first use.

    Its connections are lent for a transaction and kept for the next. A connection belongs to no
    thread, so threads may come and go; at most ``MAX_IDLE_CONNECTIONS`` are kept. ``busy_seconds``
    is how long a writer waits for another one before the store counts as unavailable.

    A file that this user may not write is not opened, not even to read it (``check_writable``).

    A file that was replaced or deleted is unavailable until ``close``, that is, until the program
    is started again. What the open connections write is lost with the old file; a new connection
    would read the old file's log, which may still be there, as that of the new one
    (https://sqlite.org/howtocorrupt.html, sections 1.4 and 2.4). So the file must be in place
    before each transaction, and again after a commit, before anybody hears of it.

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
        self._idle: deque[_Connection] = deque()
        self._opened: FileId | None = None
        self._log = WriteAheadLog(path)
        self._queue = write_queue_of(path)
        self._reading = RLock()
        self._batch = local()  # each thread's own
        _close_before_forks(self)

    def read(self) -> AbstractContextManager[Connection]:
        """Lend a connection that sees one state of the file for all its queries.

        The threads of this process take turns: SQLite gives up Python's lock for each row, and many
        who read at once would spend their time handing it around.
        """
        return self._in_batch() or self._read()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._reading, self._lent() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    def write(self) -> AbstractContextManager[Connection]:
        """Lend the one connection that may write; commit at the end, or roll back on error.

        The threads of this process take turns in the order in which they came.
        """
        return self._in_batch() or self._write()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        deadline = time.monotonic() + self._busy_seconds
        with (
            self._queue.turn(self.path, self._busy_seconds),
            self._transaction(deadline) as connection,
        ):
            yield connection

    def write_together(self, work: Callable[[Connection], None]) -> None:
        """Do ``work`` in a transaction, alone or with the work of other threads.

        Others that wait meanwhile may be done in it, so that they share its flush. If any of it
        fails, all of it is undone, and each is done alone when its turn comes: nobody meets
        another's error. So work may be done again, even after a commit, and must come to the same.
        """
        if (batch := self._in_batch()) is not None:
            with batch as connection:
                work(connection)
            return
        deadline = time.monotonic() + self._busy_seconds
        mine = Write(self, work)
        with self._queue.turn(self.path, self._busy_seconds, mine):
            if not mine.is_done:
                self._write_with_others(mine, deadline)
            if not mine.is_done:
                with self._transaction(deadline) as connection:
                    work(connection)

    def _write_with_others(self, mine: Write, deadline: float) -> None:
        """Do ``mine`` and what others wait to do, if there is any, or leave all of it undone."""
        writes = self._queue.undone(self)
        if mine.is_alone or len(writes) == 1:
            return
        try:
            with self._transaction(deadline) as connection:
                for write in writes:
                    write.work(connection)
        except Exception:  # noqa: BLE001 - whose it is, it will raise when it is alone
            for write in writes:
                write.is_alone = True
        else:
            for write in writes:
                write.is_done = True

    @contextmanager
    def _transaction(self, deadline: float) -> Iterator[Connection]:
        """Lend a connection that writes: for the one whose turn it is."""
        with self._lent(waits=False) as connection:
            _begin_writing(connection, deadline)
            yield connection
            connection.execute("COMMIT")
            self._log.keep_short(connection)
        self._check_in_place()

    @contextmanager
    def batch(self, known: Known) -> Iterator[Connection]:
        """Make one transaction of all that this thread reads and writes inside.

        An error that leaves the batch undoes all of it. So must one that a ``write`` inside has
        raised: a savepoint for each would cost a fifth of the time of a batch.

        ``known`` is what ``known`` returns meanwhile.
        """
        with self.write() as connection:
            connection.execute(f"PRAGMA cache_size = {-_BATCH_CACHE_KIB}")
            self._batch.present = _InBatch(self, connection), known
            try:
                yield connection
            finally:
                self._batch.present = None

    def known(self) -> Known:
        """Return what this thread's batch knows of the file: nothing, outside a batch."""
        present: tuple[object, Known] | None = getattr(self._batch, "present", None)
        return Known() if present is None else present[1]

    def _in_batch(self) -> "_InBatch | None":
        present: tuple[_InBatch, object] | None = getattr(self._batch, "present", None)
        return None if present is None else present[0]

    def check_writable(self) -> None:
        """Raise StoreUnavailable unless this user may write the file. It is not opened to see."""
        check_writable(self.path)

    def tidy(self) -> None:
        """Empty the write-ahead log if that is worth it and nobody uses it at this moment.

        For whoever has nothing else to do: without work it costs a look at the log's size.
        """
        if self._log.is_worth_emptying():
            self.cut()

    def make_shrinkable(self) -> None:
        """Convert a file of an earlier version so that it can give pages back, if that is short."""
        with self._queue.turn(self.path, self._busy_seconds), self._lent() as connection:
            if can_be_converted(connection):
                convert(connection)

    def cut(self) -> None:
        """Empty the write-ahead log, unless somebody uses it at this moment.

        That also cuts the file where pages were given back.
        """
        with self._lent() as connection:
            empty_if_unused(connection)

    def explain(self, connection: Connection, error: sqlite3.Error) -> None:
        """Raise ``error``, or StoreUnavailable from it, also for a file of a newer version."""
        with unavailable_for(self.path):
            if primary_code(error) == sqlite3.SQLITE_ERROR:  # such as: no such table
                check_not_newer(connection, self.path)
            raise error

    @contextmanager
    def _lent(self, *, waits: bool = True) -> Iterator[Connection]:
        connection = self._borrow()
        try:
            if connection.waits != waits:
                seconds = self._busy_seconds if waits else 0
                connection.execute(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
                connection.waits = waits
            yield connection
        except sqlite3.Error as error:
            try:
                self.explain(connection, error)
            finally:
                self._discard(connection, error)
        except StoreUnavailable as error:
            self._discard(connection, error.__cause__)
            raise
        except BaseException:
            connection.rollback()
            self._give_back(connection)
            raise
        else:
            self._give_back(connection)

    def _discard(self, connection: Connection, error: BaseException | None) -> None:
        # Closing rolls back, and whatever is wrong with the connection goes with it.
        connection.close()
        if is_of_the_file(error):
            self._close_idle()

    def close(self) -> None:
        """Close the idle connections. The database may be used again."""
        self._close_idle()
        self._opened = None

    def _close_idle(self) -> None:
        with suppress(IndexError):  # other threads borrow meanwhile
            while True:
                self._idle.pop().close()

    def _borrow(self) -> _Connection:
        self._check_in_place()
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _check_in_place(self) -> None:
        """Raise StoreUnavailable if the file is not the one that was opened first."""
        if self._opened is not None and file_id(self.path) != self._opened:
            raise StoreUnavailable(
                f"The database {self.path} was replaced, moved or deleted while it was open: stop"
                " every program that uses it, remove what the old one has left (-wal, -shm), and"
                " start them again."
            )

    def _give_back(self, connection: _Connection) -> None:
        if len(self._idle) < MAX_IDLE_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()

    def _connect(self) -> _Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"The folder of {self.path} cannot be created ({error})."
            ) from error
        check_writable(self.path)
        with unavailable_for(self.path):
            return self._open()

    def _open(self) -> _Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
        )
        try:
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            # macOS leaves what was only fsynced in the disk's own cache; elsewhere this does
            # nothing.
            connection.execute("PRAGMA fullfsync = ON")
            # Dropping a table does not write its pages once more to erase them.
            connection.execute("PRAGMA secure_delete = FAST").fetchall()
            prepare_new_file(connection)
            self._use_wal(connection)
            projects = self._synchronous is Synchronous.NORMAL
            limit_length(connection, PROJECTOR_PAGES if projects else APPEND_PAGES)
            ensure_schema(connection, self.path)
        except BaseException:
            connection.close()
            raise
        if self._opened is None:
            self._opened = file_id(self.path)
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


class _InBatch:
    """Lends the connection of a batch: a class, for a generator takes five times as long."""

    __slots__ = ("_connection", "_database")

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection

    def __enter__(self) -> Connection:
        if not self._connection.in_transaction:
            # Some errors end the whole transaction. What follows must not be written without it.
            path = self._database.path
            raise StoreUnavailable(f"The database {path} has undone a batch; try again.")
        return self._connection

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, sqlite3.Error):
            self._database.explain(self._connection, error)


def _begin_writing(connection: Connection, deadline: float) -> None:
    """Take the write lock at once, so that what is read is still true when it is written.

    SQLite's own wait has pauses of up to 100 ms between two attempts, and other processes write
    more often than that. So this is for a connection that does not wait.
    """
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(_ASK_AGAIN_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311
        else:
            return


def _close_before_forks(database: Database) -> None:
    alive = ref(database)  # the hook stays as long as the process: it keeps no database alive

    def close() -> None:
        if (present := alive()) is not None:
            present._close_idle()

    os.register_at_fork(before=close)
