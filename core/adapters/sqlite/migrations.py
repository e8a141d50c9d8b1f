"""The steps from each version of the schema to the next.

A step is never changed once it has been released, so it uses nothing of the rest of the package,
which goes on changing.

This is the only file of the engine that names a domain: version 1 of the schema was made for books
alone, and has their names in its tables, columns and terms.
"""

import json
import re
from array import array
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from sqlite3 import Connection
from struct import pack
from typing import Final

Step = Callable[[Connection], None]

# --- from 1 to 2: the schema names no domain -----------------------------------------------------
#
# Version 1 kept a term as the first letter of its filter and a digest of the value. Version 2 has
# the filter's whole name before the same digest, so no value is folded again. A book without
# a language was indexed under the language "", an author or subject that folds to nothing under "";
# neither has a term any more.
#
# The time it takes grows with the index: about 16 seconds for 50,000 books. Meanwhile, to other
# processes the file is unavailable.

_NAMES: Final = {"a": "author_", "i": "isbn_", "l": "language_", "s": "subject_", "w": "_"}
_DIGEST_OF_NOTHING: Final = blake2b(b"", digest_size=16).hexdigest()

_GENERATION_2: Final = (
    "ALTER TABLE books_{n} RENAME TO views_{n}",
    "ALTER TABLE views_{n} RENAME COLUMN book TO row",
    "ALTER TABLE views_{n} RENAME COLUMN book_id TO id",
    "ALTER TABLE views_{n} RENAME COLUMN description TO unlisted",
    """
    UPDATE views_{n} SET indexed = indexed_2(indexed), unlisted = unlisted_2(unlisted)
    WHERE details IS NOT NULL
    """,
    "ALTER TABLE listings_{n} RENAME COLUMN book_id TO id",
    "ALTER TABLE listings_{n} RENAME COLUMN book TO row",
    "DELETE FROM listings_{n} WHERE term IN ({nothing})",
    "UPDATE listings_{n} SET term = term_2(term) WHERE term <> 'all'",
    "ALTER TABLE words_{n} RENAME COLUMN title TO key",
    "ALTER TABLE words_{n} RENAME COLUMN book_id TO id",
    "ALTER TABLE words_{n} RENAME COLUMN book TO row",
    "DROP TABLE terms_{n}",
    """
    CREATE VIRTUAL TABLE terms_{n} USING fts5(
        terms, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_'"
    )
    """,
    """
    INSERT INTO terms_{n} (rowid, terms)
    SELECT row, full_text_2(indexed) FROM views_{n} WHERE full_text_2(indexed) <> ''
    """,
)


def _from_1_to_2(connection: Connection) -> None:
    for function in (_indexed_2, _unlisted_2, _term_2, _full_text_2):
        name = function.__name__.removeprefix("_")
        connection.create_function(name, 1, function, deterministic=True)
    connection.execute("ALTER TABLE events RENAME COLUMN command_id TO idempotency_key")
    nothing = ", ".join(f"'{letter}{_DIGEST_OF_NOTHING}'" for letter in _NAMES)
    live, building = connection.execute("SELECT live, building FROM generations").fetchone()
    for generation in [live] if building is None else [live, building]:
        for statement in _GENERATION_2:
            connection.execute(statement.format(n=generation, nothing=nothing))


def _indexed_2(indexed: str) -> str:
    kept = json.loads(indexed)
    terms = [_term_2(term) for term in kept["terms"] if not term.endswith(_DIGEST_OF_NOTHING)]
    return json.dumps({**kept, "terms": sorted(terms)}, ensure_ascii=False)


def _unlisted_2(description: str | None) -> str:
    fields = {} if description is None else {"description": description}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _term_2(term: str) -> str:
    return _NAMES[term[0]] + term[1:]


def _full_text_2(indexed: str | None) -> str:
    # A contentless FTS5 table cannot be rewritten: its rows are computed from what the views keep.
    kept = json.loads(indexed or '{"terms": [], "words": []}')
    digests = (blake2b(word.encode(), digest_size=16).hexdigest() for word in kept["words"])
    return " ".join([*kept["terms"], *(f"_{digest}" for digest in digests)])


# --- from 2 to 3: streams that were set aside ----------------------------------------------------


