"""The projector as a Lambda function on the events table's stream.

Lambda continues at the lowest sequence number that is reported as failed, so records after it come
again; the projection skips repeats
(https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html). What an
outage or the end of the time has left undone is reported: the event source mapping retries it for
as long as the stream keeps it. A record that cannot be applied is not reported. Its stream is set
aside instead, so that it holds up nothing (``core.application.aside``).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from core.adapters.json_logger import JsonLogger
from core.application.aside import Report, project_or_set_aside
from core.application.snapshotting import Keep, keep_none
from core.ports.domain import Domain
from core.ports.errors import StoreUnavailable
from core.ports.event_store import EventStore
from core.ports.events import Envelope, Unreadable
from core.ports.read_model import Aside, ReadModel
from core.ports.records import Record

V = TypeVar("V", bound=Record)

_CHANGED: Final = "MODIFY"
"""The name of a record of an event whose actor was erased (``core.ports.erasure``): nothing new.

It would be a repeat, but one of long ago that counts as a lag of years."""

Decode = Callable[[Mapping[str, Any]], Envelope[Any] | Unreadable | None]
"""From the new image of a stream record to its event; None for an item that is no event."""


class Projection(NamedTuple):
    """What was done with a batch of records.

    ``failed`` is the sequence number to continue at, None when all are done. ``oldest`` is the time
    of the oldest event that has changed a view, and ``set_aside`` how many events this version of
    the code cannot apply.
    """

    failed: str | None
    oldest: datetime | None
    set_aside: int

    def response(self) -> dict[str, Any]:
        """Return the function's response (ReportBatchItemFailures)."""
        failures = [] if self.failed is None else [{"itemIdentifier": self.failed}]
        return {"batchItemFailures": failures}


def project_records(
    event: Mapping[str, Any],
    decode: Decode,
    read_model: ReadModel[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
    logger: JsonLogger,
    has_time: Callable[[], bool],
    keep: Keep = keep_none,
) -> Projection:
    """Project the records of one invocation, in order, up to the first that an outage prevents.

    ``keep`` receives each event that was projected (``keep_snapshot``).

    ``event`` is what Lambda passes to a function on a DynamoDB stream with new images. Once
    ``has_time`` is false no further record is begun. Raises StoreUnavailable, before any record,
    when the read model does not respond.
    """
    # Read once for all records, after every one of them was stored: see ReadModel.targets.
    targets = read_model.targets()
    set_aside: list[Aside] = []
    projected: list[datetime] = []
    failed = None

    def report(aside: Aside, error: Exception, /) -> None:
        set_aside.append(aside)
        log_aside(logger)(aside, error)

    for record in event["Records"]:
        if record.get("eventName") == _CHANGED:
            continue
        change = record["dynamodb"]
        logged = decode(change.get("NewImage") or {})
        if logged is None:
            continue
        try:
            if not has_time():
                raise StoreUnavailable("the time of the invocation is over")
            changed = project_or_set_aside(logged, targets, read_model, store, domain, report)
        except StoreUnavailable as error:
            failed = str(change["SequenceNumber"])
            about = {
                "sequence_number": failed,
                "stream": logged.stream,
                "version": logged.version,
                "reason": str(error),
            }
            logger.warning("records not projected, to be retried", extra=about)
            break
        keep(logged)
        if changed and isinstance(logged, Envelope):
            projected.append(logged.occurred_at)
    return Projection(failed, min(projected, default=None), len(set_aside))


def log_no_snapshot(logger: JsonLogger) -> Callable[[str, Exception], None]:
    """Return the report, to ``logger``, of a snapshot that could not be kept."""

    def report(stream: str, error: Exception, /) -> None:
        logger.warning("no snapshot kept", extra={"stream": stream, "reason": str(error)})

    return report


def log_aside(logger: JsonLogger) -> Report:
    """Return the report of what is set aside to ``logger``, with a traceback."""

    def report(aside: Aside, error: Exception, /) -> None:
        logger.error("stream set aside", extra=aside._asdict(), exc_info=error)

    return report
