"""The steps from each version of the schema to the next.

A step is never changed once it has been released, so it uses nothing of the rest of the package,
which goes on changing.

This is the only file of the engine that names a domain: version 1 of the schema was made for books
alone, and has their names in its tables, columns and terms.
"""

import json
from collections.abc import Callable, Mapping
from hashlib import blake2b
from sqlite3 import Connection
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


# --- from 3 to 4: snapshots of streams ------------------------------------------------------------


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


MIGRATIONS: Final[Mapping[int, Step]] = {1: _from_1_to_2, 2: _from_2_to_3, 3: _from_3_to_4}
"""For each version, the step to the next. It runs in its caller's transaction."""
