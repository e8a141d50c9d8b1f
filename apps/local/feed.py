"""Following a log, and handing its public messages on: what is between two checkpoints.

Whatever fails is tried again, so a message comes at least once. A process that is stopped, or
killed, goes on at its checkpoint, and repeats what it has sent since.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from apps.local.stream import Record
from apps.local.stream_reader import RecordsTrimmed
from core.application.publishing import Logged, MakeMessages, Publication, publish
from core.ports.messages import Bus, BusUnavailable, CloudEvent, Refused

PART: Final = 100
ATTEMPTS: Final = 3
"""How often a message is sent before the log is read again from there."""

Position = str
Entry = tuple[Position, Logged]


class Wait(Protocol):
    """Waits, for longer after more failures in a row."""

    def __call__(self, failures: int, /) -> bool:
        """Return whether to go on."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Sends the messages of events to ``bus``, and reports what fails."""

    make_messages: MakeMessages
    bus: Bus
    report: Callable[[str], None]
    wait: Wait

    def send(self, log: Sequence[Logged]) -> Publication:
        """Send the messages of a part of the log, up to the first that cannot be sent now."""
        return publish(log, self.make_messages, _Reporting(self), self._set_aside, self._go_on)

    def _set_aside(self, logged: Logged, reason: str) -> None:
        self.report(f"left out: version {logged.version} of {logged.stream}: {reason}")

    def _go_on(self, failures: int) -> bool:
        return failures < ATTEMPTS and (failures == 0 or self.wait(failures))


@dataclass(frozen=True, slots=True)
class _Reporting:
    """The feed's bus, which reports whatever it does not take."""

    feed: Feed

    def fitting(self, messages: Sequence[CloudEvent]) -> int:
        return self.feed.bus.fitting(messages)

    def send(self, messages: Sequence[CloudEvent]) -> Sequence[Refused | None]:
        try:
            outcomes = self.feed.bus.send(messages)
        except BusUnavailable as error:
            self.feed.report(f"to be sent again: {messages[0]['id']}: {error}")
            raise
        for message, outcome in zip(messages, outcomes, strict=True):
            if outcome is not None:
                self.feed.report(f"to be sent again: {message['id']}: {outcome.reason}")
        return outcomes


def follow_log(
    feed: Feed,
    read: Callable[[Position | None], Iterator[Entry]],
    start: Position | None,
    save: Callable[[Position], None],
    idle: Callable[[], bool],
) -> None:
    """Send what ``read`` yields after ``start``, and go on with what comes.

    ``save`` keeps the position up to which all is sent. ``idle`` is called where there is nothing
    more, and returns whether to look again.
    """
    position, failures = start, 0
    while feed.wait(failures):
        part = list(islice(read(position), PART))
        if not part:
            failures = 0
            if not idle():
                return
            continue
        done = feed.send([logged for _, logged in part])
        count = len(part) if done.failed is None else done.failed
        if count:
            position = part[count - 1][0]
            save(position)
        failures = 0 if done.failed is None else failures + 1


def follow_stream(
    feed: Feed,
    batches: Callable[[], Iterator[Sequence[Record]]],
    decode: Callable[[Any], Logged | None],
    save: Callable[[], None],
    idle: Callable[[], bool],
) -> None:
    """Send what ``batches`` yields, which is a stream's: each batch comes again until it is sent.

    ``save`` keeps how far the stream was read. What it cannot be read for is reported, and it is
    tried again.
    """
    failures = 0
    while feed.wait(failures):
        try:
            is_sent = _batches_sent(feed, batches(), decode)
        except (BotoCoreError, ClientError, RecordsTrimmed) as error:
            feed.report(str(error))
            is_sent = False
        save()
        failures = 0 if is_sent else failures + 1
        if is_sent and not idle():
            return


def _batches_sent(
    feed: Feed, batches: Iterator[Sequence[Record]], decode: Callable[[Any], Logged | None]
) -> bool:
    for batch in batches:
        inserted = [each for each in batch if each.get("eventName") == "INSERT"]
        log = [decode(each["dynamodb"].get("NewImage") or {}) for each in inserted]
        if feed.send([logged for logged in log if logged is not None]).failed is not None:
            return False
    return True
