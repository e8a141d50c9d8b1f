"""What really happened: every commit of the store, checked at the moment it is made.

The ledger reads what is stored by itself (JSON text of items), not with the program's codec or
fold: what the program gets wrong is not wrong here too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from core.application.handling import MAX_CARRIED
from tests.reliability.simulation.dynamodb import Written
from tests.reliability.simulation.tables import Item
from tests.reliability.simulation.world import World

EVENTS = "events"
CATALOGUE = "catalogue"


class Shown(NamedTuple):
    """What a stream shows after an event; ``fields`` is None once it has ended."""

    fields: dict[str, str] | None
    added_at: str
    revised_at: str


class Appended(NamedTuple):
    """The events of one append: they share a message, and have the last one's version."""

    stream: str
    first: int
    last: int
    message: str


@dataclass(slots=True)
class Log:
    """A stream as it was committed: what it shows after each version, and who wrote it."""

    shown: list[Shown] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    has_painted: bool = False
    """Whether it has an event that the first release cannot read."""

    @property
    def version(self) -> int:
        return len(self.shown)


class Ledger:
    """Sees each commit, raises Violation, and knows what every reader should see."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.logs: dict[str, Log] = {}
        self.by_message: dict[str, Appended] = {}
        self.by_key: dict[tuple[str, str], Appended] = {}
        """By stream and idempotency key."""
        self.sent: dict[str, frozenset[int] | None] = {}
        """The If-Match of each command, by its message; a client enters it before it sends."""
        self.switched_at = 0.0
        self._owners: dict[str, str] = {}
        self._held: dict[str, set[str]] = {}
        self.observers: list[Callable[[Item], None]] = []
        """Receive each event's item, as the table's stream does."""

    def committed(self, written: Sequence[Written]) -> None:
        """Check what one request wrote, all of it at once."""
        events: dict[str, list[Item]] = {}
        for change in written:
            if change.table == CATALOGUE:
                self._check_catalogue(change)
            elif change.key[0].startswith("snapshot#"):
                continue
            elif change.key[1] == 0:
                self._move_claim(change)
            elif change.old is not None or change.new is None:
                raise self.world.fail(f"event {change.key} was changed: {change.old} {change.new}")
            else:
                events.setdefault(change.key[0], []).append(change.new)
        for stream, items in events.items():
            self._append(stream, items)
        if events or any(change.table == EVENTS for change in written):
            self._check_claims({*events, *self._touched(written)})

    def shown(self, stream: str, version: int) -> Shown:
        """Return what ``stream`` shows after ``version``."""
        return self.logs[stream].shown[version - 1]

    def version(self, stream: str) -> int:
        """Return the version of a stream, 0 of one that does not exist."""
        log = self.logs.get(stream)
        return 0 if log is None else log.version

    # --- the log --------------------------------------------------------------------------------

    def _append(self, stream: str, items: list[Item]) -> None:
        log = self.logs.setdefault(stream, Log())
        first = log.version + 1
        for expected, item in enumerate(items, first):
            version = int(item["version"]["N"])
            if version != expected:
                raise self.world.fail(f"{stream} has version {version} after {expected - 1}")
            log.has_painted |= item["type"]["S"] == "Painted"
            self._check_time(log, item)
            log.shown.append(_after(log.shown[-1] if log.shown else None, item))
            for observer in self.observers:
                observer(item)
        log.names = _names(log.shown[-1])
        self._remember(Appended(stream, first, log.version, items[0]["causation_id"]["S"]), items)

    def _remember(self, appended: Appended, items: list[Item]) -> None:
        message = appended.message
        if earlier := self.by_message.get(message):
            raise self.world.fail(f"command {message} was stored twice: {earlier} {appended}")
        self.by_message[message] = appended
        key = items[0].get("command_id", {}).get("S")
        if key is not None:
            if earlier := self.by_key.get((appended.stream, key)):
                raise self.world.fail(f"a repeat was decided anew: {earlier} {appended}")
            self.by_key[appended.stream, key] = appended
        if message not in self.sent:
            raise self.world.fail(f"nobody sent {message}, which was stored: {appended}")
        wanted, before = self.sent[message], appended.first - 1
        # What begins a stream has nothing to match (RFC 9110, section 13.2.1).
        if wanted is not None and before and before not in wanted:
            raise self.world.fail(f"If-Match {sorted(wanted)} was stored upon version {before}")

    def _check_time(self, log: Log, item: Item) -> None:
        """Check that time goes back only after a clock that was wrong by more than is carried."""
        before, at = log.shown[-1].revised_at if log.shown else "", item["occurred_at"]["S"]
        if at < before:
            gap = datetime.fromisoformat(before) - datetime.fromisoformat(at)
            if gap <= MAX_CARRIED:
                raise self.world.fail(f"{item['stream']['S']} went back in time, by {gap}")

    # --- claims ---------------------------------------------------------------------------------

    def _move_claim(self, change: Written) -> None:
        name = str(change.key[0]).removeprefix("claim#")
        if change.new is None:
            self._held[self._owners.pop(name)].remove(name)
        else:
            owner = change.new["owner"]["S"]
            before = self._owners.get(name)
            if before not in {None, owner}:
                raise self.world.fail(f"{name} was taken from {before} by {owner}")
            self._owners[name] = owner
            self._held.setdefault(owner, set()).add(name)

    def _touched(self, written: Sequence[Written]) -> set[str]:
        items = [i for change in written for i in (change.old, change.new) if i is not None]
        return {item["owner"]["S"] for item in items if "owner" in item}

    def _check_claims(self, streams: set[str]) -> None:
        """Check that each stream holds what it shows: so no two can show the same code."""
        for stream in streams:
            log = self.logs.get(stream)
            shown = log.names if log else set()
            held = self._held.get(stream, set())
            if shown != held:
                raise self.world.fail(f"{stream} shows {shown} and holds {held}")

    # --- the catalogue --------------------------------------------------------------------------

    def _check_catalogue(self, change: Written) -> None:
        partition, sort = change.key
        if (partition, sort) == ("read-model", "generations"):
            before = (change.old or {}).get("live", {"N": "1"})
            if before != (change.new or {}).get("live"):
                self.switched_at = self.world.now
        if partition == "read-model" and "reason" in (change.new or {}):
            self._check_aside(change.new or {})
        if sort != "view" or change.new is None or "version" not in change.new:
            return
        stream = str(partition).partition("#")[2].partition("#")[2]
        version = int(change.new["version"]["N"])
        old = int((change.old or {}).get("version", {"N": "0"})["N"])
        if version < old or (version == old and "pending" not in change.new):
            raise self.world.fail(f"the view {partition} went from version {old} to {version}")
        self.check_view(stream, version, change.new)

    def _check_aside(self, item: Item) -> None:
        """Check that a stream is set aside for an event of the next release, and nothing else."""
        stream = item["stream"]["S"]
        # Its version may be a lower one: what is missing of a view is loaded together.
        if not self.logs[stream].has_painted:
            raise self.world.fail(f"{stream} was set aside: {item['reason']['S']}")

    def check_view(self, stream: str, version: int, item: Item) -> None:
        """Check that a stored view shows what its events made of it."""
        if version > self.version(stream):
            raise self.world.fail(f"the view of {stream} is at version {version}, its log is not")
        shown = self.shown(stream, version)
        found = _stored_view(item, shown)
        if found != shown:
            raise self.world.fail(f"the view of {stream} at {version} is {found}, not {shown}")


def _after(before: Shown | None, item: Item) -> Shown:
    """Return what a stream shows after the event in ``item``: a fold of one step."""
    data: dict[str, Any] = json.loads(item["data"]["S"])
    at = item["occurred_at"]["S"]
    added = before.added_at if before else at
    fields = before.fields if before else {}
    match item["type"]["S"]:
        case "Revoked":
            fields = None
        case "NothingChanged":
            pass
        case _:
            fields = {**(fields or {}), **data}
    return Shown(fields, added, at)


def _names(shown: Shown) -> set[str]:
    return set() if shown.fields is None else {f"code:{shown.fields['code']}"}


def _stored_view(item: Item, like: Shown) -> Shown:
    if "doc" not in item:
        return Shown(None, like.added_at, like.revised_at)
    content = json.loads(item["doc"]["S"])
    return Shown(content["details"], content["added_at"], content["revised_at"])
