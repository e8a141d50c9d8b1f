"""SQLite files of older versions, and what is in a file."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from core.adapters.sqlite.ids import unpacked
from core.adapters.sqlite.index import entries_from_bytes, keys_from_json

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


def index_of(path: Path, number: int) -> dict[str, list[tuple[Any, ...]]]:
    """Return what a generation has, with names in place of numbers, once that is consistent.

    That is the views with their keys, the views in each order, and the entries of terms and words.
    """
    with closing(sqlite3.connect(path)) as connection:
        sorts = {0: "", **dict(connection.execute(f"SELECT number, name FROM sorts_{number}"))}
        words = dict(connection.execute(f"SELECT number, word FROM words_{number}"))
        terms = {
            term: (token, ordered)
            for token, term, ordered in connection.execute(
                f"SELECT token, number, ordered FROM terms_{number} WHERE token <> x''"
            )
        }
        views = connection.execute(f"SELECT * FROM views_{number}").fetchall()
        tables = {
            name: sorted(connection.execute(f"SELECT * FROM {name}_{number}"))
            for name in ("orders", "places", "listings", "matches")
        }
    kept = {row: (unpacked(i), entries_from_bytes(e)) for row, i, _, _, e, *_ in views}
    keys = {row: keys_from_json(k, kept[row][1]) for row, _, _, k, *_ in views}
    rows = {(sort, p): row for row, (_, e) in kept.items() for sort, p in e.places.items()}
    orders = sorted((s, keys[row][s], kept[row][0], p) for (s, p), row in rows.items())
    assert [(s, k, i[:4], p) for s, k, i, p in orders] == tables["orders"]
    assert sorted((s, p, rows[s, p]) for s, _, _, p in orders) == tables["places"]
    listed = {
        (term, *place): row
        for row, (_, e) in kept.items()
        for term in e.terms
        for place in (e.places.items() if terms[term][1] else [(0, row)])
    }
    assert sorted(listed) == tables["listings"]
    found = {
        (word, *next(iter(e.places.items()))): row
        for row, (_, e) in kept.items()
        for word in e.words
    }
    assert sorted(found) == [entry[:3] for entry in tables["matches"]]
    return {
        "views": sorted((kept[row][0], v, k, *rest) for row, _, v, k, _, *rest in views),
        "orders": sorted((sorts[s], k, i) for s, k, i, _ in orders),
        "listings": sorted((terms[t][0], sorts[s], kept[r][0]) for (t, s, _), r in listed.items()),
        "matches": sorted(
            (words[w], sorts[s], kept[found[w, s, p]][0], shared)
            for w, s, p, shared in tables["matches"]
        ),
    }
