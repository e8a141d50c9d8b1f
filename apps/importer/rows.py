"""The rows of a CSV file (RFC 4180), read one by one as books to send or reasons not to."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from apps.importer.cleaning import (
    PLAIN_COLUMNS,
    Book,
    Cells,
    Unusable,
    goodbooks_book,
    plain_book,
)

GOODBOOKS_COLUMNS = (
    "isbn",
    "isbn13",
    "authors",
    "original_publication_year",
    "title",
    "language_code",
)
"""The columns used of goodbooks-10k's books.csv; a file with all of these is taken for one."""

REQUIRED_COLUMNS = ("title", "authors")
"""The columns that a plain file must have."""

REPORT_COLUMNS = ("row", "outcome", "reason")
"""What the file of rejected rows adds to each, first; an import of that file ignores it."""

_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")  # byte order marks of UTF-16 and UTF-32


class UnusableFile(Exception):
    """A file that cannot be imported as a whole; the message names the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its ``content`` is the book to send, or the reason why there is none.

    ``number`` is the line on which it starts, as an editor counts: the header is on line 1.
    """

    number: int
    cells: tuple[str, ...]
    content: Book | Unusable


class BookFile:
    """An open CSV file of books; reading it holds one row in memory. A context manager.

    Opening raises UnusableFile for a missing file, for text that is not UTF-8, and for columns that
    are not those of one of the two formats.
    """

    def __init__(self, path: Path) -> None:
        self._raw, self.size = opened(path)
        try:
            # What is not UTF-8 becomes surrogates, so that it is reported row by row.
            text = TextIOWrapper(self._raw, "utf-8-sig", errors="surrogateescape", newline="")
            self._csv = csv.reader(text, strict=True)
            self.header = _header(self._csv, path)
            self._book_of = _format(self.header)
        except BaseException:
            self._raw.close()
            raise

    def __enter__(self) -> "BookFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    @property
    def position(self) -> int:
        """Return how many bytes of ``size`` have been read."""
        return self._raw.tell()

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows after the header; empty lines are no rows."""
        while True:
            number = self._csv.line_num + 1
            try:
                cells = tuple(next(self._csv))
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number, (), self._malformed(error))
                continue
            if cells:
                yield Row(number, cells, self._content(cells))

    def _malformed(self, error: csv.Error) -> Unusable:
        # A quote that is not closed swallows the lines after it.
        last = self._csv.line_num
        return Unusable(f"is not CSV up to line {last} ({error}): is a quote misplaced?")

    def _content(self, cells: Sequence[str]) -> Book | Unusable:
        try:
            return self._book_of(_by_column(self.header, cells))
        except Unusable as unusable:
            return unusable


def opened(path: Path) -> tuple[BinaryIO, int]:
    """Open a file that may be UTF-8; return it and its size. Raise UnusableFile."""
    try:
        with ExitStack() as stack:
            file = stack.enter_context(path.open("rb"))
            if file.read(2) in _OTHER_ENCODINGS:
                raise UnusableFile(f"{path} is UTF-16 or UTF-32: save it as UTF-8")
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            stack.pop_all()
            return file, size
    except OSError as error:
        raise UnusableFile(f"cannot read {path}: {error.strerror or error}") from error


def _header(rows: Iterator[list[str]], path: Path) -> tuple[str, ...]:
    try:
        return tuple(name.strip().lower() for name in next(rows))
    except StopIteration:
        raise UnusableFile(f"{path} is empty: {_wanted()}") from None
    except csv.Error as error:
        raise UnusableFile(f"the first line of {path} is not CSV ({error}): {_wanted()}") from error


def _by_column(header: Sequence[str], cells: Sequence[str]) -> Cells:
    if any(0xDC80 <= ord(c) <= 0xDCFF for cell in cells for c in cell):
        raise Unusable("is not in UTF-8: save the file as UTF-8")
    if len(cells) != len(header):
        raise Unusable(f"has {len(cells)} cells where the header has {len(header)}")
    return dict(zip(header, cells, strict=True))


def _format(header: Sequence[str]) -> Callable[[Cells], Book]:
    names = set(header)
    if len(names) < len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        raise UnusableFile(f"the header names a column twice: {_listed(twice)}")
    if names.issuperset(GOODBOOKS_COLUMNS):
        return goodbooks_book
    problems = {
        "missing": [name for name in REQUIRED_COLUMNS if name not in names],
        "unknown": [name for name in header if name not in (*PLAIN_COLUMNS, *REPORT_COLUMNS)],
    }
    if any(problems.values()):
        found = "; ".join(f"{what}: {_listed(which)}" for what, which in problems.items() if which)
        raise UnusableFile(f"not the columns of a file of books ({found}): {_wanted()}")
    return plain_book


def _wanted() -> str:
    optional = [name for name in PLAIN_COLUMNS if name not in REQUIRED_COLUMNS]
    return (
        f"the first line must name the columns {' and '.join(REQUIRED_COLUMNS)}, and may name "
        f"{', '.join(optional)}, separated by commas; or {', '.join(GOODBOOKS_COLUMNS)} (goodbooks)"
    )


def _listed(names: Sequence[str]) -> str:
    # ascii(): a header may be anything, also bytes that no terminal should get.
    return ", ".join(ascii(name if len(name) <= 60 else name[:60] + "...") for name in names)
