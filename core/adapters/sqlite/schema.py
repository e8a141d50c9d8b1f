"""The tables of the file. Their version is kept in SQLite's ``user_version``."""

from pathlib import Path
from sqlite3 import Connection
from typing import Final

from core.ports.errors import StoreUnavailable

SCHEMA_VERSION: Final = 5
"""To change a table, raise this and add the step from the version before to ``migrations``."""

_TABLES: Final = (
    # There is one writer at a time, so positions are in the order of commits. SQLite takes the next
    # one after the last; as no event is ever deleted, none comes twice. AUTOINCREMENT would promise
    # that for deleted ones too, for one more page to write with each append.
    """
    CREATE TABLE events (
        position INTEGER PRIMARY KEY,
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

_CATALOGUE: Final = (
    # An id that is a UUID is 16 bytes. ``keys`` and ``entries`` are what the tables below have of
    # the view (core.adapters.sqlite.index); the times are microseconds since 1970. What no listing
    # shows comes last, so that a listing reads none of it. A tombstone has an id and a version.
    """
    CREATE TABLE views_{generation} (
        row INTEGER PRIMARY KEY,
        id NOT NULL UNIQUE,
        version INTEGER NOT NULL,
        keys TEXT,
        entries BLOB,
        added_at INTEGER,
        revised_at INTEGER,
        details TEXT,
        unlisted TEXT
    )
    """,
    # The views in each order (core.adapters.sqlite.places), and the view at each place.
    """
    CREATE TABLE orders_{generation} (
        sort INTEGER NOT NULL,
        key TEXT NOT NULL,
        tie TEXT NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY (sort, key, tie, place)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE places_{generation} (
        sort INTEGER NOT NULL,
        place INTEGER NOT NULL,
        row INTEGER NOT NULL,
        PRIMARY KEY (sort, place)
    ) WITHOUT ROWID
    """,
    # The numbers of sorts, terms and words (core.adapters.sqlite.numbering). The term '' has the
    # last number that a term was given. The sort 0 is none: it stands for rows.
    "CREATE TABLE sorts_{generation} (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE terms_{generation} (
        token BLOB PRIMARY KEY,
        number INTEGER NOT NULL,
        ordered INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "INSERT INTO terms_{generation} (token, number, ordered) VALUES (x'', 0, 0)",
    "CREATE TABLE words_{generation} (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)",
    # The views that have a term: their places in each sort if it is ordered, and otherwise, being
    # few, their rows, as places in the sort 0.
    """
    CREATE TABLE listings_{generation} (
        number INTEGER NOT NULL,
        sort INTEGER NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY (number, sort, place)
    ) WITHOUT ROWID
    """,
    # The views that have a word: their places in the default sort. ``shared`` is how many
    # characters the word has in common with the same view's word before it, in sorted order.
    """
    CREATE TABLE matches_{generation} (
        number INTEGER NOT NULL,
        sort INTEGER NOT NULL,
        place INTEGER NOT NULL,
        shared INTEGER NOT NULL,
        PRIMARY KEY (number, sort, place)
    ) WITHOUT ROWID
    """,
)


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
    for statement in _CATALOGUE:
        connection.execute(statement.format(generation=generation))
