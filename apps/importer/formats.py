"""The formats of a file of books: which one a file has, and how it and its rejects are opened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from apps.importer.json_lines import JsonLines
from apps.importer.outcomes import Outcome
from apps.importer.rejects import rejected_lines, rejects_file
from apps.importer.rows import BookFile, Row

Books = BookFile | JsonLines
Reject = Callable[[Row, Outcome], None]


class Format(StrEnum):
    """The formats; the value is the extension of such files."""

    CSV = "csv"
    NDJSON = "ndjson"


FORMAT_HELP = "csv, ndjson or jsonl (default: FORMAT, or the extension of FILE)"

_NAMES = {"csv": Format.CSV, "ndjson": Format.NDJSON, "jsonl": Format.NDJSON}


def format_of(path: Path, named: str | None) -> Format:
    """Return the format that is ``named``, else that of the path's extension. Raise ValueError."""
    name = named or path.suffix.removeprefix(".")
    try:
        return _NAMES[name.lower()]
    except KeyError:
        wanted = "use .csv, .ndjson or .jsonl, or set FORMAT to one of them"
        raise ValueError(f"{name!r} is no format of a file of books: {wanted}") from None


@contextmanager
def opened_books(path: Path, file_format: Format, rejects: Path) -> Iterator[tuple[Books, Reject]]:
    """Open a file of books, and beside it the file of those not imported. Raise UnusableFile."""
    match file_format:
        case Format.CSV:
            with BookFile(path) as rows, rejects_file(rejects, rows.header) as reject:
                yield rows, reject
        case Format.NDJSON:
            with JsonLines(path) as lines, rejected_lines(rejects) as reject:
                yield lines, reject
