"""SQLite files of older versions, and what is in a file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

_DUMPS = Path(__file__).parent.parent / "fixtures" / "stores"


def old_file(path: Path, dump: str) -> Path:
    """Create a file from ``tests/fixtures/stores/{dump}.sql``, and return its path."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        script = (_DUMPS / f"{dump}.sql").read_text(encoding="utf-8")
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
