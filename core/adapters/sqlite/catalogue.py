"""The catalogue in SQLite: one generation of the read model, with its indexes."""

from __future__ import annotations

from sqlite3 import Connection
from typing import Final, Generic, TypeVar

from core.adapters.sqlite.database import Database
from core.adapters.sqlite.entries import order_terms, reindex
from core.adapters.sqlite.index import indexed
from core.adapters.sqlite.listings import Bounds, find_page
from core.adapters.sqlite.numbering import numbers_for
from core.adapters.sqlite.views import read_kept, read_view, write_view
from core.ports.catalogue import StaleView, check_replaces
from core.ports.errors import StoreUnavailable
from core.ports.listing import Listing, ListingDeclaration, Page, Position
from core.ports.records import Record
from core.ports.views import Projected

V = TypeVar("V", bound=Record)

BOUNDS: Final = Bounds()


class SqliteCatalogue(Generic[V]):
    """A generation of the catalogue; for ``generation`` None, the one that is live at each call."""

    def __init__(
        self,
        database: Database,
        declaration: ListingDeclaration[V],
        generation: int | None,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._database = database
        self._declaration = declaration
        self._generation = generation
        self._bounds = bounds

    def get(self, stream: str) -> Projected[V] | None:
        with self._database.read() as connection:
            number = self._number(connection)
            view = read_view(connection, number, self._declaration, stream)
            if view is None:
                self._database.known().absent = number, stream
            return view

    def replace(self, old: Projected[V] | None, new: Projected[V]) -> None:
        check_replaces(old, new)
        with self._database.write() as connection:
            self._replace(connection, self._number(connection), old, new)

    def finish(self, _: Projected[V]) -> None:
        return None

    def find(self, listing: Listing, after: Position | None, limit: int) -> Page[V]:
        with self._database.read() as connection:
            number = self._number(connection)
            return find_page(
                connection, number, self._declaration, listing, after, limit, self._bounds
            )

    def check(self) -> None:
        with self._database.read() as connection:
            self._number(connection)

    def _replace(
        self, connection: Connection, number: int, old: Projected[V] | None, new: Projected[V]
    ) -> None:
        known = self._database.known()
        kept = read_kept(connection, number, new.id, known)
        if kept.version != (None if old is None else old.version):
            raise StaleView(new.id)
        known.absent = None
        wanted = indexed(new, self._declaration)
        numbers = numbers_for(wanted, connection, number, known)
        entries = reindex(connection, number, new.id, kept, wanted, numbers)
        write_view(connection, number, self._declaration, kept.row, new, wanted, entries)
        order_terms(connection, number, numbers.terms, kept.entries, self._bounds.max_unordered)

    def _number(self, connection: Connection) -> int:
        # Read in the transaction of the query itself, so a switch is seen at once and never half.
        known = self._database.known()
        if known.generations is None:
            query = "SELECT live, building FROM generations"
            known.generations = connection.execute(query).fetchone()
        live, building = known.generations
        number = live if self._generation is None else self._generation
        if number not in (live, building):
            raise StoreUnavailable(
                f"Generation {number} of the catalogue was replaced by {live}; try again."
            )
        return int(number)
