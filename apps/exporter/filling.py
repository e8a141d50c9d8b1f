"""The export's loop: page after page into the journal."""

from collections.abc import Callable, Iterator

from apps.exporter.journal import Journal
from apps.exporter.pages import Page
from apps.exporter.writing import encode
from apps.importer.formats import Format
from apps.importer.stopping import Stop


def fill(
    journal: Journal, page_after: Callable[[str | None], Page], file_format: Format, stop: Stop
) -> Iterator[int]:
    """Add the missing pages to the journal; yield how many books it has after each.

    Return when it is whole, or at a request of ``stop``. Raise Lossy for a book that the format
    cannot express, before its page is kept, and what ``page_after`` raises.
    """
    while not (journal.is_whole or stop.is_asked()):
        page = page_after(journal.cursor)
        for book in page.books:
            encode(book, file_format)
        journal.append(page)
        yield journal.count
