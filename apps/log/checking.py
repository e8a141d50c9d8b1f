"""Checking a log's file before anything of it is written anywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from apps.log.lines import Stored, Unusable, check_header, read_end, read_event
from apps.log.streams import Gap, Streams
from core.ports.errors import UnknownEvent

Lines = Callable[[], Iterator[bytes]]
"""Reads the lines of a file from its beginning."""

Decode = Callable[[Stored], object]
"""Reads an event as this version of the code does. Raises UnknownEvent."""

MAX_NAMED: Final = 10


@dataclass(slots=True)
class Checked:
    """What a file has.

    ``present`` of its events are in the target already, and ``unreadable`` ones this version of the
    code cannot read; ``named`` are the first of these.
    """

    events: int = 0
    present: int = 0
    unreadable: int = 0
    named: list[str] = field(default_factory=list)


class Conflict(Exception):
    """The target has another event where the file has one. ``str()`` says where."""


def events_of(lines: Lines) -> Iterator[Stored]:
    """Yield the events of a whole file. Raises Unusable, for a wrong checksum after all events."""
    reader = lines()
    header = next(reader, b"")
    check_header(header)
    digest, count = sha256(header), 0
    last = next(reader, b"")
    for line in reader:
        digest.update(last)
        count += 1
        yield _event(last, count + 1)
        last = line
    end = read_end(last)
    if (end.events, end.sha256) != (count, digest.hexdigest()):
        raise Unusable("it is damaged: its lines do not have the checksum in the last one")


def check(lines: Lines, streams: Streams, decode: Decode) -> Checked:
    """Read the whole file, note its streams, and return what it has.

    ``streams`` knows what the target has (``Streams.note_present``). Raises Unusable, also where a
    stream lacks an event, and Conflict.
    """
    checked = Checked()
    for event in events_of(lines):
        try:
            streams.follow(event.stream, event.version)
        except Gap as error:
            raise Unusable(f"it lacks events: {error}") from error
        checked.events += 1
        present = streams.present(event.stream, event.version)
        if present is not None:
            checked.present += 1
            _check_same(event, present)
        try:
            decode(event)
        except UnknownEvent as error:
            checked.unreadable += 1
            if len(checked.named) < MAX_NAMED:
                checked.named.append(f"{event.stream}, version {event.version}: {error}")
    return checked


def _check_same(event: Stored, present: str) -> None:
    if present != event.event_id:
        raise Conflict(
            f"the log has another event at version {event.version} of {event.stream}: import into"
            " an empty one"
        )


def _event(line: bytes, number: int) -> Stored:
    try:
        return read_event(line)
    except Unusable as error:
        raise Unusable(f"line {number}: {error}") from error
