"""The tables of the file. Their version is kept in SQLite's ``user_version``."""

from pathlib import Path
from sqlite3 import Connection
from typing import Final

from core.ports.errors import StoreUnavailable

SCHEMA_VERSION: Final = 4
"""To change a table, raise this and add the step from the version before to ``migrations``."""

_TABLES: Final = (
    # There is one writer at a time, so positions are in the order of commits.
    """
    CREATE TABLE events (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        stream TEXT NOT NULL,
        version INTEGER NOT NULL,
        event_id TEXT NOT NULL,
        type TEXT NOT NULL,
        schema_version INTEGER NOT NULL,
        data TEXT NOT NULL,
        occurred_at TEXT NOT NULL,
        actor TEXT NOT NULL,
        correlation_id TEXT NOT NULL,
        causation_id TEXT NOT NULL,
        idempotency_key TEXT,
        fingerprint TEXT,
        UNIQUE (stream, version)
    )
    """,
    # Derived from the events, and needed by nobody: deleting its rows only costs time.
    """
    CREATE TABLE snapshots (
        stream TEXT NOT NULL,
        version INTEGER NOT NULL,
        snapshot TEXT NOT NULL,
        PRIMARY KEY (stream, version)
    )
    """,
    "CREATE TABLE claims (name TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE generations (live INTEGER NOT NULL, building INTEGER)",
    "INSERT INTO generations (live) VALUES (1)",
    "CREATE TABLE checkpoints (name TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE aside (
        stream TEXT PRIMARY KEY, version INTEGER NOT NULL, reason TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)

_CATALOGUE: Final = {
    # ``indexed`` is what the three tables below hold of the view (core.adapters.sqlite.index). The
    # fields that no listing shows come last, so that a listing reads none of them. A tombstone has
    # only its id and version.
    "views": """
        CREATE TABLE views_{generation} (
            row INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            version INTEGER NOT NULL,
            details TEXT,
            added_at TEXT,
            revised_at TEXT,
            indexed TEXT,
            unlisted TEXT
        )
    """,
    # The views that have a term, and all views, in each order.
    "listings": """
        CREATE TABLE listings_{generation} (
            term TEXT NOT NULL,
            sort TEXT NOT NULL,
            key TEXT NOT NULL,
            id TEXT NOT NULL,
            row INTEGER NOT NULL,
            PRIMARY KEY (term, sort, key, id)
        ) WITHOUT ROWID
    """,
    # The words of the views, with the key of the default sort. ``before`` is the same view's word
    # before this one, in sorted order, or "".
    "words": """
        CREATE TABLE words_{generation} (
            word TEXT NOT NULL,
            key TEXT NOT NULL,
            id TEXT NOT NULL,
            before TEXT NOT NULL,
            row INTEGER NOT NULL,
            PRIMARY KEY (word, key, id)
        ) WITHOUT ROWID
    """,
    # Which views have all of some terms and words. Only rowids are asked of it, so it keeps nothing
    # else. A token has an underscore after the filter's name.
    "terms": """
        CREATE VIRTUAL TABLE terms_{generation} USING fts5(
            terms, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_'"
        )
    """,
}


def ensure_schema(connection: Connection, path: Path) -> None:
    """Create the tables in a new file, or migrate those of an older version. All or nothing.

    Safe when several processes do it at once. Raises StoreUnavailable for a file of a newer
    version.
    """
    if _version(connection) < SCHEMA_VERSION:
        connection.execute("BEGIN IMMEDIATE")
        if (version := _version(connection)) < SCHEMA_VERSION:  # no other process was faster
            _create(connection) if version == 0 else _migrate(connection, version)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    check_not_newer(connection, path)


def check_not_newer(connection: Connection, path: Path) -> None:
    """Raise StoreUnavailable if a newer version of this program has made or migrated the file."""
    if (version := _version(connection)) > SCHEMA_VERSION:
        raise StoreUnavailable(
            f"The database {path} was made by a newer version of this program (its schema is"
            f" {version}, this one knows {SCHEMA_VERSION}): update the program, or set SQLITE_PATH"
            " to another file."
        )


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _create(connection: Connection) -> None:
    for statement in _TABLES:
        connection.execute(statement)
    create_generation(connection, 1)


def _migrate(connection: Connection, version: int) -> None:
    from core.adapters.sqlite.migrations import MIGRATIONS

    for step in range(version, SCHEMA_VERSION):
        MIGRATIONS[step](connection)


def create_generation(connection: Connection, generation: int) -> None:
    """Create the empty tables of a generation of the catalogue."""
    for statement in _CATALOGUE.values():
        connection.execute(statement.format(generation=generation))


def drop_generation(connection: Connection, generation: int) -> None:
    """Drop the tables of a generation. Transactions that are reading them read on."""
    for table in _CATALOGUE:
        connection.execute(f"DROP TABLE {table}_{generation}")
