"""What the query service needs of the engine."""

import time
from typing import TYPE_CHECKING

from core.bootstrap import process, stores
from core.bootstrap.domain import DOMAIN

if TYPE_CHECKING:
    from core.application.queries import QueryHandler
    from core.domain.manifest import Details, Event, State


def handler() -> "QueryHandler[State, Event, Details]":
    """Return the handler of queries."""
    from core.application.queries import QueryHandler

    return QueryHandler(
        DOMAIN,
        stores.read_model(),
        stores.event_store,
        clock=process.utc_now,
        sleep=time.sleep,
        stopwatch=time.monotonic,
    )
