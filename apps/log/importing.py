"""Appending the events of a file to a log, in the order of the file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
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


class Wanted(NamedTuple):
    """An event to append.

    ``continues`` says whether its stream had the one before it already when the import began, and
    ``is_last`` whether it is the last one of its stream.
    """

    event: Stored
    continues: bool
    is_last: bool


@dataclass(slots=True)
class Imported:
    """How many events were appended, and which claims their streams could not get."""

    events: int = 0
    unclaimed: list[str] = field(default_factory=list)


Batch = Callable[[], AbstractContextManager[object]]
"""Begins what the thread appends in one transaction, where the target can; an error undoes it."""

ClaimsAt = Callable[[Wanted], Claims]
"""Returns what the stream of an event takes and releases with it."""


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
    ``threads`` streams are appended at the same time; with one, all events keep their order, but
    for those that wait until a claim is released. Raises StoreUnavailable, and VersionConflict when
    others write to a stream. Stopped at any point and started again, it goes on.
    """
    imported = Imported()
    missing = (event for event in events if streams.present(event.stream, event.version) is None)
    waiting: list[Wanted] = []

    def append(part: Sequence[Wanted]) -> None:
        try:
            with batch():
                for each in part:
                    _append(each.event, claims_at(each), target)
        except ClaimTaken:
            waiting.extend(each for each in part if not _is_appended(each, claims_at, target))

    with ThreadPoolExecutor(threads, "import") as pool:
        while some := list(islice(missing, AT_ONCE)):
            wanted = [_wanted(event, streams) for event in some]
            parts = [wanted] if threads == 1 else _by_stream(wanted)
            for future in [pool.submit(append, part) for part in parts]:
                future.result()
            imported.events += len(some)
            progress(imported.events)
    while waiting:
        left = [each for each in waiting if not _is_appended(each, claims_at, target)]
        if len(left) == len(waiting):
            one = left.pop(0)
            imported.unclaimed.extend(_append_with_free(one.event, claims_at(one), target))
        waiting = left
    return imported


def _wanted(event: Stored, streams: Streams) -> Wanted:
    continues = streams.present(event.stream, event.version - 1) is not None
    return Wanted(event, continues, event.version == streams.last(event.stream))


def _append(event: Stored, claims: Claims, target: EventStore[StoredEvent]) -> None:
    target.append(event.stream, event.version - 1, [event], claims)


def _is_appended(each: Wanted, claims_at: ClaimsAt, target: EventStore[StoredEvent]) -> bool:
    """Append an event; return False if another stream holds what its own claims."""
    try:
        _append(each.event, claims_at(each), target)
    except ClaimTaken:
        return False
    return True


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
            claims = claims._replace(take=claims.take - {taken.name})
        else:
            return


def _by_stream(batch: Iterable[Wanted]) -> list[list[Wanted]]:
    parts: dict[str, list[Wanted]] = {}
    for each in batch:
        parts.setdefault(each.event.stream, []).append(each)
    return list(parts.values())


def claims_from(target: EventStore[StoredEvent], domain: Domain[Any, Any, Any, Any]) -> ClaimsAt:
    """Return what finds the claims of a stream by folding its events.

    They are taken with its last event: a file need not have the order in which one stream released
    a claim and another took it, but in the end no two hold the same. What a stream held already,
    by the import of an older file, it releases with the first event that continues it. Where an
    event cannot be read, what was held before it counts.
    """

    def claims_at(wanted: Wanted) -> Claims:
        event, continues, is_last = wanted
        if not continues and not is_last:
            return NO_CLAIMS
        before = target.load(event.stream) if event.version > 1 else []
        take = claimed_by([*before, event], domain) if is_last else frozenset[str]()
        release = claimed_by(before, domain) - take if continues else frozenset[str]()
        return Claims(take, release)

    return claims_at


def claimed_by(events: Iterable[Stored], domain: Domain[Any, Any, Any, Any]) -> frozenset[str]:
    """Return what a stream holds after all of its ``events``."""
    state = domain.decider.initial
    for event in events:
        try:
            state = domain.evolved(state, [decoded(event, domain.events)])
        except (UnknownEvent, ImpossibleHistory):
            break
    return claim_names(domain.decider.claims(state))


def decoded(event: Stored, codec: Codec[Any]) -> Envelope[Any]:
    """Return ``event`` as this version of the code reads it. Raises UnknownEvent."""
    stored = event.event
    assert isinstance(stored, StoredEvent)
    return event._replace(event=codec.decode(*stored))
