"""Writes of places, each a request of its own under a condition on its version.

A place has the version of the replacement that wrote it. Replacements by several projectors may
write one place, in any order, and may stop between any two requests. Three rules keep every view
that is shown where its listings look for it:

- A place is overwritten only while it has the version that the replacement began from, or a lower
  one. A later one was written by a replacement that knows another view: then the place is widened,
  so that it is found by what either of them needs.
- A place never gets a lower version.
- A place is deleted only while its version is lower than that of a view which does not have it:
  whoever needs it after that view has written it with a higher one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.generations import read_item
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.keys import PREVIOUS_WORD, TERMS, VERSION
from core.adapters.dynamodb.parallel import Together
from core.adapters.dynamodb.places import Place, PlaceKey
from core.adapters.dynamodb.shapes import number_of, text_of, texts_of
from core.adapters.dynamodb.transactions import ConditionsFailed, Operation, Writer
from core.ports.errors import StoreUnavailable

MAX_ATTEMPTS: Final = 10
"""How often a place is written again when others have changed it in between."""

_NAMES: Final = {"#version": VERSION}


@dataclass(frozen=True, slots=True)
class Placement:
    """Writes the places of views, several at a time."""

    writer: Writer
    together: Together

    def put(self, places: Mapping[PlaceKey, Place], base: int, version: int) -> None:
        """Write ``places`` for a replacement of version ``base`` by ``version``.

        Once it returns, each has what it is given and that version, or a higher one.
        """
        self.together([partial(self._put, *place, base, version) for place in places.items()])

    def delete(self, keys: Iterable[PlaceKey], version: int) -> None:
        """Delete places that the view of that version, which is written, does not have.

        The one with the highest key is deleted last: where it is gone, all are.
        """
        ordered = sorted(keys)
        for part in (ordered[:-1], ordered[-1:]):
            self.together([partial(self._delete, key, version) for key in part])

    def is_there(self, key: PlaceKey) -> bool:
        """Return whether there is such a place."""
        return bool(read_item(self.writer.client, self.writer.table, _key(key)))

    def _put(self, key: PlaceKey, place: Place, base: int, version: int) -> None:
        present: Item | None = self._try(overwritten(key, place, base, version))
        for _ in range(MAX_ATTEMPTS):
            if present is None or self._has(present, place, version):
                return
            if present:
                present = self._try(self._widened(key, place, version, present))
            else:  # deleted in between
                present = self._try(overwritten(key, place, base, version))
        raise StoreUnavailable(f"others keep changing the place {key}")

    def _delete(self, key: PlaceKey, version: int) -> None:
        self._try(
            {
                "Delete": {
                    "Key": _key(key),
                    "ConditionExpression": "#version < :version",
                    "ExpressionAttributeNames": _NAMES,
                    "ExpressionAttributeValues": {":version": _number(version)},
                }
            }
        )

    def _try(self, operation: Operation) -> Item | None:
        """Write; return None, or else the present item, {} where there is none."""
        ((action, request),) = operation.items()
        asked = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if action != "Delete" else {}
        try:
            self.writer.write([{action: {"TableName": self.writer.table, **request, **asked}}])
        except ConditionsFailed as error:
            (failure,) = error.failures
            return failure.item if failure else {}
        return None

    def _has(self, present: Item, place: Place, version: int) -> bool:
        """Return whether a place has all that is wanted of it."""
        if not present:
            return False
        with store_errors(self.writer.table, "PutItem"):
            return (
                number_of(present, VERSION) >= version
                and place.terms <= _terms(present)
                and (PREVIOUS_WORD not in present or _has_previous(present, place))
            )

    def _widened(self, key: PlaceKey, place: Place, version: int, present: Item) -> Operation:
        """Return the write that adds ``place`` to the present one, unless that is overwritten."""
        with store_errors(self.writer.table, "UpdateItem"):
            seen = number_of(present, VERSION)
            is_same = _has_previous(present, place)
        values: Item = {":seen": _number(seen), ":version": _number(max(seen, version))}
        parts = ["SET #version = :version"]
        if place.terms:
            values[":terms"] = _texts(place.terms)
            parts.append(f"ADD {TERMS} :terms")
        if not is_same:
            parts.append(f"REMOVE {PREVIOUS_WORD}")
        return {
            "Update": {
                "Key": _key(key),
                "UpdateExpression": " ".join(parts),
                "ConditionExpression": "#version = :seen",
                "ExpressionAttributeNames": _NAMES,
                "ExpressionAttributeValues": values,
            }
        }


def overwritten(key: PlaceKey, place: Place, base: int, version: int) -> Operation:
    """Return the write of a place, unless a replacement that began later has written it."""
    item: Item = {**_key(key), VERSION: _number(version)}
    if place.terms:
        item[TERMS] = _texts(place.terms)
    if place.previous_word is not None:
        item[PREVIOUS_WORD] = {"S": place.previous_word}
    return {
        "Put": {
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk) OR #version <= :base",
            "ExpressionAttributeNames": _NAMES,
            "ExpressionAttributeValues": {":base": _number(base)},
        }
    }


def _terms(item: Item) -> set[str]:
    return set(texts_of(item, TERMS)) if TERMS in item else set()


def _has_previous(item: Item, place: Place) -> bool:
    return PREVIOUS_WORD in item and text_of(item, PREVIOUS_WORD) == place.previous_word


def _key(key: PlaceKey) -> Item:
    return {"pk": {"S": key.partition}, "sk": {"S": key.sort_key}}


def _number(number: int) -> dict[str, str]:
    return {"N": str(number)}


def _texts(texts: Iterable[str]) -> dict[str, Sequence[Any]]:
    return {"SS": sorted(texts)}
