"""The projector's lag: how long after the last write everything written is shown."""

from collections.abc import Callable, Collection

import httpx

from apps.importer.client import BOOKS
from apps.importer.outcomes import Written
from apps.importer.retrying import wait_asked_for
from core.ports.clock import Stopwatch

_POLL_SECONDS = 0.05


class NotMeasured(Exception):
    """The lag is unknown; the message names the cause."""


def projector_lag(
    query: httpx.Client,
    last: Collection[Written],
    stopwatch: Stopwatch,
    pause: Callable[[float], bool],
    *,
    bound: float = 60.0,
) -> float:
    """Return the seconds from the last response of ``last`` until the query service shows them all.

    ``last`` should be as many books as were written at once, for the log's order is not that of the
    responses. The query service waits for a version by itself (``min_version``), and is polled when
    that takes too long. Raise NotMeasured, after ``bound`` seconds at the latest.
    """
    if not last:
        raise NotMeasured("nothing was added")
    begin = max(written.responded_at for written in last)
    for written in last:
        while (wait := _until_next_poll(query, written)) is not None:
            if stopwatch() + wait - begin > bound:
                raise NotMeasured(f"not shown within {bound:.0f} s: is the projector running?")
            if pause(wait):
                raise NotMeasured("stopped")
    return stopwatch() - begin


def _until_next_poll(query: httpx.Client, written: Written) -> float | None:
    """Return the seconds to wait before the next poll, None when the book is shown."""
    try:
        response = query.get(
            f"{BOOKS}/{written.book_id}", params={"min_version": str(written.version)}
        )
    except httpx.RequestError as error:
        raise NotMeasured(f"no response from {query.base_url} ({error})") from error
    if response.status_code == 200:
        return None
    if response.status_code in {404, 429, 503}:
        return max(_POLL_SECONDS, wait_asked_for(response.headers.get("Retry-After")))
    raise NotMeasured(f"{response.request.url} returned {response.status_code}")
