"""Keeping the write-ahead log short (https://sqlite.org/wal.html#avoiding_excessively_large_wal_files).

About every 4 MB of the log, a commit copies it into the file, and the next one begins again at its
start. To force pages to the disk that are written over takes half as long as to force a file that
grew. A projector alone copies about every 12 MB, for its commits change many pages in common.

But a writer begins again at the start only when no reader uses the log: where reads overlap there
is no such moment, and the log grows as long as they do. It never shrinks while a connection is
open.

So a writer that finds the log over ``MAX_BYTES`` after its commit empties it. It copies the log
first, which nobody waits for. To cut it SQLite then waits for the reads that began before; new ones
read the file alone and are not delayed. Other writers wait as well, for at most ``WAIT_SECONDS``.
A read that lasts longer lets the log grow until it has ended; the writer that then begins again at
its start cuts it to ``MAX_BYTES``.
"""

import sqlite3
from contextlib import suppress
from pathlib import Path
from sqlite3 import Connection
from typing import Final

from core.adapters.sqlite.files import log_path

MAX_BYTES: Final = 16 * 2**20
IDLE_BYTES: Final = 2**20
"""What may be left when nothing is written: less than this is not worth forcing to the disk."""

PROJECTOR_PAGES: Final = 3_000
APPEND_PAGES: Final = 1_000
"""How many pages of 4 KB the log has when a commit copies it into the file."""

WAIT_SECONDS: Final = 0.1
RETRY_BYTES: Final = MAX_BYTES // 4
"""How much the log grows between two attempts while a long read prevents them."""


class WriteAheadLog:
    """The log of the database at ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = log_path(path)
        self._bound = MAX_BYTES

    def keep_short(self, connection: Connection) -> None:
        """Empty the log if it is over the bound: for a writer, after its commit.

        Raises nothing, for the commit has succeeded.
        """
        length = self._length()
        if length <= MAX_BYTES:
            self._bound = MAX_BYTES
        elif length > self._bound:
            self._bound = length + RETRY_BYTES
            _empty(connection, WAIT_SECONDS)

    def is_worth_emptying(self) -> bool:
        """Return whether the log is over ``IDLE_BYTES``."""
        return self._length() > IDLE_BYTES

    def _length(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


def limit_length(connection: Connection, checkpoint_pages: int) -> None:
    """Copy the log at ``checkpoint_pages``, and cut it when a writer begins again at its start."""
    connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")
    connection.execute(f"PRAGMA journal_size_limit = {MAX_BYTES}")


def empty_if_unused(connection: Connection) -> None:
    """Empty the log, unless somebody uses it at this moment. Raises nothing."""
    _empty(connection, 0)


def _empty(connection: Connection, wait_seconds: float) -> None:
    """Copy the log into the file and truncate it, if no reader prevents it."""
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {round(1000 * wait_seconds)}")
    # SQLite's own checkpoints are as silent when they fail: what was committed is in the log.
    with suppress(sqlite3.Error):
        # TRUNCATE alone would keep all writers out while it forces the pages to the disk.
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute(f"PRAGMA busy_timeout = {patience}")
