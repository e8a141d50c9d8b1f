"""What the replacement of a view writes: the view and its index entries, under conditions.

A view of usual size takes one transaction. A larger one takes several; while they are under way,
the view's item says in its attribute ``pending`` what the view is to become. That is written before
anything else and removed with the last part, so whoever finds it can finish the work, and nobody
can do other work first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from core.adapters.dynamodb.entries import index_entries
from core.adapters.dynamodb.items import Item, item_size
from core.adapters.dynamodb.keys import view_key
from core.adapters.dynamodb.shapes import map_of
from core.adapters.dynamodb.transactions import MAX_TRANSACTION_ITEMS, Operation
from core.adapters.dynamodb.views import projected_attributes, projected_from_attributes
from core.ports.domain import Domain
from core.ports.records import Record
from core.ports.views import Projected

V = TypeVar("V", bound=Record)

MAX_PART_BYTES: Final = 1_000_000
"""Index entries that one transaction writes. AWS takes 4 MB; but a partition takes 1,000 writes of
1 KB a second, and all entries of a view are in one."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a view's item, as an expression with its values."""

    expression: str
    values: Mapping[str, Any] = field(default_factory=dict)


_NAMES: Final = {"#version": "version", "#pending": "pending"}

NOT_PENDING: Final = Condition("attribute_not_exists(#pending)")
"""No replacement of several transactions is under way."""


def is_at(projected: Projected[Any] | None) -> Condition:
    """Return the condition that the item still holds ``projected``, or nothing."""
    if projected is None:
        return Condition("attribute_not_exists(#version)")
    return Condition("#version = :old", {":old": _version(projected)})


def pending_is(projected: Projected[Any]) -> Condition:
    """Return the condition that the replacement by ``projected`` is under way."""
    return Condition("#pending.#version = :new", {":new": _version(projected)})


def _version(projected: Projected[Any]) -> dict[str, str]:
    return {"N": str(projected.version)}


@dataclass(frozen=True, slots=True)
class Replacement(Generic[V]):
    """The replacement of ``old`` by ``new``, in a generation of the catalogue in ``table``."""

    table: str
    generation: int
    domain: Domain[Any, Any, Any, V]
    old: Projected[V] | None
    new: Projected[V]

    def parts(self) -> list[list[Operation]]:
        """Return the writes of index entries that change or go, in one part at least."""
        before = index_entries(self.generation, self.domain, self.old)
        after = index_entries(self.generation, self.domain, self.new)
        changed = [item for key, item in after.items() if before.get(key) != item]
        gone = [item for key, item in before.items() if key not in after]
        sized = [
            *((self._put(item), item_size(item)) for item in changed),
            *((self._delete(item), item_size(item)) for item in gone),
        ]
        return list(_parts(sized))

    def replace_view(self) -> Operation:
        """Return the write that replaces the view.

        Its condition: the view has not changed, and no replacement is pending.
        """
        return {"Put": {"Item": self._view(), **self._only_if(is_at(self.old), NOT_PENDING)}}

    def begin(self) -> Operation:
        """Return the write that makes this replacement pending.

        Its condition: the view has not changed, and no replacement is pending.
        """
        pending = {":pending": {"M": projected_attributes(self.new)}}
        return {
            "Update": {
                "Key": self._key(),
                "UpdateExpression": "SET #pending = :pending",
                **self._only_if(is_at(self.old), NOT_PENDING, values=pending),
            }
        }

    def check_pending(self) -> Operation:
        """Return the check that this replacement is pending."""
        return {
            "ConditionCheck": {
                "Key": self._key(),
                **self._only_if(is_at(self.old), pending_is(self.new)),
            }
        }

    def finish(self) -> Operation:
        """Return the write that replaces the view and ends this replacement, which is pending."""
        guard = self._only_if(is_at(self.old), pending_is(self.new))
        return {"Put": {"Item": self._view(), **guard}}

    def _key(self) -> Item:
        return view_key(self.generation, self.domain.noun, self.new.id)

    def _view(self) -> Item:
        return {**self._key(), **projected_attributes(self.new)}

    def _put(self, item: Item) -> Operation:
        return {"Put": {"TableName": self.table, "Item": item}}

    def _delete(self, item: Item) -> Operation:
        return {"Delete": {"TableName": self.table, "Key": {"pk": item["pk"], "sk": item["sk"]}}}

    def _only_if(
        self, *conditions: Condition, values: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the arguments of an operation that is done only if all ``conditions`` hold.

        ``values`` are those of the operation itself.
        """
        all_values = dict(values or {})
        for condition in conditions:
            all_values |= condition.values
        return {
            "TableName": self.table,
            "ConditionExpression": " AND ".join(condition.expression for condition in conditions),
            "ExpressionAttributeNames": _NAMES,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **({"ExpressionAttributeValues": all_values} if all_values else {}),
        }


def projected_of(stream: str, view_item: Item, details: type[V]) -> Projected[V] | None:
    """Return what a view's item holds: None until a first replacement is finished.

    Raises UnreadableView.
    """
    is_first_pending = "pending" in view_item and "version" not in view_item
    if not view_item or is_first_pending:
        return None
    return projected_from_attributes(stream, view_item, details)


def pending_of(stream: str, view_item: Item, details: type[V]) -> Projected[V] | None:
    """Return what a view is to become: None where no replacement is pending.

    Raises UnreadableView, and Malformed where there is no telling what was pending.
    """
    if "pending" not in view_item:
        return None
    return projected_from_attributes(stream, map_of(view_item, "pending"), details)


def _parts(sized: Sequence[tuple[Operation, int]]) -> Iterator[list[Operation]]:
    """Yield operations, given with their bytes, in parts that leave one operation for the view."""
    part: list[Operation] = []
    part_bytes = 0
    for operation, size in sized:
        full = len(part) == MAX_TRANSACTION_ITEMS - 1 or part_bytes + size > MAX_PART_BYTES
        if part and full:
            yield part
            part, part_bytes = [], 0
        part.append(operation)
        part_bytes += size
    yield part
