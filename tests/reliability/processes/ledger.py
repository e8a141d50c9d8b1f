"""What follows from the log and the requests: the book at each version, and when it came to be.

Nothing of the project's own code folds the events here: a book is a plain mapping.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any, NamedTuple

from tests.reliability.processes.history import History, LoggedEvent, Operation, Outcome

Book = Mapping[str, Any]


class Moment(NamedTuple):
    """When something took effect: not before ``earliest``, and not after ``latest``."""

    earliest: float
    latest: float


@dataclass(frozen=True)
class State:
    """A book at a version: what readers see, None once it is removed (or before it is added)."""

    book: Book | None
    added_at: str
    revised_at: str

    def view(self, stream: str, version: int) -> Book | None:
        """Return the JSON that readers get."""
        if self.book is None:
            return None
        return {
            "id": stream,
            "version": version,
            "subjects": [],
            **{name: value for name, value in self.book.items() if value is not None},
            "added_at": self.added_at,
            "revised_at": self.revised_at,
        }


class Holding(NamedTuple):
    """A book's possession of an ISBN: from a version to the one that gave it up, or for good."""

    stream: str
    isbn: str
    taken: int
    released: int | None


def fold(events: Sequence[LoggedEvent]) -> list[State]:
    """Return the state after each event: number n is that of version n, 0 that of nothing."""
    states = [State(None, "", "")]
    for event in events:
        before = states[-1]
        at = event.occurred_at
        match event.type:
            case "BookAdded":
                states.append(State(event.data["details"], at, at))
            case "BookRevised" if before.book is not None:
                book = {**before.book, **event.data["changes"]}
                states.append(State(book, before.added_at, at))
            case "BookRemoved":
                states.append(State(None, before.added_at, at))
            case _:
                states.append(State(before.book, before.added_at, at))
    return states


@dataclass(frozen=True)
class Ledger:
    """A history with what can be derived from it."""

    history: History

    @cached_property
    def streams(self) -> dict[str, list[LoggedEvent]]:
        """The events of each book by version."""
        streams: dict[str, list[LoggedEvent]] = defaultdict(list)
        for event in self.history.events:
            streams[event.stream].append(event)
        return {s: sorted(events, key=lambda e: e.version) for s, events in streams.items()}

    @cached_property
    def states(self) -> dict[str, list[State]]:
        """The states of each book; number n is that of version n."""
        return {stream: fold(events) for stream, events in self.streams.items()}

    @cached_property
    def attempts(self) -> dict[str, Operation]:
        """The commands by their correlation ids."""
        return {o.request["correlation_id"]: o for o in self.history.operations if o.is_command}

    @cached_property
    def caused(self) -> dict[str, list[LoggedEvent]]:
        """The events that each attempt caused, by its correlation id."""
        caused: dict[str, list[LoggedEvent]] = defaultdict(list)
        for event in self.history.events:
            caused[event.correlation_id].append(event)
        return caused

    @cached_property
    def commands(self) -> list[list[Operation]]:
        """The attempts of each command: those with one key, caller and content; or one alone."""
        groups: dict[Any, list[Operation]] = defaultdict(list)
        for attempt in self.attempts.values():
            groups[command_of(attempt)].append(attempt)
        return [sorted(group, key=lambda o: o.invoked) for group in groups.values()]

    @cached_property
    def by_key(self) -> dict[tuple[str, str], list[Operation]]:
        """The attempts of all commands by caller and key."""
        groups: dict[tuple[str, str], list[Operation]] = defaultdict(list)
        for attempt in self.attempts.values():
            groups[attempt.request["subject"], attempt.request["key"]].append(attempt)
        return groups

    @cached_property
    def moments(self) -> dict[tuple[str, int], Moment]:
        """When each version came to be.

        Not before its own request was sent, and those of the versions before it. Not after anybody
        learned of it, or of a later one.
        """
        sighted = self._sighted()
        moments = {}
        for stream, events in self.streams.items():
            earliest = -inf
            bounds = []
            for event in events:
                attempt = self.attempts.get(event.correlation_id)
                earliest = max(earliest, attempt.invoked if attempt else -inf)
                bounds.append(earliest)
            latest = inf
            for event, bound in zip(reversed(events), reversed(bounds), strict=True):
                latest = min(latest, sighted.get((stream, event.version), inf))
                moments[stream, event.version] = Moment(bound, latest)
        return moments

    def _sighted(self) -> dict[tuple[str, int], float]:
        sighted: dict[tuple[str, int], float] = {}
        for operation in self.history.operations:
            for seen in seen_by(operation):
                sighted[seen] = min(operation.completed, sighted.get(seen, inf))
        return sighted

    def last(self, stream: str) -> int:
        """Return the newest version of a book, 0 without any."""
        return len(self.streams.get(stream, ()))

    def range_at(self, stream: str, operation: Operation) -> range:
        """Return the versions that the log could have had at a moment of ``operation``."""
        versions = range(1, self.last(stream) + 1)
        low = sum(self.moments[stream, v].latest < operation.invoked for v in versions)
        high = sum(self.moments[stream, v].earliest <= operation.completed for v in versions)
        return range(low, high + 1)

    @cached_property
    def holdings(self) -> dict[str, list[Holding]]:
        """The possessions of each ISBN."""
        found: dict[str, list[Holding]] = defaultdict(list)
        for stream, states in self.states.items():
            held: tuple[str, int] | None = None
            for version, state in enumerate(states):
                isbn = state.book.get("isbn") if state.book is not None else None
                if held and isbn != held[0]:
                    found[held[0]].append(Holding(stream, *held, version))
                    held = None
                if isbn is not None and held is None:
                    held = (isbn, version)
            if held:
                found[held[0]].append(Holding(stream, *held, None))
        return found


def command_of(attempt: Operation) -> tuple[Any, ...]:
    """Return what two attempts of one command have in common."""
    request = attempt.request
    if request["key"] is None:
        return (request["correlation_id"],)
    return (
        request["subject"],
        request["key"],
        attempt.kind,
        request["book"],
        repr(request["body"]),
    )


def seen_by(operation: Operation) -> Iterable[tuple[str, int]]:
    """Return the versions of books that the client knows to be there after ``operation``."""
    response = operation.response
    if operation.outcome is Outcome.REFUSED:
        if operation.status == 412:
            return [(operation.request["book"], response["version"])]
        return []
    if operation.outcome is not Outcome.OK:
        return []
    match operation.kind:
        case "add" | "revise" | "remove":
            return [(response["id"], response["version"])]
        case "get" if operation.status == 304:
            return [(operation.request["book"], operation.request["if_none_match"])]
        case "get" | "as_of":
            return [(response["id"], response["version"])]
        case "page":
            return [(book, version) for book, version, _ in response["items"]]
        case "history":
            return [(operation.request["book"], version) for version, _ in response["events"]]
        case _:
            return []
