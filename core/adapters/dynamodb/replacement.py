"""What the replacement of a view writes, and in which order.

First the places that the new view has, then the view, then the places that the old one had are
deleted. So whatever is shown has its places, at any moment and wherever a replacement stops; those
that have no view yet or any more are passed over by whoever reads them.

A view's item says in its attribute ``was`` what the places that its replacement leaves behind are
computed from. So they can be deleted by whoever projects the same event again, or the next one,
when the replacement has stopped after it wrote the view.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeVar

from core.adapters.dynamodb.generations import Generation
from core.adapters.dynamodb.items import MAX_ITEM_BYTES, Item, item_size
from core.adapters.dynamodb.keys import VERSION, view_key
from core.adapters.dynamodb.places import (
    Place,
    PlaceKey,
    Placing,
    places,
    placing_from_json,
    placing_of,
)
from core.adapters.dynamodb.shapes import Malformed, text_of
from core.adapters.dynamodb.transactions import Operation
from core.adapters.dynamodb.views import projected_attributes
from core.ports.domain import Domain
from core.ports.listing import ListingDeclaration
from core.ports.records import Record
from core.ports.views import Projected

V = TypeVar("V", bound=Record)

WAS: Final = "was"
"""The attribute of a view with the text of the ``Placing`` before."""

Places = Mapping[PlaceKey, Place]


class Replacement(NamedTuple):
    """What is written to replace a view of version ``base``, which is 0 for none.

    ``places`` are written first, then ``view``, then the places ``gone`` are deleted. ``before``
    and ``after`` are all places of the old and the new view.
    """

    base: int
    version: int
    before: Places
    after: Places
    places: Places
    view: Item

    @property
    def gone(self) -> set[PlaceKey]:
        """Return the places of the old view that the new one does not have."""
        return self.before.keys() - self.after.keys()

    def put_view(self, table: str) -> Operation:
        """Return the write that replaces the view, if that has not changed; it returns the old."""
        condition, values = "attribute_not_exists(#version)", {}
        if self.base:
            condition, values = "#version = :old", {":old": {"N": str(self.base)}}
        return {
            "Put": {
                "TableName": table,
                "Item": self.view,
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {"#version": VERSION},
                **({"ExpressionAttributeValues": values} if values else {}),
                "ReturnValues": "ALL_OLD",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }


def replacement(
    generation: Generation,
    domain: Domain[Any, Any, Any, V],
    old: Projected[V] | None,
    new: Projected[V],
) -> Replacement:
    """Return the replacement of ``old`` by ``new``. Raises ValueError for an id that is too long.

    In a generation that an earlier version of this program has begun, the view is all there is.
    """
    was = placing_of(domain.listing, old) if generation.has_places else None
    will_be = placing_of(domain.listing, new) if generation.has_places else None
    before = places(generation.number, domain.listing, was)
    after = places(generation.number, domain.listing, will_be)
    view = {**view_key(generation.number, domain.noun, new.id), **projected_attributes(new)}
    if before.keys() - after.keys():
        view = _remembering(view, was)
    return Replacement(
        base=old.version if old else 0,
        version=new.version,
        before=before,
        after=after,
        places=_changed(before, after),
        view=view,
    )


def places_before(
    generation: Generation, listing: ListingDeclaration[Any], view_item: Item
) -> Places:
    """Return the places of the view before that of an item, as far as they had to be deleted.

    Raises Malformed.
    """
    if WAS not in view_item:
        return {}
    try:
        return places(generation.number, listing, placing_from_json(text_of(view_item, WAS)))
    except (TypeError, ValueError) as error:
        raise Malformed(f"{WAS} is not what a view was placed by") from error


def _changed(before: Places, after: Places) -> Places:
    """Return the places to write: the new ones, and those by which a filter would miss a view.

    A place that both views have is found by what either of them is filtered by, as either may be
    shown.
    """
    changed = {}
    for key, place in after.items():
        present = before.get(key)
        if present is None:
            changed[key] = place
        elif not place.terms <= present.terms or place.previous_word != present.previous_word:
            is_same = place.previous_word == present.previous_word
            previous = place.previous_word if is_same else None
            changed[key] = Place(place.terms | present.terms, previous)
    return changed


def _remembering(view: Item, was: Placing | None) -> Item:
    """Return the item of a view with ``WAS``.

    One that would be too large goes without: what a replacement that stops leaves behind stays
    until the next rebuild.
    """
    if was is None:
        return view
    with_was = {**view, WAS: {"S": was.to_json()}}
    return with_was if item_size(with_was) <= MAX_ITEM_BYTES else view
