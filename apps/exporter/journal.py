"""The unfinished export, from which a stopped one continues: a file beside the one to write.

Its first line names the service; each of the others has a page of books, and the cursor of the next
page. A line is on disk before the next page is read. A line that is not whole, and all after it,
are dropped: they are read again.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.exporter.pages import Page
from apps.importer.cleaning import Book
from apps.importer.rows import UnusableFile


class Journal:
    """The journal at ``path`` of an export from ``source``; begun, or continued. A context manager.

    ``count`` is how many books it has, ``cursor`` where it continues, ``is_whole`` whether it has
    all pages. One without a page is removed when it is closed. Opening raises UnusableFile when the
    file cannot be written, is in use by another export, or is of another source.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.count = 0
        self.cursor: str | None = None
        self.is_whole = False
        self._is_empty = True
        try:
            self._file = path.open("a+b")
        except OSError as error:
            raise UnusableFile(f"cannot write {path}: {error.strerror or error}") from error
        try:
            self._lock()
            self._continue(source)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_empty:
            self.remove()
        self._file.close()

    def append(self, page: Page) -> None:
        """Keep a page on disk."""
        self._write(_line({"books": page.books, "next": page.next}))
        self._note(page)

    def books(self) -> Iterator[Book]:
        """Yield all books, with one page in memory."""
        for page in self._pages():
            yield from page.books

    def remove(self) -> None:
        """Remove the file: the export is written."""
        self.path.unlink(missing_ok=True)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnusableFile(f"another export is writing {self.path}") from error

    def _continue(self, source: str) -> None:
        header = _line({"source": source})
        self._file.seek(0)
        first = self._file.readline()
        if not header.startswith(first):
            raise UnusableFile(
                f"{self.path} is no unfinished export from {source}: move it away, or name another"
                " FILE"
            )
        if first != header:
            self._file.truncate(0)
            self._write(header)
        end = len(header)
        for page in self._pages():
            self._note(page)
            end = self._file.tell()
        self._file.truncate(end)

    def _note(self, page: Page) -> None:
        self.count += len(page.books)
        self.cursor = page.next
        self.is_whole = page.next is None
        self._is_empty = False

    def _pages(self) -> Iterator[Page]:
        self._file.seek(0)
        self._file.readline()
        while (record := _record(self._file.readline())) is not None:
            yield Page(record["books"], record["next"])

    def _write(self, line: bytes) -> None:
        self._file.write(line)
        self._file.flush()
        os.fsync(self._file.fileno())


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def _record(line: bytes) -> dict[str, Any] | None:
    """Return the record in a line, or None when the line is not whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
