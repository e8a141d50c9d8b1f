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
from typing import Any, TypeVar

from aws_lambda_powertools import Logger

from core import bootstrap
from core.adapters.stream.projector import log_aside
from core.config import ConfigurationError, Store
from core.ports.errors import StoreUnavailable

T = TypeVar("T")

PAUSE_SECONDS = 0.05
"""Between two polls without events: the longest that a reader has to wait for a write."""

FAILURE_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 5.0


def follow_log(stopped: Event, logger: Logger) -> None:
    """Follow the event store's log until ``stopped`` is set."""
    report = log_aside(logger)
    logger.info("following the log")
    while not stopped.is_set():
        started = time.perf_counter()
        count = _until_available(partial(bootstrap.follow_log, report), stopped, logger)
        if count:
            milliseconds = round(1000 * (time.perf_counter() - started), 1)
            logger.info("projected", extra={"events": count, "milliseconds": milliseconds})
        else:
            stopped.wait(PAUSE_SECONDS)


def _until_available(work: Callable[[], T], stopped: Event, logger: Logger) -> T | None:
    """Return the result of ``work``, retried while the store is unavailable; None once stopped."""
    while not stopped.is_set():
        try:
            return work()
        except StoreUnavailable as error:
            logger.warning("store unavailable", extra={"reason": str(error)})
            stopped.wait(FAILURE_PAUSE_SECONDS)
    return None


def follow_stream(stopped: Event, logger: Logger) -> None:
    """Invoke the query app's Lambda function with the table's stream until ``stopped`` is set."""
    from apps.local.dynamodb import stream_reader
    from apps.local.stream import Record, deliver
    from apps.query.app import project

    def give_up(record: Record) -> None:
        logger.error("record given up", extra={"keys": record["dynamodb"].get("Keys")})

    def pause(attempts: int) -> None:
        stopped.wait(min(0.1 * 2**attempts, MAX_PAUSE_SECONDS))

    def handler(event: Mapping[str, Any]) -> Mapping[str, Any]:
        return _until_available(partial(project, event, None), stopped, logger) or {}

    reader = stream_reader(bootstrap.settings())
    logger.info("following the stream")
    while not stopped.wait(PAUSE_SECONDS):
        for batch in reader.batches():
            deliver(batch, handler, give_up, pause)


def main() -> None:
    """Run until SIGINT or SIGTERM, and finish the batch in progress."""
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        follow = follow_stream if bootstrap.settings().store is Store.DYNAMODB else follow_log
        follow(stopped, bootstrap.logger("projector"))
    except ConfigurationError as error:
        sys.exit(f"projector: {error}")


if __name__ == "__main__":
    main()
