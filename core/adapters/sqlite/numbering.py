"""The numbers of sorts, terms and words: an entry of the index has these in place of the texts.

A number is given for good: it stays when nothing has the term or word any more.
"""

from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import NamedTuple


class TermNumber(NamedTuple):
    """The number of a term, and whether the views that have it are listed in each sort."""

    number: int
    ordered: bool


def find_sorts(connection: Connection, generation: int, names: Iterable[str]) -> dict[str, int]:
    """Return the numbers of those ``names`` that have one."""
    return _find(connection, f"sorts_{generation}", "name", names)


def find_terms(
    connection: Connection, generation: int, tokens: Iterable[bytes]
) -> dict[bytes, TermNumber]:
    """Return the numbers of those ``tokens`` that have one."""
    if not (wanted := tuple(tokens)):
        return {}
    rows = connection.execute(
        f"SELECT token, number, ordered FROM terms_{generation} WHERE token IN {_marks(wanted)}",
        wanted,
    )
    return {found: TermNumber(number, bool(ordered)) for found, number, ordered in rows}


def find_words(connection: Connection, generation: int, words: Iterable[str]) -> dict[str, int]:
    """Return the numbers of those ``words`` that have one."""
    return _find(connection, f"words_{generation}", "word", words)


def number_sorts(connection: Connection, generation: int, names: Iterable[str]) -> dict[str, int]:
    """Return the numbers of ``names``, in their order; new ones are given."""
    return _number(connection, f"sorts_{generation}", "name", names)


def number_terms(
    connection: Connection, generation: int, tokens: Iterable[bytes]
) -> dict[bytes, TermNumber]:
    """Return the numbers of ``tokens``, in their order; new ones are given."""
    tokens = tuple(tokens)
    known = find_terms(connection, generation, tokens)
    if new := [token for token in tokens if token not in known]:
        # The tokens are the primary key, and the numbers have no index: a counter has the last one.
        ((last,),) = connection.execute(f"SELECT number FROM terms_{generation} WHERE token = x''")
        given = {token: last + n for n, token in enumerate(new, 1)}
        connection.executemany(
            f"INSERT INTO terms_{generation} (token, number, ordered) VALUES (?, ?, 0)",
            given.items(),
        )
        connection.execute(
            f"UPDATE terms_{generation} SET number = ? WHERE token = x''", (last + len(new),)
        )
        known |= {token: TermNumber(number, ordered=False) for token, number in given.items()}
    return {token: known[token] for token in tokens}


def number_words(connection: Connection, generation: int, words: Iterable[str]) -> list[int]:
    """Return the numbers of ``words``, in their order; new ones are given."""
    return list(_number(connection, f"words_{generation}", "word", words).values())


def _number(
    connection: Connection, table: str, column: str, texts: Iterable[str]
) -> dict[str, int]:
    texts = tuple(texts)
    known = _find(connection, table, column, texts)
    if new := [text for text in texts if text not in known]:
        connection.executemany(
            f"INSERT INTO {table} ({column}) VALUES (?)", [(text,) for text in new]
        )
        known |= _find(connection, table, column, new)
    return {text: known[text] for text in texts}


def _find(connection: Connection, table: str, column: str, texts: Iterable[str]) -> dict[str, int]:
    if not (wanted := tuple(texts)):
        return {}
    query = f"SELECT {column}, number FROM {table} WHERE {column} IN {_marks(wanted)}"
    return dict(connection.execute(query, wanted))


def _marks(values: Sequence[object]) -> str:
    return f"({', '.join('?' * len(values))})"
