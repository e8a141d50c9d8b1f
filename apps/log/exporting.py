"""Copying a log to a file."""

from collections.abc import Callable, Iterator
from hashlib import sha256

from apps.log.files import Write
from apps.log.lines import End, Stored, end_line, event_line
from apps.log.streams import Gap, Streams
from core.ports.events import Unreadable

Progress = Callable[[int], None]
"""Receives the number of events that are done."""


class Damaged(Exception):
    """The log itself is not whole: what a file of it would lack. ``str()`` says where."""


def write_log(
    header: bytes,
    log: Iterator[tuple[str, Stored | Unreadable]],
    write: Write,
    streams: Streams,
    progress: Progress,
) -> int:
    """Write all of ``log`` and return the number of its events.

    Raises Damaged for an event whose stored form is broken, and where a stream lacks one: a file
    without them could not be imported, and would be missed only then.
    """
    digest, count = sha256(header), 0
    write(header)
    for _, logged in log:
        if isinstance(logged, Unreadable):
            raise Damaged(f"version {logged.version} of {logged.stream}: {logged.reason}")
        try:
            streams.follow(logged.stream, logged.version)
        except Gap as error:
            raise Damaged(str(error)) from error
        line = event_line(logged)
        digest.update(line)
        write(line)
        count += 1
        progress(count)
    write(end_line(End(count, digest.hexdigest())))
    return count
