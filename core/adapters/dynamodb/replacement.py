"""What a book's replacement writes: its view and index entries, in transactions that each hold only while they may.

A book of usual size takes one. A larger one takes several, and a note on the view says while they are under way what
the view is to become. It is written before anything else and goes with the last part, so whoever finds it can finish
the work, and nobody can do other work before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.adapters.dynamodb.entries import index_entries
from core.adapters.dynamodb.items import Item, item_size
from core.adapters.dynamodb.keys import view_key
from core.adapters.dynamodb.transactions import TRANSACTION_ITEMS, Operation
from core.adapters.dynamodb.views import entry_attributes, entry_from_attributes
from core.ports.catalogue import Entry

PART_BYTES: Final = 1_000_000
"""What one transaction writes of index entries at most. AWS takes 4 MB; but a partition takes 1,000 writes of 1 KB a
second, and all entries of a book are in one."""

_VERSIONS: Final = {"#version": "version", "#pending": "pending"}
_NO_NOTE: Final = "attribute_not_exists(#pending)"
_OUR_NOTE: Final = "#pending.#version = :new"


@dataclass(frozen=True, slots=True)
class Replacement:
    """``new`` in the place of ``old``, in a generation of the catalogue in ``table``."""

    table: str
    generation: int
    old: Entry | None
    new: Entry

    def parts(self) -> list[list[Operation]]:
        """Return the writes to index entries, those that change and those that go, in one part at least."""
        before = index_entries(self.generation, self.old)
        after = index_entries(self.generation, self.new)
        changed = [item for key, item in after.items() if before.get(key) != item]
        gone = [item for key, item in before.items() if key not in after]
        sized = [
            *((self._put(item), item_size(item)) for item in changed),
            *((self._delete(item), item_size(item)) for item in gone),
        ]
        return list(_parts(sized))

    def move(self) -> Operation:
        """Return the write that moves the view, if nothing is under way with it."""
        return {"Put": {"Item": self._view(), **self._while_old(_NO_NOTE)}}

    def note(self) -> Operation:
        """Return the write that notes on the view what it is to become, if nothing is under way with it."""
        pending = {":pending": {"M": entry_attributes(self.new)}}
        change = {"UpdateExpression": "SET #pending = :pending"}
        return {"Update": {"Key": self._key(), **change, **self._while_old(_NO_NOTE, pending)}}

    def while_noted(self) -> Operation:
        """Return the condition that this replacement is under way."""
        return {"ConditionCheck": {"Key": self._key(), **self._while_old(_OUR_NOTE, self._new())}}

    def move_noted(self) -> Operation:
        """Return the write that moves the view and takes the note away, if this replacement is under way."""
        return {"Put": {"Item": self._view(), **self._while_old(_OUR_NOTE, self._new())}}

    def _key(self) -> Item:
        return view_key(self.generation, self.new.book_id)

    def _view(self) -> Item:
        return {**self._key(), **entry_attributes(self.new)}

    def _new(self) -> Item:
        return {":new": {"N": str(self.new.version)}}

    def _put(self, item: Item) -> Operation:
        return {"Put": {"TableName": self.table, "Item": item}}

    def _delete(self, item: Item) -> Operation:
        return {"Delete": {"TableName": self.table, "Key": {"pk": item["pk"], "sk": item["sk"]}}}

    def _while_old(self, also: str, values: Item | None = None) -> dict[str, Any]:
        """Return the condition that the view is still at ``old``, and another with its ``values``."""
        at_old = "#version = :old" if self.old else "attribute_not_exists(#version)"
        old = {":old": {"N": str(self.old.version)}} if self.old else {}
        all_values = {**old, **(values or {})}
        return {
            "TableName": self.table,
            "ConditionExpression": f"{at_old} AND {also}",
            "ExpressionAttributeNames": _VERSIONS,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **({"ExpressionAttributeValues": all_values} if all_values else {}),
        }


def entry_of(book_id: str, view_item: Item) -> Entry | None:
    """Return the entry that a view's item holds; until a first replacement is finished there is none."""
    return entry_from_attributes(book_id, view_item) if "version" in view_item else None


def noted_entry(book_id: str, view_item: Item) -> Entry | None:
    """Return what a view is to become, where a replacement is under way."""
    return (
        entry_from_attributes(book_id, view_item["pending"]["M"])
        if "pending" in view_item
        else None
    )


def _parts(sized: Sequence[tuple[Operation, int]]) -> Iterator[list[Operation]]:
    """Yield operations, given with their bytes, in parts of ``PART_BYTES`` with a place left for the view."""
    part: list[Operation] = []
    part_bytes = 0
    for operation, size in sized:
        if part and (len(part) == TRANSACTION_ITEMS - 1 or part_bytes + size > PART_BYTES):
            yield part
            part, part_bytes = [], 0
        part.append(operation)
        part_bytes += size
    yield part
