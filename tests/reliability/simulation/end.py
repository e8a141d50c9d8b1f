"""What must hold once nothing is under way: the catalogue shows the log, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.adapters.dynamodb.keys import view_key
from core.adapters.dynamodb.places import places, placing_of
from core.adapters.dynamodb.views import projected_attributes
from core.application.queries import QueryHandler
from core.ports.folding import fold
from core.ports.listing import Listing, Position
from core.ports.text import words
from core.ports.views import Projected, Tombstone, View
from tests.reliability.simulation.badges import COLOURS, LISTING, NOUN, Badge
from tests.reliability.simulation.dynamodb import ModelDynamoDb
from tests.reliability.simulation.ledger import CATALOGUE, Ledger
from tests.reliability.simulation.tables import Item
from tests.reliability.simulation.world import World

_PAGE = 7

LISTINGS = (
    Listing(),
    Listing(descending=True),
    Listing(sort="added"),
    *(Listing(filters={"colour": colour}) for colour in COLOURS),
    Listing(words=("sea",)),
    Listing(words=("the", "se")),
    Listing(words=("is",), filters={"colour": "red"}),
)


def projected(ledger: Ledger, stream: str) -> Projected[Badge]:
    """Return what the catalogue must keep for a stream."""
    version = ledger.version(stream)
    shown = ledger.shown(stream, version)
    if shown.fields is None:
        return Tombstone(stream, version)
    added, revised = map(datetime.fromisoformat, (shown.added_at, shown.revised_at))
    return View(stream, version, Badge(**shown.fields), added, revised)


def check_catalogue(
    world: World, ledger: Ledger, database: ModelDynamoDb, most_left: int = 0
) -> None:
    """Check that the generation that serves has the views of the log, and their places.

    ``most_left`` is how many places may be there that no view has. They are shown to nobody.
    """
    items = list(database.tables[CATALOGUE].items())
    pointer = next((i for i in items if i["sk"]["S"] == "generations"), {"live": {"N": "1"}})
    if asides := [item for item in items if "reason" in item]:
        raise world.fail(f"still aside: {asides}")
    generation = int(pointer["live"]["N"])
    prefix = f"{generation:06}#"
    found = {_key(item): item for item in items if item["pk"]["S"].startswith(prefix)}
    expected = {}
    for stream in ledger.logs:
        wanted = projected(ledger, stream)
        view_item = {**view_key(generation, NOUN, stream), **projected_attributes(wanted)}
        expected[_key(view_item)] = view_item
        for key, place in places(generation, LISTING, placing_of(LISTING, wanted)).items():
            expected[key] = {"terms": place.terms, "previous_word": place.previous_word}
    if missing := sorted(expected.keys() - found.keys()):
        raise world.fail(f"the catalogue lacks {missing}")
    wrong = [key for key, item in expected.items() if not _shows(found[key], item)]
    if wrong:
        raise world.fail(f"the catalogue differs in {wrong}")
    if len(extra := sorted(found.keys() - expected.keys())) > most_left:
        raise world.fail(f"the catalogue has {extra}")


def _shows(found: Item, wanted: Item) -> bool:
    """Return whether an item is the view, or a place that does not hide its view."""
    if "version" in wanted:
        return {name: found.get(name) for name in wanted} == wanted
    terms = set(found.get("terms", {"SS": ()})["SS"])
    previous = found.get("previous_word", {"S": None})["S"]
    return wanted["terms"] <= terms and previous in {None, wanted["previous_word"]}


def check_listings(world: World, ledger: Ledger, queries: QueryHandler[Any, Any, Badge]) -> None:
    """Check that each listing has each view that belongs to it once, in order."""
    views = [
        p for p in (projected(ledger, stream) for stream in ledger.logs) if isinstance(p, View)
    ]
    for listing in LISTINGS:
        found = _walk(queries, listing)
        expected = _expected(listing, views)
        if found != expected:
            raise world.fail(f"{listing} has {found}, not {expected}")


def _walk(queries: QueryHandler[Any, Any, Badge], listing: Listing) -> list[str]:
    found: list[str] = []
    after: Position | None = None
    while True:
        page = queries.page(listing, after, _PAGE)
        found += [view.id for view in page.items]
        if (after := page.next) is None:
            return found


def _expected(listing: Listing, views: list[View[Badge]]) -> list[str]:
    """Return the ids of a listing by looking at each view."""
    colour = listing.filters.get("colour")
    matching = [view for view in views if colour in {None, view.details.colour}]
    if listing.words:
        *whole, prefix = listing.words
        by_word = []
        for view in matching:
            own = sorted(words(view.details.label))
            first = next((word for word in own if word.startswith(prefix)), None)
            if first is not None and set(whole) <= set(own):
                by_word.append((first, fold(view.details.label), view.id))
        return [key[-1] for key in sorted(by_word)]
    if listing.sort == "added":
        return [v.id for v in sorted(matching, key=lambda v: (v.added_at, v.id))]
    keys = sorted((fold(v.details.label)[:600], v.id) for v in matching)
    return [key[-1] for key in (reversed(keys) if listing.descending else keys)]


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
