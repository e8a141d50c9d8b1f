"""The projector of a laptop: ``python -m apps.local.projector`` follows the log and keeps the catalogue up to date.

In AWS the same application code runs on the table's stream, as a function of the query app.
"""

import signal
import sys
import time
from threading import Event

from core import bootstrap
from core.application.log import catch_up
from core.config import ConfigurationError
from core.ports.errors import StoreUnavailable
from core.ports.event_store import Envelope

PAUSE_SECONDS = 0.05
"""Between two looks at the log when it has nothing new: what a reader may have to wait for a write at most."""

AFTER_FAILURE_SECONDS = 1.0


def run(stopped: Event) -> None:
    """Follow the log until ``stopped`` is set."""
    logger = bootstrap.logger("projector")
    stores = bootstrap.stores()

    def report(event: Envelope, error: Exception) -> None:
        about = {"book_id": event.stream, "version": event.version, "reason": str(error)}
        logger.error("event left out", extra=about)

    logger.info("following the log")
    while not stopped.is_set():
        started = time.perf_counter()
        try:
            count = catch_up("projector", stores.read_model, stores.events, report)
        except StoreUnavailable as error:
            logger.warning("store unavailable", extra={"reason": str(error)})
            stopped.wait(AFTER_FAILURE_SECONDS)
            continue
        if count:
            milliseconds = round(1000 * (time.perf_counter() - started), 1)
            logger.info("projected", extra={"events": count, "milliseconds": milliseconds})
        else:
            stopped.wait(PAUSE_SECONDS)


def main() -> None:
    """Run until SIGINT or SIGTERM; what is begun is ended."""
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        run(stopped)
    except ConfigurationError as error:
        sys.exit(f"projector: {error}")


if __name__ == "__main__":
    main()
