"""Publishing: events become public messages on a bus, at least once, in the order of each stream.

A message is sent once those before it in its stream have been taken. So a request has one message
of a stream at most: a bus may take one entry of a request and refuse the one before.

There are two kinds of failure, as in ``core.application.aside``. An outage passes, and what it
prevents is tried again. An event that this version of the code cannot make messages of, or a
message that the bus never takes, is set aside, and the messages after it go on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.events import Envelope, Unreadable
from core.ports.messages import Bus, BusUnavailable, CloudEvent, Refused

Logged = Envelope[Any] | Unreadable

MakeMessages = Callable[[Envelope[Any]], Sequence[CloudEvent]]
"""Returns the messages of an event (``messages.Translator.messages``)."""

SetAside = Callable[[Logged, str], None]
"""Keeps what cannot be sent, with the reason, until somebody looks at it. Raises BusUnavailable."""

GoOn = Callable[[int], bool]
"""Is called before each request with the number of failures in a row: waits, and returns whether
to send it."""


class Publication(NamedTuple):
    """What was done with a part of the log.

    ``failed`` is the index to continue at, None when all is done. ``oldest`` is the time of the
    oldest event that is done, ``sent`` the number of messages that the bus has taken, and
    ``set_aside`` of the events of which a message was not.
    """

    failed: int | None
    oldest: datetime | None
    sent: int
    set_aside: int


class _Waiting(NamedTuple):
    """A message, and at which index its event is."""

    at: int
    stream: str
    message: CloudEvent


def publish(
    log: Sequence[Logged],
    make_messages: MakeMessages,
    bus: Bus,
    set_aside: SetAside,
    go_on: GoOn,
) -> Publication:
    """Send the messages of ``log``, in order, up to the first that an outage prevents.

    Whatever is sent again after a failure, or after the process was killed, has the same id. Raises
    nothing but what ``go_on`` raises.
    """
    waiting, refused, unmade = _made(log, make_messages)
    left, sent = _send(waiting, bus, refused, go_on)
    end = min([unmade, *(each.at for each in left)])
    count = 0
    # Only what is done with: another call comes to the others again.
    for index, reason in sorted(refused.items()):
        if index >= end:
            break
        try:
            set_aside(log[index], reason)
        except BusUnavailable:
            end = index
            break
        count += 1
    times = [logged.occurred_at for logged in log[:end] if isinstance(logged, Envelope)]
    return Publication(
        failed=None if end == len(log) else end,
        oldest=min(times, default=None),
        sent=sent,
        set_aside=count,
    )


def _made(
    log: Sequence[Logged], make_messages: MakeMessages
) -> tuple[list[_Waiting], dict[int, str], int]:
    """Return the messages, why events have none, and the first index that an outage prevents."""
    waiting: list[_Waiting] = []
    impossible: dict[int, str] = {}
    for index, logged in enumerate(log):
        try:
            if isinstance(logged, Unreadable):
                raise UnknownEvent(logged.reason)
            messages = make_messages(logged)
        except StoreUnavailable:
            return waiting, impossible, index
        except Exception as error:
            impossible[index] = str(error) or repr(error)
        else:
            waiting += [_Waiting(index, logged.stream, message) for message in messages]
    return waiting, impossible, len(log)


def _send(
    waiting: list[_Waiting], bus: Bus, refused: dict[int, str], go_on: GoOn
) -> tuple[list[_Waiting], int]:
    """Send messages; return those that are left, and how many were taken.

    ``refused`` receives why others never will be.
    """
    sent = failures = 0
    while waiting and go_on(failures):
        request = _next_request(waiting, bus)
        outcomes = _outcomes(request, bus)
        done = {id(each) for each, outcome in outcomes if outcome is None or outcome.is_final}
        refused |= {
            each.at: outcome.reason for each, outcome in outcomes if outcome and outcome.is_final
        }
        sent += sum(outcome is None for _, outcome in outcomes)
        waiting = [each for each in waiting if id(each) not in done]
        failures = 0 if done else failures + 1
    return waiting, sent


def _next_request(waiting: Sequence[_Waiting], bus: Bus) -> Sequence[_Waiting]:
    """Return the first message of each stream, as many as fit."""
    first: Mapping[str, _Waiting] = {each.stream: each for each in reversed(waiting)}
    heads = sorted(first.values(), key=lambda each: each.at)
    return heads[: bus.fitting([each.message for each in heads])]


def _outcomes(request: Sequence[_Waiting], bus: Bus) -> list[tuple[_Waiting, Refused | None]]:
    try:
        outcomes = bus.send([each.message for each in request])
    except BusUnavailable as error:
        outcomes = [Refused(str(error), is_final=False)] * len(request)
    return list(zip(request, outcomes, strict=True))
