"""The publisher as a Lambda function on the events table's stream.

What an outage prevents is reported, and the event source mapping retries it for as long as the
stream keeps it. What can never be sent is set aside, so that it holds up nothing
(``core.application.publishing``).

An event that this version of the code cannot read is one of a newer version: during a deployment
that comes for seconds. So it is waited for, though not for long: it holds up what is behind it in
its shard.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from core.adapters.json_logger import JsonLogger
from core.adapters.stream.projector import Decode
from core.application.publishing import GoOn, Logged, MakeMessages, Publication, SetAside, publish
from core.ports.events import Unreadable
from core.ports.messages import Bus, BusUnavailable


class Outcome(NamedTuple):
    """What was done, and the sequence number to continue at, None when all is done."""

    failed: str | None
    done: Publication

    def response(self) -> dict[str, Any]:
        """Return the function's response (ReportBatchItemFailures)."""
        failures = [] if self.failed is None else [{"itemIdentifier": self.failed}]
        return {"batchItemFailures": failures}


def publish_records(
    event: Mapping[str, Any],
    decode: Decode,
    make_messages: MakeMessages,
    bus: Bus,
    set_aside: SetAside,
    go_on: GoOn,
    now: datetime,
    wait_seconds: float,
    logger: JsonLogger,
) -> Outcome:
    """Publish the events of one invocation's records, up to the first that an outage prevents.

    Only what was inserted counts: an event that is changed later, or removed, is no new one.
    An event that cannot be read is waited for until ``wait_seconds`` after it was written.
    ``event`` is what Lambda passes to a function on a DynamoDB stream with new images.
    """
    log, numbers, waits = _events(event["Records"], decode, now.timestamp() - wait_seconds)

    def report(logged: Logged, reason: str) -> None:
        about = {"stream": logged.stream, "version": logged.version, "reason": reason}
        try:
            set_aside(logged, reason)
        except BusUnavailable as error:
            logger.warning("event not set aside", extra={**about, "because": str(error)})
            raise
        logger.error("event not sent", extra=about)

    done = publish(log, make_messages, bus, report, go_on)
    failed = waits if done.failed is None else numbers[done.failed]
    if failed is not None:
        logger.warning("records not sent, to be retried", extra={"sequence_number": failed})
    return Outcome(failed, done)


def _events(
    records: Sequence[Mapping[str, Any]], decode: Decode, since: float
) -> tuple[list[Logged], list[str], str | None]:
    """Return the events with the numbers of their records, up to one that is waited for.

    It is if it was written after ``since``.
    """
    log: list[Logged] = []
    numbers: list[str] = []
    for record in records:
        change = record["dynamodb"]
        if record.get("eventName", "INSERT") != "INSERT":
            continue
        logged = decode(change.get("NewImage") or {})
        if logged is None:
            continue
        number = str(change["SequenceNumber"])
        written = float(change.get("ApproximateCreationDateTime", 0))
        if isinstance(logged, Unreadable) and written > since:
            return log, numbers, number
        log.append(logged)
        numbers.append(number)
    return log, numbers, None


def pauses(has_time: Callable[[], bool], sleep: Callable[[float], None], attempts: int) -> GoOn:
    """Return what waits between failures, for ``attempts`` in a row, while ``has_time``."""

    def go_on(failures: int) -> bool:
        if failures >= attempts or not has_time():
            return False
        if failures:
            sleep(0.1 * 2.0**failures)
        return True

    return go_on
