"""The tables of the file. Its version is kept in SQLite's ``user_version``."""

from pathlib import Path
from sqlite3 import Connection
from typing import Final

from core.ports.errors import StoreUnavailable

SCHEMA_VERSION: Final = 1

_TABLES: Final = (
    """
    CREATE TABLE events (
        position INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order of commits: there is one writer at a time
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
        command_id TEXT,
        fingerprint TEXT,
        UNIQUE (stream, version)
    )
    """,
    "CREATE TABLE claims (name TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE generations (live INTEGER NOT NULL, building INTEGER)",
    "INSERT INTO generations (live) VALUES (1)",
    "CREATE TABLE checkpoints (name TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID",
)

_CATALOGUE: Final = {
    # ``indexed`` is what the three tables below hold of the book (core.adapters.sqlite.index). The description comes
    # last, so that a listing reads none of it. A tombstone has neither details nor an index.
    "books": """
        CREATE TABLE books_{generation} (
            book INTEGER PRIMARY KEY,
            book_id TEXT NOT NULL UNIQUE,
            version INTEGER NOT NULL,
            details TEXT,
            added_at TEXT,
            revised_at TEXT,
            indexed TEXT,
            description TEXT
        )
    """,
    # The books of a term (an author, a subject, ... or all) in each order.
    "listings": """
        CREATE TABLE listings_{generation} (
            term TEXT NOT NULL,
            sort TEXT NOT NULL,
            key TEXT NOT NULL,
            book_id TEXT NOT NULL,
            book INTEGER NOT NULL,
            PRIMARY KEY (term, sort, key, book_id)
        ) WITHOUT ROWID
    """,
    # The words of the books; ``before`` is the same book's word before this one, in sorted order, or "".
    "words": """
        CREATE TABLE words_{generation} (
            word TEXT NOT NULL,
            title TEXT NOT NULL,
            book_id TEXT NOT NULL,
            before TEXT NOT NULL,
            book INTEGER NOT NULL,
            PRIMARY KEY (word, title, book_id)
        ) WITHOUT ROWID
    """,
    # Which books have all of some terms and words. Only rowids are asked of it, so it keeps nothing else.
    "terms": """
        CREATE VIRTUAL TABLE terms_{generation}
        USING fts5(terms, content='', detail=none, columnsize=0, tokenize=ascii)
    """,
}


def ensure_schema(connection: Connection, path: Path) -> None:
    """Make the tables where the file has none. Safe when several processes do it at once.

    Raises StoreUnavailable for a file that a newer version of this program has made.
    """
    if _version(connection) < SCHEMA_VERSION:
        connection.execute("BEGIN IMMEDIATE")
        if _version(connection) < SCHEMA_VERSION:  # nobody else made them meanwhile
            _create(connection)
        connection.execute("COMMIT")
    if (version := _version(connection)) > SCHEMA_VERSION:
        raise StoreUnavailable(
            f"The database {path} was made by a newer version of this program (its schema is {version}, this one knows"
            f" {SCHEMA_VERSION}): update the program, or set SQLITE_PATH to another file."
        )


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _create(connection: Connection) -> None:
    for statement in _TABLES:
        connection.execute(statement)
    create_generation(connection, 1)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def create_generation(connection: Connection, generation: int) -> None:
    """Make the empty tables of a generation of the catalogue."""
    for statement in _CATALOGUE.values():
        connection.execute(statement.format(generation=generation))


def drop_generation(connection: Connection, generation: int) -> None:
    """Take a generation of the catalogue away. Transactions that are reading it read on."""
    for table in _CATALOGUE:
        connection.execute(f"DROP TABLE {table}_{generation}")
