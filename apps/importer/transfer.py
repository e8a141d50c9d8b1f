"""Sends the rows of a file in parallel, holding only as many as are under way."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from apps.importer.cleaning import Book, Unusable
from apps.importer.client import Halted
from apps.importer.outcomes import Outcome, Verdict, failed, rejected
from apps.importer.rows import Row

_FAILURES_IN_SUCCESSION = 5


class Stop:
    """A request to stop, with the first reason that was given. Safe in threads and signal handlers."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.reason: str | None = None

    def ask(self, reason: str) -> None:
        """Ask for the stop."""
        self.reason = self.reason or reason
        self._event.set()

    def is_asked(self) -> bool:
        """Tell whether anyone has asked."""
        return self._event.is_set()

    def pause(self, seconds: float) -> bool:
        """Wait that long, or until the stop is asked for; tell whether it was."""
        return self._event.wait(seconds)


def transfer(
    rows: Iterable[Row], send: Callable[[Book], Outcome], parallel: int, stop: Stop
) -> Iterator[tuple[Row, Outcome]]:
    """Yield every row that was begun with its outcome, in the order of the outcomes.

    `send` runs in `parallel` threads and may raise Halted. It stops when `stop` is asked for, by
    Halted, or when rows in succession fail, five and as many as are sent at once: the service is away.
    What is under way is awaited and yielded; what was not begun is left for the next import.
    """
    failures = 0
    for row, outcome in _outcomes(rows, send, parallel, stop):
        failures = failures + 1 if outcome.verdict is Verdict.FAILED else 0
        if failures >= max(parallel, _FAILURES_IN_SUCCESSION):
            stop.ask(f"{failures} rows in succession failed: {outcome.reason}")
        yield row, outcome


def _outcomes(
    rows: Iterable[Row], send: Callable[[Book], Outcome], parallel: int, stop: Stop
) -> Iterator[tuple[Row, Outcome]]:
    under_way: dict[Future[Outcome], Row] = {}
    with ThreadPoolExecutor(parallel, thread_name_prefix="import") as pool:
        for row in rows:
            if stop.is_asked():
                break
            if isinstance(row.content, Unusable):
                yield row, rejected(str(row.content))
                continue
            under_way[pool.submit(send, row.content)] = row
            # One more row waits for each worker, so that none is idle between two of them.
            while len(under_way) >= 2 * parallel:
                yield from _finished(under_way, stop)
        while under_way:
            yield from _finished(under_way, stop)


def _finished(under_way: dict[Future[Outcome], Row], stop: Stop) -> Iterator[tuple[Row, Outcome]]:
    if stop.is_asked():
        for future in [future for future in under_way if future.cancel()]:
            del under_way[future]
    for future in wait(under_way, return_when=FIRST_COMPLETED).done:
        row = under_way.pop(future)
        try:
            yield row, future.result()
        except Halted as halted:
            stop.ask(str(halted))
            yield row, failed(str(halted))
