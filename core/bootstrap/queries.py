"""What the query service needs of the engine."""

import time
from functools import cache
from typing import TYPE_CHECKING

from core.bootstrap import process, stores
from core.bootstrap.domain import DOMAIN

if TYPE_CHECKING:
    from core.application.queries import QueryHandler
    from core.domain.manifest import Details, Event, State


@cache
def handler() -> "QueryHandler[State, Event, Details]":
    """Return the handler of queries: one for all requests of this process."""
    from core.application.queries import QueryHandler

    return QueryHandler(
        DOMAIN,
        stores.read_model(),
        stores.event_store,
        clock=process.utc_now,
        sleep=time.sleep,
        stopwatch=time.monotonic,
    )
