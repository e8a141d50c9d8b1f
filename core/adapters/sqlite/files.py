"""What can be known of a database's files without opening them.

Closing a file drops all locks that this process has on it, also those of SQLite's connections
(https://sqlite.org/howtocorrupt.html, section 2.2).
"""

import os
from pathlib import Path

from core.ports.errors import StoreUnavailable

FileId = tuple[int, int]
"""The device and the inode: they differ between a file and one that has replaced it."""


def log_path(path: Path) -> Path:
    """Return the path of the write-ahead log: beside the file, not beside a link to it."""
    return _beside(path, "-wal")


def _beside(path: Path, suffix: str) -> Path:
    return Path(os.path.realpath(path) + suffix)


def file_id(path: Path) -> FileId | None:
    """Return which file is at ``path`` now, or None."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def check_writable(path: Path) -> None:
    """Raise StoreUnavailable if the file, its log or the log's index may not be written.

    SQLite would open it nevertheless, to read. Then it creates a log and an index as read-only as
    the file; where they are left, the database stays read-only when the file no longer is.
    """
    for name in (path, log_path(path), _beside(path, "-shm")):
        if _may(name, os.F_OK) and not _may(name, os.W_OK):
            raise StoreUnavailable(
                f"The database {path} is read-only: give this user the right to write {name}."
            )


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
