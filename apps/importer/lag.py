"""How long the projector took, after the last write, to show what was written."""

from collections.abc import Callable, Collection

import httpx

from apps.importer.client import BOOKS, Clock
from apps.importer.outcomes import Written
from apps.importer.retrying import wait_asked_for

_BETWEEN_LOOKS = 0.05  # seconds


class NotMeasured(Exception):
    """The lag is not known; the message says why."""


def projector_lag(
    query: httpx.Client,
    last: Collection[Written],
    clock: Clock,
    pause: Callable[[float], bool],
    *,
    bound: float = 60.0,
) -> float:
    """Return the seconds from the last answer of `last` until the query service shows all of them.

    `last` should be as many books as were written at once: the log's order is not that of answers. The
    query service waits for a version by itself (`min_version`) and is asked again when that took too
    long. Raises NotMeasured, after `bound` seconds at the latest.
    """
    if not last:
        raise NotMeasured("nothing was added")
    begin = max(written.answered_at for written in last)
    for written in last:
        while (wait := _until_next_look(query, written)) is not None:
            if clock() + wait - begin > bound:
                raise NotMeasured(f"not shown within {bound:.0f} s: is the projector running?")
            if pause(wait):
                raise NotMeasured("stopped")
    return clock() - begin


def _until_next_look(query: httpx.Client, written: Written) -> float | None:
    """Return the seconds to wait before asking again, None when the book is shown."""
    try:
        response = query.get(
            f"{BOOKS}/{written.book_id}", params={"min_version": str(written.version)}
        )
    except httpx.RequestError as error:
        raise NotMeasured(f"no answer from {query.base_url} ({error})") from error
    if response.status_code == 200:
        return None
    if response.status_code in {404, 429, 503}:
        return max(_BETWEEN_LOOKS, wait_asked_for(response.headers.get("Retry-After")))
    raise NotMeasured(f"{response.request.url} answered {response.status_code}")
