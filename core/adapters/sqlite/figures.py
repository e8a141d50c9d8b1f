"""How much a SQLite file has. Counting reads an index: some 20 ms for a million events."""

from pathlib import Path
from typing import Final

from core.adapters.sqlite.database import Database, Synchronous
from core.ports.figures import Figures

_ITEMS: Final = "views of what was removed are not counted"


def read_figures(path: Path, projector: str) -> Figures:
    """Return the figures of the file at ``path``; ``projector`` names the projector's checkpoint.

    Raises StoreUnavailable.
    """
    database = Database(path, Synchronous.NORMAL)
    try:
        with database.read() as connection:
            live, building = connection.execute("SELECT live, building FROM generations").fetchone()
            ((events,),) = connection.execute("SELECT count(*) FROM events")
            ((views,),) = connection.execute(
                f"SELECT count(*) FROM views_{live} WHERE added_at IS NOT NULL"
            )
            ((waiting,),) = connection.execute(
                "SELECT count(*) FROM events WHERE position >"
                " coalesce((SELECT CAST(position AS INTEGER) FROM checkpoints WHERE name = ?), 0)",
                (projector,),
            )
    finally:
        database.close()
    return Figures(events, views, _ITEMS, live, building, waiting)
