"""SQLite files of older versions, and what is in a file."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

_STORES = Path(__file__).parent.parent / "fixtures" / "stores"
_DUMP, _FILE = ".sql", ".db.gz"


def old_files() -> list[str]:
    """Return the names of all files of older versions, those of each version together."""
    names = (path.name for path in _STORES.glob("sqlite-*"))
    return sorted(name for name in names if name.endswith((_DUMP, _FILE)))


def old_file(path: Path, name: str) -> Path:
    """Create a file from ``tests/fixtures/stores``, a dump or a whole one, and return its path."""
    if name.endswith(_FILE):
        path.write_bytes(gzip.decompress((_STORES / name).read_bytes()))
        return path
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        script = (_STORES / name).read_text(encoding="utf-8")
        connection.executescript(f"BEGIN; {script} COMMIT;")
    return path


def all_rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table, of a full-text index those of the tables behind it."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
        return {
            name: connection.execute(f"SELECT * FROM {name}").fetchall()
            for (name,) in tables.fetchall()
        }


def full_text_entries(path: Path, number: int) -> list[tuple[str, int]]:
    """Return each token of a generation's full-text index with the row of a view that has it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            f"INSERT INTO terms_{number} (terms_{number}) VALUES ('integrity-check')"
        )
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.entries USING fts5vocab(main, terms_{number}, instance)"
        )
        return connection.execute("SELECT term, doc FROM temp.entries").fetchall()
