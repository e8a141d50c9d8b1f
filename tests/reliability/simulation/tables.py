"""Tables and their indexes: items by key, in DynamoDB's order, with what an index has not seen yet.

A key is compared as DynamoDB compares it: strings by their UTF-8 bytes (Python's order of code
points is the same), numbers by value.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import md5
from heapq import heappop, heappush
from typing import Any, NamedTuple

Item = dict[str, Any]
Key = tuple[Any, Any]
"""Partition and sort key as plain values."""


class KeySchema(NamedTuple):
    """The names and types of a table's or an index's partition key and sort key."""

    partition: str
    sort: str
    partition_type: str
    sort_type: str

    def key_of(self, item: Mapping[str, Any]) -> Key:
        """Return the key of an item that has one."""
        sort = item[self.sort][self.sort_type]
        partition = item[self.partition][self.partition_type]
        return partition, int(sort) if self.sort_type == "N" else sort

    def attributes_of(self, item: Mapping[str, Any]) -> Item:
        """Return the attributes of an item that are its key."""
        return {name: item[name] for name in (self.partition, self.sort)}


class Stored(NamedTuple):
    """An item with its size, and what an eventually consistent read may still see instead."""

    item: Item
    size: int
    before: Item | None = None
    fresh_at: float = 0.0


@dataclass(slots=True)
class Partition:
    """The items of one partition key, by sort key."""

    order: list[Any] = field(default_factory=list)
    items: dict[Any, Stored] = field(default_factory=dict)

    def put(self, sort: Any, stored: Stored) -> None:
        if sort not in self.items:
            insort(self.order, sort)
        self.items[sort] = stored

    def remove(self, sort: Any) -> None:
        if self.items.pop(sort, None) is not None:
            del self.order[bisect_left(self.order, sort)]


class Change(NamedTuple):
    """What becomes of an index's entry for an item of the table."""

    at: float
    number: int
    key: Key
    stored: Stored | None


@dataclass(slots=True)
class Index:
    """A global secondary index: it takes in each item's changes in order, some time later."""

    name: str
    schema: KeySchema
    partitions: dict[Any, Partition] = field(default_factory=dict)
    _waiting: list[Change] = field(default_factory=list)
    _last: dict[Key, float] = field(default_factory=dict)
    _placed: dict[Key, Key] = field(default_factory=dict)

    def has(self, item: Mapping[str, Any] | None) -> bool:
        """Return whether an item is in the index: it has both of its keys."""
        return item is not None and self.schema.partition in item and self.schema.sort in item

    def change(self, key: Key, stored: Stored | None, at: float, number: int) -> None:
        """Take in, not before ``at``, what the item with ``key`` has become."""
        at = max(at, self._last.get(key, 0.0))
        self._last[key] = at
        heappush(self._waiting, Change(at, number, key, stored))

    def catch_up(self, now: float) -> None:
        """Take in what is due."""
        waiting = self._waiting
        while waiting and waiting[0].at <= now:
            change = heappop(waiting)
            self._apply(change.key, change.stored)
            if self._last.get(change.key) == change.at:
                del self._last[change.key]

    def _apply(self, key: Key, stored: Stored | None) -> None:
        if (placed := self._placed.pop(key, None)) is not None:
            self.partitions[placed[0]].remove((placed[1], key))
        if stored is not None:
            partition, sort = self.schema.key_of(stored.item)
            self.partitions.setdefault(partition, Partition()).put((sort, key), stored)
            self._placed[key] = partition, sort


@dataclass(slots=True)
class Table:
    """A table: the newest items, its indexes, and the order of a Scan.

    A Scan goes by the hash of the partition key, so a new partition may come before the position of
    a Scan under way, which then misses it.
    """

    name: str
    schema: KeySchema
    indexes: dict[str, Index]
    partitions: dict[Any, Partition] = field(default_factory=dict)
    _scan_order: list[tuple[bytes, Any]] = field(default_factory=list)
    _changes: int = 0

    def stored(self, key: Key) -> Stored | None:
        """Return the newest item with ``key``."""
        partition = self.partitions.get(key[0])
        return None if partition is None else partition.items.get(key[1])

    def write(self, key: Key, new: Stored | None, now: float, delay: Callable[[], float]) -> None:
        """Put or remove the item with ``key``. Indexes see it after a ``delay`` for each."""
        old = self.stored(key)
        if new is None:
            if old is not None:
                self._remove(key)
        else:
            self._partition(key[0]).put(key[1], new)
        for index in self.indexes.values():
            was = old is not None and index.has(old.item)
            is_now = new is not None and index.has(new.item)
            if was or is_now:
                self._changes += 1
                index.change(key, new if is_now else None, now + delay(), self._changes)

    def items(self) -> Iterator[Item]:
        """Return all items, in the order of a Scan."""
        for _, partition in self._scan_order:
            found = self.partitions[partition]
            for sort in found.order:
                yield found.items[sort].item

    def scan_after(self, start: Key | None) -> Iterator[tuple[Key, Stored]]:
        """Return the items after the key ``start``, in the order of a Scan."""
        at = 0 if start is None else bisect_left(self._scan_order, (_hash(start[0]), start[0]))
        for _, name in self._scan_order[at:]:
            partition = self.partitions[name]
            first = 0
            if start is not None and name == start[0]:
                first = bisect_right(partition.order, start[1])
            for sort in partition.order[first:]:
                yield (name, sort), partition.items[sort]

    def _partition(self, name: Any) -> Partition:
        partition = self.partitions.get(name)
        if partition is None:
            partition = self.partitions[name] = Partition()
            insort(self._scan_order, (_hash(name), name))
        return partition

    def _remove(self, key: Key) -> None:
        partition = self.partitions[key[0]]
        partition.remove(key[1])
        if not partition.order:
            del self.partitions[key[0]]
            del self._scan_order[bisect_left(self._scan_order, (_hash(key[0]), key[0]))]


def _hash(partition: Any) -> bytes:
    return md5(str(partition).encode(), usedforsecurity=False).digest()
