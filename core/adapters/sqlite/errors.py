"""From SQLite's errors to the port's: one table. An error that is not in it is a bug."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.ports.errors import StoreUnavailable

_PRIMARY: Final = 0xFF
"""An extended result code has the primary one in its low byte (https://sqlite.org/rescode.html)."""

REASONS: Final[dict[int, str]] = {
    sqlite3.SQLITE_BUSY: "is being written by another process; try again",
    sqlite3.SQLITE_LOCKED: "is locked by another connection; try again",
    sqlite3.SQLITE_PROTOCOL: "is being opened by many at once; try again",
    sqlite3.SQLITE_FULL: "has no room left: free some space on its disk",
    sqlite3.SQLITE_IOERR: "could not be read or written: check its disk",
    sqlite3.SQLITE_NOMEM: "could not allocate memory",
    sqlite3.SQLITE_READONLY: "is read-only: give this user the right to write it and its folder",
    sqlite3.SQLITE_PERM: "may not be used: give this user the right to read and write it",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: its folder must exist and be writable",
    sqlite3.SQLITE_NOTADB: "is not an SQLite database: set SQLITE_PATH to another file",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore it from a backup",
}

_OF_THE_FILE: Final = frozenset(
    {
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
    }
)


def primary_code(error: sqlite3.Error) -> int | None:
    """Return the primary result code of an error, or None when SQLite itself did not raise it."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & _PRIMARY


def is_of_the_file(error: BaseException | None) -> bool:
    """Return whether other connections that were opened before an error will meet it as well."""
    return isinstance(error, sqlite3.Error) and primary_code(error) in _OF_THE_FILE


@contextmanager
def unavailable_for(path: Path) -> Iterator[None]:
    """Turn the errors of the table into StoreUnavailable."""
    try:
        yield
    except sqlite3.Error as error:
        reason = REASONS.get(primary_code(error) or 0)
        if reason is None:
            raise
        raise StoreUnavailable(f"The database {path} {reason} (SQLite: {error}).") from error
