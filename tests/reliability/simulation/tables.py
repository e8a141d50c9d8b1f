"""Tables: items by key, in DynamoDB's order, with what an older read may still see.

A key is compared as DynamoDB compares it: strings by their UTF-8 bytes (Python's order of code
points is the same), numbers by value.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, NamedTuple

Item = dict[str, Any]
Key = tuple[Any, Any]
"""Partition and sort key as plain values."""


class KeySchema(NamedTuple):
    """The names and types of a table's partition key and sort key."""

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


@dataclass(slots=True)
class Table:
    """A table: the newest items, and the order of a Scan.

    A Scan goes by the hash of the partition key, so a new partition may come before the position of
    a Scan under way, which then misses it.
    """

    name: str
    schema: KeySchema
    partitions: dict[Any, Partition] = field(default_factory=dict)
    _scan_order: list[tuple[bytes, Any]] = field(default_factory=list)

    def stored(self, key: Key) -> Stored | None:
        """Return the newest item with ``key``."""
        partition = self.partitions.get(key[0])
        return None if partition is None else partition.items.get(key[1])

    def write(self, key: Key, new: Stored | None) -> None:
        """Put or remove the item with ``key``."""
        if new is not None:
            self._partition(key[0]).put(key[1], new)
        elif self.stored(key) is not None:
            self._remove(key)

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
