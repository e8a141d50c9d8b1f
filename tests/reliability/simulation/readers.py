"""Readers: what they see is a fold of the log, and never goes back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.adapters.dynamodb.generations import CACHE_SECONDS
from core.application.queries import NoSuchVersion, NotYetVisible
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.listing import Listing, Position
from core.ports.refusals import NotFound
from core.ports.views import View
from tests.reliability.simulation.badges import Badge
from tests.reliability.simulation.end import LISTINGS, check_listings
from tests.reliability.simulation.ledger import Ledger, Shown
from tests.reliability.simulation.processes import Supervised
from tests.reliability.simulation.world import World

PAGE = 5


class Reader:
    """A client that reads views, listings and histories, all from one process."""

    def __init__(
        self,
        world: World,
        ledger: Ledger,
        process: Supervised,
        known: list[str],
    ) -> None:
        self._world = world
        self._ledger = ledger
        self._process = process
        self._known = known
        self._seen: dict[str, tuple[int, float]] = {}

    def step(self) -> None:
        """Read something."""
        kind = self._world.random.random()
        try:
            if not self._known or kind < 0.2:
                self._walk(self._world.random.choice(LISTINGS))
            elif kind < 0.3:
                self._history(self._world.random.choice(self._known))
            else:
                self._view(self._some_stream())
        except (StoreUnavailable, UnknownEvent) as error:
            self._world.note(f"not read: {error!r}")

    def check_everything(self) -> None:
        """Check, once nothing is under way, all listings and the last streams."""
        check_listings(self._world, self._ledger, self._process.current().queries())
        for stream in self._known[-20:]:
            self._view(stream)

    def _some_stream(self) -> str:
        known, random = self._known, self._world.random
        return random.choice(known[-8:] if random.random() < 0.7 else known)

    def _view(self, stream: str) -> None:
        world = self._world
        least = self._ledger.version(stream) if world.chance(0.5) else 0
        if world.chance(0.02):
            least += 1
        try:
            version = self._check(self._process.current().queries().view(stream, least))
        except NotFound:
            version = self._ended(stream)
            if least and self._ledger.logs[stream].shown[-1].fields is not None:
                raise world.fail(f"{stream} was not found at min_version {least}") from None
        except (NotYetVisible, NoSuchVersion):
            return
        if 0 < version < least:
            raise world.fail(f"min_version {least} of {stream} got {version}")
        self._check_order(stream, version)

    def _check_order(self, stream: str, version: int) -> None:
        """Check that no version is older than one seen before, but across a switch."""
        before, then = self._seen.get(stream, (0, 0.0))
        if version < before and self._ledger.switched_at < then - CACHE_SECONDS:
            raise self._world.fail(f"version {version} of {stream} was read after {before}")
        self._seen[stream] = version, self._world.now

    def _ended(self, stream: str) -> int:
        """Return the version of a stream that was not found: 0 if its view may not exist yet."""
        last = self._ledger.logs[stream]
        has_begun = stream in self._seen and self._seen[stream][0] > 0
        return last.version if has_begun and last.shown[-1].fields is None else 0

    def _check(self, view: View[Badge]) -> int:
        shown = self._ledger.shown(view.id, view.version)
        found = Shown(asdict(view.details), _text(view.added_at), _text(view.revised_at))
        if found != shown:
            raise self._world.fail(f"{view} was read, not {shown}")
        return view.version

    def _walk(self, listing: Listing) -> None:
        after: Position | None = None
        shown: dict[str, int] = {}
        for _ in range(40):
            page = self._process.current().queries().page(listing, after, PAGE)
            for view in page.items:
                version = self._check(view)
                if shown.get(view.id) == version:
                    raise self._world.fail(f"{view.id} was listed twice at version {version}")
                shown[view.id] = version
            after = page.next
            if after is None:
                return

    def _history(self, stream: str) -> None:
        wanted, after, seen = self._ledger.version(stream), 0, 0
        while True:
            events, following = self._process.current().queries().history(stream, after, 6)
            versions = [event.version for event in events]
            if versions != list(range(after + 1, after + 1 + len(versions))):
                raise self._world.fail(f"{stream} has the history {versions} after {after}")
            seen = versions[-1] if versions else after
            if following is None:
                break
            after = following
        if seen < wanted:
            raise self._world.fail(f"the history of {stream} ends at {seen}, not {wanted}")


def _text(instant: Any) -> str:
    return str(instant.isoformat())
