"""The files of exported books: what is written is what an import of the file sends."""

import csv
import os
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from apps.importer.cleaning import PLAIN_COLUMNS, Book, Unusable, encode_book, plain_book
from apps.importer.formats import Format


class Lossy(Exception):
    """A format cannot express a book; the message names the cause and the remedy."""


def encode(book: Book, file_format: Format) -> bytes:
    """Return a book in the form of a file. Raise Lossy when its import would send another."""
    match file_format:
        case Format.NDJSON:
            return encode_book(book) + b"\n"
        case Format.CSV:
            cells = {name: _cell(book.get(name, "")) for name in PLAIN_COLUMNS}
            _check(book, cells)
            return _csv_line(cells.values())


def write_books(path: Path, file_format: Format, books: Iterable[Book]) -> None:
    """Replace the file at ``path`` in one step: whoever reads it finds all of it or the old one."""
    unfinished = path.with_name(f"{path.name}.tmp")
    with unfinished.open("wb") as file:
        if file_format is Format.CSV:
            file.write(_csv_line(PLAIN_COLUMNS))
        file.writelines(encode(book, file_format) for book in books)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _cell(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ";".join(value)


def _csv_line(cells: Iterable[str]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _check(book: Book, cells: dict[str, str]) -> None:
    try:
        read = plain_book(cells)
    except Unusable as error:
        reason = str(error)
    else:
        different = [name for name in sorted({*book, *read}) if book.get(name) != read.get(name)]
        if not different:
            return
        reason = f"its {' and '.join(different)} would be read as another value"
    raise Lossy(f"{book.get('title')!r} cannot be written as CSV ({reason}): use .ndjson")
