"""The transfer: sends rows in parallel, with only as many in memory as are under way."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from apps.importer.cleaning import Book, Unusable
from apps.importer.client import Halted
from apps.importer.outcomes import Outcome, Verdict, failed, rejected
from apps.importer.rows import Row
from apps.importer.stopping import Stop

_MIN_CONSECUTIVE_FAILURES = 5


def transfer(
    rows: Iterable[Row], send: Callable[[Book], Outcome], parallel: int, stop: Stop
) -> Iterator[tuple[Row, Outcome]]:
    """Yield each row that was begun with its outcome, in the order of the outcomes.

    ``send`` runs in ``parallel`` threads and may raise Halted. The transfer stops at a request of
    ``stop``, at Halted, and when consecutive rows fail, at least five and as many as are sent at
    once: the service is unavailable then. Rows under way are awaited and yielded; the others are
    left for the next import.
    """
    failures = 0
    for row, outcome in _outcomes(rows, send, parallel, stop):
        failures = failures + 1 if outcome.verdict is Verdict.FAILED else 0
        if failures >= max(parallel, _MIN_CONSECUTIVE_FAILURES):
            stop.ask(f"{failures} consecutive rows failed: {outcome.reason}")
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
            # One more row waits for each worker, so that no worker is idle between two rows.
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
