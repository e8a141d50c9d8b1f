"""Giving the pages of old generations back to the file system.

SQLite keeps the pages of a dropped table for what is written next. In a file with incremental
auto-vacuum it can also move the last pages of the file to free ones and cut the file, some pages in
each transaction (https://sqlite.org/pragma.html#pragma_incremental_vacuum).

A file that an earlier version has made is converted once, by a VACUUM. That rewrites all of it,
and writers wait meanwhile: about a second for 100 MB. So a file over ``MAX_VACUUM_BYTES`` is left
as it is. It keeps its free pages, which the next rebuild uses.
"""

import re
from collections.abc import Callable
from sqlite3 import Connection
from typing import Final

MAX_VACUUM_BYTES: Final = 256 * 2**20

_NONE, _INCREMENTAL = 0, 2
_OF_A_GENERATION: Final = re.compile(r"[a-z]+_(\d+)")


def prepare_new_file(connection: Connection) -> None:
    """Make a file that is still empty able to give pages back."""
    if _number(connection, "page_count") == 0:
        _use_incremental_vacuum(connection)


def drop_old_table(connection: Connection) -> bool:
    """Drop a table of a generation before the live one; return False if there is none."""
    (live,) = connection.execute("SELECT live FROM generations").fetchone()
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    for (name,) in names.fetchall():
        found = _OF_A_GENERATION.fullmatch(name)
        if found and int(found[1]) < live:
            connection.execute(f"DROP TABLE {name}")
            return True
    return False


def can_be_converted(connection: Connection) -> bool:
    """Return whether a VACUUM is needed before pages can be given back, and is short."""
    used = _number(connection, "page_count") - _number(connection, "freelist_count")
    return (
        _number(connection, "auto_vacuum") == _NONE
        and used * _number(connection, "page_size") <= MAX_VACUUM_BYTES
    )


def convert(connection: Connection) -> None:
    """Rewrite the file without free pages, so that later ones can be given back."""
    _use_incremental_vacuum(connection)
    connection.execute("VACUUM")


def give_back_pages(connection: Connection, has_time: Callable[[], bool]) -> bool:
    """Give a free page back, and others while ``has_time``; return whether there are more."""
    if _number(connection, "auto_vacuum") != _INCREMENTAL:
        return False
    while free := _number(connection, "freelist_count"):
        # sqlite3 does a single step of this statement: one page, whatever number it has.
        connection.execute("PRAGMA incremental_vacuum(1)")
        if not has_time():
            break
    return free > 1


def _use_incremental_vacuum(connection: Connection) -> None:
    connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")


def _number(connection: Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
