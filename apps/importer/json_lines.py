"""The lines of an NDJSON file (JSON Lines), read one by one as books to send or reasons not to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from apps.importer.cleaning import Book, Unusable
from apps.importer.rows import REPORT_COLUMNS, Row, opened
from core.domain.rules import BookInput
from core.ports.input import without_nulls
from core.ports.json_text import NotJson, parse_json

MAX_LINE_BYTES: Final = 1024 * 1024
"""A body that the service takes is shorter, however it is escaped and spaced."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class JsonLines:
    """An open NDJSON file; reading it holds one line in memory. A context manager.

    A line is a book as the service takes it, so it is sent as it is, without nulls. Opening raises
    UnusableFile for a file that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._raw, self.size = opened(path)

    def __enter__(self) -> "JsonLines":
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    @property
    def position(self) -> int:
        """Return how many bytes of ``size`` have been read."""
        return self._raw.tell()

    def __iter__(self) -> Iterator[Row]:
        """Yield the lines; blank ones are no rows. The only cell of a row is its line."""
        number = 0
        while line := self._raw.readline(MAX_LINE_BYTES):
            number += 1
            whole = line.endswith(b"\n") or len(line) < MAX_LINE_BYTES
            line = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
            if not whole:
                self._skip_line()
                yield Row(number, (), Unusable(f"is a line of more than {MAX_LINE_BYTES:,} bytes"))
            elif line.strip():
                yield Row(number, (line.decode(errors="surrogateescape").rstrip(),), _content(line))

    def _skip_line(self) -> None:
        while (rest := self._raw.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
            pass


def _content(line: bytes) -> Book | Unusable:
    try:
        value = parse_json(line)
    except NotJson as error:
        return Unusable(f"is not JSON in UTF-8: {error}")
    if not isinstance(value, dict):
        return Unusable("is not a JSON object")
    book = without_nulls(BookInput, value)
    assert isinstance(book, dict)
    return {name: given for name, given in book.items() if name not in REPORT_COLUMNS}
