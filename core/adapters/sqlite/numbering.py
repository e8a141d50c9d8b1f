"""The numbers of sorts, terms and words: an entry of the index has these in place of the texts.

A number is given for good: it stays when nothing has the term or word any more.
"""

from collections.abc import Collection, Iterable, Sequence
from sqlite3 import Connection
from typing import NamedTuple

from core.adapters.sqlite.index import Indexed
from core.adapters.sqlite.known import Known


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


class ViewNumbers(NamedTuple):
    """The numbers of what a view is found by, in its order."""

    sorts: dict[str, int]
    terms: dict[bytes, TermNumber]
    words: dict[str, int]


def numbers_for(
    view: Indexed, connection: Connection, generation: int, known: Known
) -> ViewNumbers:
    """Return the numbers of what ``view`` is found by; what is new gets one."""
    return ViewNumbers(
        _number(connection, f"sorts_{generation}", "name", view.keys, known),
        _number_terms(connection, generation, view.terms, known),
        _number(connection, f"words_{generation}", "word", view.words, known),
    )


def _number_terms(
    connection: Connection, generation: int, tokens: Collection[bytes], known: Known
) -> dict[bytes, TermNumber]:
    table = f"terms_{generation}"
    ordered = known.recall(table, tokens)
    terms = {token: TermNumber(number, ordered=True) for token, number in ordered.items()}
    if len(terms) == len(tokens):
        return terms
    found = find_terms(connection, generation, [token for token in tokens if token not in terms])
    # A term without an order may get one at any time, from another process too.
    known.remember(table, {token: term.number for token, term in found.items() if term.ordered})
    terms |= found
    if new := [token for token in tokens if token not in terms]:
        terms |= _new_terms(connection, table, new)
    return {token: terms[token] for token in tokens}


def _new_terms(
    connection: Connection, table: str, tokens: Sequence[bytes]
) -> dict[bytes, TermNumber]:
    # The tokens are the primary key, and the numbers have no index: a counter has the last one.
    ((last,),) = connection.execute(f"SELECT number FROM {table} WHERE token = x''")
    given = {token: last + n for n, token in enumerate(tokens, 1)}
    connection.executemany(
        f"INSERT INTO {table} (token, number, ordered) VALUES (?, ?, 0)", given.items()
    )
    connection.execute(f"UPDATE {table} SET number = ? WHERE token = x''", (last + len(tokens),))
    return {token: TermNumber(number, ordered=False) for token, number in given.items()}


def _number(
    connection: Connection, table: str, column: str, texts: Collection[str], known: Known
) -> dict[str, int]:
    numbers = known.recall(table, texts)
    if len(numbers) == len(texts):
        return numbers
    found = _find(connection, table, column, [text for text in texts if text not in numbers])
    numbers |= found
    if new := [text for text in texts if text not in numbers]:
        connection.executemany(
            f"INSERT INTO {table} ({column}) VALUES (?)", [(text,) for text in new]
        )
        found |= _find(connection, table, column, new)
        numbers |= found
    known.remember(table, found)
    return {text: numbers[text] for text in texts}


def _find(connection: Connection, table: str, column: str, texts: Iterable[str]) -> dict[str, int]:
    if not (wanted := tuple(texts)):
        return {}
    query = f"SELECT {column}, number FROM {table} WHERE {column} IN {_marks(wanted)}"
    return dict(connection.execute(query, wanted))


def _marks(values: Sequence[object]) -> str:
    return f"({', '.join('?' * len(values))})"
