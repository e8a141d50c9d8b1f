"""Several threads that start as one."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Result = TypeVar("Result")


def race(attempts: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """Run all ``attempts`` at once, each in a thread, and return what each returned or raised."""
    start = Barrier(len(attempts))

    def run(attempt: Callable[[], Result]) -> Result | Exception:
        start.wait()
        try:
            return attempt()
        except Exception as error:  # noqa: BLE001 - the loser's error is the result
            return error

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))