def _from_2_to_3(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE aside (
            stream TEXT PRIMARY KEY, version INTEGER NOT NULL, reason TEXT NOT NULL
        ) WITHOUT ROWID
        """
    )


# --- from 3 to 4: an index of numbers, and snapshots of streams ----------------------------------
#
# Version 3 had the whole term, key and id in each entry of an index, and a full-text index beside
# it. In version 4 an entry consists of the number of a term or a word and that of a place.
#
# The places of a sort are even, with room at both ends. A term of more than 100 views has their
# places in each sort, any other one their rows, as places in the sort 0.
#
# The time it takes grows with the index: about 25 seconds for 100,000 books. Meanwhile, to other
# processes the file is unavailable. The space of the old tables is used again.

_MAX_UNORDERED_4: Final = 100
_FIRST_PLACE_4, _PLACES_4 = 1 << 45, 1 << 46
_EPOCH_4: Final = datetime(1970, 1, 1, tzinfo=UTC)
_VIEWS_AT_ONCE_4: Final = 1_000

_GENERATION_4: Final = (
    "DROP TABLE terms_{n}",
    "ALTER TABLE views_{n} RENAME TO old_views",
    "ALTER TABLE listings_{n} RENAME TO old_listings",
    "ALTER TABLE words_{n} RENAME TO old_words",
    """
    CREATE TABLE views_{n} (
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
    """
    CREATE TABLE orders_{n} (
        sort INTEGER NOT NULL,
        key TEXT NOT NULL,
        tie TEXT NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY (sort, key, tie, place)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE places_{n} (
        sort INTEGER NOT NULL,
        place INTEGER NOT NULL,
        row INTEGER NOT NULL,
        PRIMARY KEY (sort, place)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE sorts_{n} (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE terms_{n} (
        token BLOB PRIMARY KEY,
        number INTEGER NOT NULL,
        ordered INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE TABLE words_{n} (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE listings_{n} (
        number INTEGER NOT NULL,
        sort INTEGER NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY (number, sort, place)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE matches_{n} (
        number INTEGER NOT NULL,
        sort INTEGER NOT NULL,
        place INTEGER NOT NULL,
        shared INTEGER NOT NULL,
        PRIMARY KEY (number, sort, place)
    ) WITHOUT ROWID
    """,
    "INSERT INTO words_{n} (word) SELECT DISTINCT word FROM old_words ORDER BY word",
)
_DROP_4: Final = ("old_views", "old_listings", "old_words")


def _from_3_to_4(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE snapshots (
            stream TEXT NOT NULL,
            version INTEGER NOT NULL,
            snapshot TEXT NOT NULL,
            PRIMARY KEY (stream, version)
        )
        """
    )
    connection.create_function("token_4", 1, _token_4, deterministic=True)
    live, building = connection.execute("SELECT live, building FROM generations").fetchone()
    for generation in [live] if building is None else [live, building]:
        for statement in _GENERATION_4:
            connection.execute(statement.format(n=generation))
        sorts = _sorts_4(connection, generation)
        places = {sort: _places_4(connection, generation, *sort) for sort in sorts}
        _number_terms_4(connection, generation)
        _move_views_4(connection, generation, {name: (n, places[n, name]) for n, name in sorts})
        for table in _DROP_4:
            connection.execute(f"DROP TABLE {table}")


def _sorts_4(connection: Connection, generation: int) -> list[tuple[int, str]]:
    names: list[str] = []
    query = "SELECT indexed FROM old_views WHERE indexed IS NOT NULL LIMIT 1"
    for (indexed,) in connection.execute(query):
        names.extend(json.loads(indexed)["keys"])
    last = ""
    query = "SELECT min(sort) FROM old_listings WHERE term = 'all' AND sort > ?"
    while (last := connection.execute(query, (last,)).fetchone()[0]) is not None:
        names.append(last)
    sorts = list(enumerate(dict.fromkeys(names), 1))
    connection.executemany(f"INSERT INTO sorts_{generation} (number, name) VALUES (?, ?)", sorts)
    return sorts


def _places_4(connection: Connection, generation: int, number: int, sort: str) -> "array[int]":
    """Give all views their places in ``sort``, and return these by their rows."""
    ((last_row,),) = connection.execute("SELECT coalesce(max(row), 0) FROM old_views")
    where = "FROM old_listings WHERE term = 'all' AND sort = ?"
    ((count,),) = connection.execute(f"SELECT count(*) {where}", (sort,))
    places = array("q", bytes(8 * (last_row + 1)))
    rows = connection.execute(f"SELECT key, id, row {where} ORDER BY key, id", (sort,))
    for n, (key, stream, row) in enumerate(rows):
        places[row] = place = _FIRST_PLACE_4 + n * _PLACES_4 // count
        connection.execute(
            f"INSERT INTO orders_{generation} (sort, key, tie, place) VALUES (?, ?, ?, ?)",
            (number, key, stream[:4], place),
        )
        connection.execute(
            f"INSERT INTO places_{generation} (sort, place, row) VALUES (?, ?, ?)",
            (number, place, row),
        )
    return places


def _number_terms_4(connection: Connection, generation: int) -> None:
    connection.execute(
        f"""
        INSERT INTO terms_{generation} (token, number, ordered)
        SELECT token_4(term), row_number() OVER (), max(views) > ? FROM (
            SELECT term, count(*) AS views FROM old_listings
            WHERE term <> 'all' GROUP BY term, sort
        ) GROUP BY term
        """,
        (_MAX_UNORDERED_4,),
    )
    connection.execute(
        f"INSERT INTO terms_{generation} (token, number, ordered)"
        f" SELECT x'', count(*), 0 FROM terms_{generation}"
    )


def _move_views_4(
    connection: Connection, generation: int, sorts: "dict[str, tuple[int, array[int]]]"
) -> None:
    views = connection.execute(
        "SELECT row, id, version, indexed, added_at, revised_at, details, unlisted"
        " FROM old_views ORDER BY row"
    )
    while some := views.fetchmany(_VIEWS_AT_ONCE_4):
        listings: list[tuple[int, ...]] = []
        matches: list[tuple[int, ...]] = []
        rows: list[tuple[object, ...]] = []
        for row, stream, version, indexed, added_at, revised_at, *details in some:
            entries: tuple[object, ...] = (None, None)
            if indexed is not None:
                kept = json.loads(indexed)
                places = [(sorts[name][0], sorts[name][1][row]) for name in kept["keys"]]
                terms = _terms_4(connection, generation, kept["terms"])
                words = _words_4(connection, generation, kept["words"])
                for number, ordered in terms:
                    listings += [(number, *p) for p in (places if ordered else [(0, row)])]
                shared = map(_shared_4, ["", *kept["words"]], kept["words"])
                matches += [(n, *places[0], s) for n, s in zip(words, shared, strict=True)]
                entries = _entries_4(kept["keys"], places, [n for n, _ in terms], words)
            times = (_microseconds_4(added_at), _microseconds_4(revised_at))
            rows.append((row, _id_4(stream), version, *entries, *times, *details))
        for table, values in (("listings", listings), ("matches", matches), ("views", rows)):
            if values:
                marks = ", ".join("?" * len(values[0]))
                connection.executemany(f"INSERT INTO {table}_{generation} VALUES ({marks})", values)


def _terms_4(connection: Connection, generation: int, terms: list[str]) -> list[tuple[int, bool]]:
    tokens = [_token_4(term) for term in terms]
    rows = connection.execute(
        f"SELECT token, number, ordered FROM terms_{generation}"
        f" WHERE token IN ({', '.join('?' * len(tokens))})",
        tokens,
    )
    found = {token: (number, bool(ordered)) for token, number, ordered in rows}
    return [found[token] for token in tokens]


def _words_4(connection: Connection, generation: int, words: list[str]) -> list[int]:
    rows = connection.execute(
        f"SELECT word, number FROM words_{generation}"
        f" WHERE word IN ({', '.join('?' * len(words))})",
        words,
    )
    found = dict(rows)
    return [found[word] for word in words]


def _entries_4(
    keys: dict[str, str], places: list[tuple[int, int]], terms: list[int], words: list[int]
) -> tuple[str, bytes]:
    lengths = len(places), len(terms), len(words)
    numbers = pack(
        f"<HHH{len(places)}q{sum(lengths)}I",
        *lengths,
        *(place for _, place in places),
        *(number for number, _ in places),
        *terms,
        *words,
    )
    return json.dumps(list(keys.values()), ensure_ascii=False), numbers


def _token_4(term: str) -> bytes:
    name, _, digest = term.rpartition("_")
    return b"%s_%s" % (name.encode(), bytes.fromhex(digest))


def _shared_4(before: str, word: str) -> int:
    """Return how many characters the words have in common at their beginning."""
    pairs = enumerate(zip(before, word, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(before), len(word)))


def _id_4(stream: str) -> str | bytes:
    """Return a UUID as 16 bytes, and any other id as it is."""
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", stream):
        return stream
    return bytes.fromhex(stream.replace("-", ""))


def _microseconds_4(instant: str | None) -> int | None:
    if instant is None:
        return None
    return (datetime.fromisoformat(instant) - _EPOCH_4) // timedelta(microseconds=1)


# --- from 4 to 5: positions without AUTOINCREMENT ------------------------------------------------
#
# SQLite wrote the last position to a table of its own with each append. That table stays, empty.
#
# The time it takes grows with the log: about 10 seconds for 300,000 events. Meanwhile, to other
# processes the file is unavailable. The space of the old table is used again.


def _from_4_to_5(connection: Connection) -> None:
    connection.execute(
        """
        CREATE TABLE new_events (
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
        """
    )
    # The columns are the same, in the same order: SQLite then copies the rows as they are, index
    # and all, in half the time that it takes for the same columns by name.
    connection.execute("INSERT INTO new_events SELECT * FROM events")
    connection.execute("DROP TABLE events")
    connection.execute("ALTER TABLE new_events RENAME TO events")


MIGRATIONS: Final[Mapping[int, Step]] = {
    1: _from_1_to_2,
    2: _from_2_to_3,
    3: _from_3_to_4,
    4: _from_4_to_5,
}
"""For each version, the step to the next. It runs in its caller's transaction."""
