"""The projector of a laptop: ``python -m apps.local.projector`` keeps the catalogue up to date.

It follows SQLite's log or, with STORE=dynamodb, the table's stream, by the same function that
Lambda invokes.
"""

import signal
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from threading import Event
from typing import Any

from core.adapters.json_logger import JsonLogger
from core.adapters.stream.projector import log_aside
from core.bootstrap import process, projection
from core.config import ConfigurationError, Store
from core.ports.errors import StoreUnavailable

PAUSE_SECONDS = 0.05
"""Between two polls without events: the longest that a reader has to wait for a write."""

FAILURE_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 5.0
HEARTBEAT_SECONDS = 1.0


def follow_log(stopped: Event, logger: JsonLogger) -> None:
    """Follow the event store's log until ``stopped`` is set."""
    report = log_aside(logger)
    logger.info("following the log", extra={})
    while not stopped.is_set():
        started = time.perf_counter()
        try:
            count = projection.follow_log(report)
        except StoreUnavailable as error:
            logger.warning("store unavailable", extra={"reason": str(error)})
            stopped.wait(FAILURE_PAUSE_SECONDS)
            continue
        if count:
            milliseconds = round(1000 * (time.perf_counter() - started), 1)
            logger.info("projected", extra={"events": count, "milliseconds": milliseconds})
        else:
            stopped.wait(PAUSE_SECONDS)


def follow_stream(stopped: Event, logger: JsonLogger) -> None:
    """Invoke the query app's Lambda function with the table's stream until ``stopped`` is set."""
    from apps.local.dynamodb import stream_reader
    from apps.local.stream import Record, deliver
    from apps.local.stream_reader import RecordsTrimmed, follow
    from apps.query.app import project

    def handler(event: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            result: Mapping[str, Any] = project(event, None)
        except Exception as error:
            logger.warning("batch not projected, to be retried", extra={"reason": str(error)})
            raise
        return result

    def give_up(record: Record) -> None:
        logger.error("record given up: make rebuild", extra={"keys": record["dynamodb"]["Keys"]})

    def pause(failures: int) -> bool:
        return not stopped.wait(pause_seconds(failures))

    def report(error: Exception) -> None:
        if isinstance(error, RecordsTrimmed):
            logger.error("records lost: make rebuild", extra={"reason": str(error)})
        else:
            logger.warning("stream not read, to be retried", extra={"reason": str(error)})

    logger.info("following the stream", extra={})
    follow(
        partial(stream_reader, process.settings()),
        lambda batch: deliver(batch, handler, give_up, pause, time.time),
        _at_most_every(HEARTBEAT_SECONDS, projection.heard_of_projector),
        pause,
        report,
    )


def pause_seconds(failures: int) -> float:
    """Return how long to wait after ``failures`` in a row; 0 is for a poll without records."""
    return min(PAUSE_SECONDS * 2.0 ** min(failures, 10), MAX_PAUSE_SECONDS)


def _at_most_every(seconds: float, work: Callable[[], None]) -> Callable[[], None]:
    """Return what does ``work``, but nothing where that was done less than ``seconds`` ago."""
    due = 0.0

    def limited() -> None:
        nonlocal due
        if (now := time.monotonic()) >= due:
            work()
            due = now + seconds

    return limited


def main() -> None:
    """Run until SIGINT or SIGTERM, and finish the batch in progress."""
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        follow = follow_stream if process.settings().store is Store.DYNAMODB else follow_log
        follow(stopped, process.logger("projector"))
    except ConfigurationError as error:
        sys.exit(f"projector: {error}")


if __name__ == "__main__":
    main()
