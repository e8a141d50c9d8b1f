"""Appending the events of a file to a log, in the order of the file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, Final, NamedTuple

from apps.log.checking import Checked, Lines, check, events_of
from apps.log.lines import Stored
from apps.log.streams import Streams
from core.application.handling import claim_names
from core.ports.decider import ImpossibleHistory
from core.ports.domain import Domain
from core.ports.errors import UnknownEvent
from core.ports.event_store import NO_CLAIMS, Claims, ClaimTaken, EventStore
from core.ports.events import Codec, Envelope, StoredEvent, Unreadable

AT_ONCE: Final = 1_000
"""Events that are read before they are appended, those of one stream one after the other."""


class _Wanted(NamedTuple):
    """An event to append, and whether it is the last of its stream."""

    event: Stored
    is_last: bool


@dataclass(slots=True)
class Imported:
    """How many events were appended, and which claims their streams could not get."""

    events: int = 0
    unclaimed: list[str] = field(default_factory=list)


Batch = Callable[[], AbstractContextManager[object]]
"""Begins what the thread appends in one transaction, where the target can; an error undoes it."""

ClaimsAt = Callable[[Stored], Claims]
"""Returns the claims that the stream of an event holds after it."""


def import_log(
    lines: Lines,
    target: EventStore[StoredEvent],
    domain: Domain[Any, Any, Any, Any],
    agree: Callable[[Checked], None],
    batch: Batch,
    threads: int,
    progress: Callable[[int], None],
) -> Imported:
    """Append the events of a file that ``target`` lacks, with what their streams claim in the end.

    Before anything is written ``target`` and the whole file are read, and ``agree`` receives what
    the file has; it may raise something. Raises Unusable and Conflict as well (``check``). See
    ``append_events`` for the rest.
    """
    with closing(Streams()) as streams:
        for _, logged in target.read_all():
            event_id = "" if isinstance(logged, Unreadable) else logged.event_id
            streams.note_present(logged.stream, logged.version, event_id)
        agree(check(lines, streams, partial(decoded, codec=domain.events)))
        claims_at = claims_from(target, domain)
        return append_events(events_of(lines), target, streams, claims_at, batch, threads, progress)


def append_events(
    events: Iterator[Stored],
    target: EventStore[StoredEvent],
    streams: Streams,
    claims_at: ClaimsAt,
    batch: Batch,
    threads: int,
    progress: Callable[[int], None],
) -> Imported:
    """Append what ``target`` does not have of ``events``.

    ``streams`` has the last version of each stream, and what ``target`` has. With several
    ``threads`` streams are appended at the same time; with one, all events keep their order. Raises
    StoreUnavailable, and VersionConflict when others write to a stream. Stopped at any point and
    started again, it goes on.
    """
    imported = Imported()
    missing = (event for event in events if streams.present(event.stream, event.version) is None)

    def append(part: Sequence[_Wanted]) -> None:
        try:
            with batch():
                for event, is_last in part:
                    _append(event, claims_at(event) if is_last else NO_CLAIMS, target)
        except ClaimTaken:
            for event, is_last in part:
                claims = claims_at(event) if is_last else NO_CLAIMS
                imported.unclaimed.extend(_append_with_free(event, claims, target))

    with ThreadPoolExecutor(threads, "import") as pool:
        while some := list(islice(missing, AT_ONCE)):
            wanted = [_Wanted(e, e.version == streams.last(e.stream)) for e in some]
            parts = [wanted] if threads == 1 else _by_stream(wanted)
            for future in [pool.submit(append, part) for part in parts]:
                future.result()
            imported.events += len(some)
            progress(imported.events)
    return imported


def _append(event: Stored, claims: Claims, target: EventStore[StoredEvent]) -> None:
    target.append(event.stream, event.version - 1, [event], claims)


def _append_with_free(
    event: Stored, claims: Claims, target: EventStore[StoredEvent]
) -> Iterator[str]:
    """Append ``event`` with those of ``claims`` that are free; yield which are not, and why.

    Two streams hold one in a file that was written while one released and the other took it.
    """
    while True:
        try:
            _append(event, claims, target)
        except ClaimTaken as taken:
            yield f"{taken.name} of {event.stream}: {taken.owner} holds it"
            claims = Claims(claims.take - {taken.name})
        else:
            return


def _by_stream(batch: Iterable[_Wanted]) -> list[list[_Wanted]]:
    parts: dict[str, list[_Wanted]] = {}
    for each in batch:
        parts.setdefault(each.event.stream, []).append(each)
    return list(parts.values())


def claims_from(target: EventStore[StoredEvent], domain: Domain[Any, Any, Any, Any]) -> ClaimsAt:
    """Return what finds the claims of a stream by folding its events.

    They are taken with its last event: a file need not have the order in which one stream released
    a claim and another took it, but in the end no two hold the same. Where an event cannot be read,
    what was held before it counts.
    """

    def claims_at(event: Stored) -> Claims:
        before = target.load(event.stream) if event.version > 1 else []
        return claims_after([*before, event], domain)

    return claims_at


def claims_after(events: Iterable[Stored], domain: Domain[Any, Any, Any, Any]) -> Claims:
    """Return the claims that a stream holds after all of its ``events``."""
    state = domain.decider.initial
    for event in events:
        try:
            state = domain.evolved(state, [decoded(event, domain.events)])
        except (UnknownEvent, ImpossibleHistory):
            break
    return Claims(take=claim_names(domain.decider.claims(state)))


def decoded(event: Stored, codec: Codec[Any]) -> Envelope[Any]:
    """Return ``event`` as this version of the code reads it. Raises UnknownEvent."""
    stored = event.event
    assert isinstance(stored, StoredEvent)
    return replace(event, event=codec.decode(*stored))
