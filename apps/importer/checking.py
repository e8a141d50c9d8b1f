"""The dry run: what would become of each row of a file if the catalogue were empty."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from apps.importer.cleaning import Book, Unusable, encode_book, idempotency_key
from apps.importer.outcomes import Outcome, Verdict, rejected
from apps.importer.rows import Row
from apps.importer.stopping import Stop
from core.adapters.http.requests import MAX_BODY_BYTES, BodyTooLarge
from core.domain.rules import parse_details
from core.ports.refusals import InvalidInput


def check(rows: Iterable[Row], stop: Stop) -> Iterator[tuple[Row, Outcome]]:
    """Yield each row with the outcome of its import into an empty catalogue; nothing is sent.

    Which rows were in the file before is remembered: some 300 bytes each.
    """
    catalogue = _Catalogue()
    for row in rows:
        if stop.is_asked():
            return
        if isinstance(row.content, Unusable):
            yield row, rejected(str(row.content))
        else:
            yield row, catalogue.add(row.number, row.content)


@dataclass(slots=True)
class _Catalogue:
    """What the file has added so far: the keys of requests, and the rows of ISBNs."""

    keys: set[str] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)

    def add(self, number: int, book: Book) -> Outcome:
        body = encode_book(book)
        if len(body) > MAX_BODY_BYTES:
            return rejected(str(BodyTooLarge()))
        key = idempotency_key(body)
        if key in self.keys:
            return Outcome(Verdict.ALREADY_THERE)
        try:
            isbn = parse_details(book).isbn
        except InvalidInput as error:
            return rejected("; ".join(f"{e.pointer} {e.message}".strip() for e in error.errors))
        if isbn in self.rows:
            return rejected(f"The ISBN {isbn} belongs to the book of row {self.rows[isbn]}.")
        if isbn is not None:
            self.rows[isbn] = number
        self.keys.add(key)
        return Outcome(Verdict.ADDED)
