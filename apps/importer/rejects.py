"""The file of the rows that were not imported: each with its number, its outcome and the reason.

A row is on disk before the next is handled. Bytes that are not UTF-8 are written as they were read.
An older file of that name is replaced. Opening raises UnusableFile.
"""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from apps.importer.outcomes import Outcome
from apps.importer.rows import REPORT_COLUMNS, Row, UnusableFile


@contextmanager
def rejects_file(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Row, Outcome], None]]:
    """Write a CSV file: the report's columns, then the original cells.

    Columns that an earlier import added are not kept.
    """
    kept = [i for i, column in enumerate(columns) if column not in REPORT_COLUMNS]
    with _opened(path) as file:
        writer = csv.writer(file)
        writer.writerow([*REPORT_COLUMNS, *(columns[i] for i in kept)])

        def write(row: Row, outcome: Outcome) -> None:
            whole = len(row.cells) == len(columns)
            cells = [row.cells[i] for i in kept] if whole else row.cells
            writer.writerow([*_report(row, outcome), *cells])

        yield write


@contextmanager
def rejected_lines(path: Path) -> Iterator[Callable[[Row, Outcome], None]]:
    """Write an NDJSON file: the report's members, then those of the book.

    A line that is no book is the member ``line``.
    """
    with _opened(path) as file:

        def write(row: Row, outcome: Outcome) -> None:
            report = dict(zip(REPORT_COLUMNS, _report(row, outcome), strict=True))
            book = row.content if isinstance(row.content, dict) else {"line": "".join(row.cells)}
            file.write(json.dumps({**report, **book}, ensure_ascii=False) + "\n")

        yield write


def _report(row: Row, outcome: Outcome) -> tuple[int, str, str]:
    return row.number, outcome.verdict, outcome.reason


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", 1, encoding="utf-8", errors="surrogateescape", newline="")
    except OSError as error:
        raise UnusableFile(f"cannot write {path}: {error.strerror} (--rejects FILE)") from error
