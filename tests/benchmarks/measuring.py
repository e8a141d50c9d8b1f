"""What all benchmarks share: turns, medians with their quartiles, and the machine."""

import os
import platform
import sqlite3
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

Spread = dict[str, float]
"""A median, the quartiles around it (``low``, ``high``), and how many ``values`` they are of."""

Data = dict[str, Any]
"""What a benchmark returns: plain JSON."""

_DIGITS: Final = 4


def spread(values: Sequence[float]) -> Spread:
    """Return the median of ``values`` and the quartiles around it."""
    low, median, high = (
        statistics.quantiles(values, n=4, method="inclusive")
        if len(values) > 1
        else (values[0],) * 3
    )
    numbers = {"median": median, "low": low, "high": high}
    return {**{name: significant(n) for name, n in numbers.items()}, "values": len(values)}


def significant(number: float) -> float:
    """Return ``number`` with four significant digits: more would be noise."""
    return float(f"{number:.{_DIGITS}g}")


def take_turns(
    acts: Mapping[str, Callable[[], float | Iterable[float]]], rounds: int
) -> dict[str, Spread]:
    """Return the spread of what each of ``acts`` returns, in ``rounds`` rounds.

    They take turns, in an order that is reversed in every other round: what else the machine does
    falls on all alike.
    """
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(rounds):
        for name in acts if turn % 2 else reversed(list(acts)):
            values = acts[name]()
            taken[name] += [values] if isinstance(values, int | float) else values
    return {name: spread(values) for name, values in taken.items()}


def latencies(runs: Sequence[Sequence[float]], seconds: float) -> dict[str, float]:
    """Return the rate of ``runs`` that took ``seconds`` each, and how many milliseconds it took.

    A run has the milliseconds of each of what was done. The figures are medians over the runs.
    """

    def median(of: Callable[[list[float]], float]) -> float:
        return round(statistics.median(of(sorted(took)) for took in runs), 2)

    return {
        "a_second": median(lambda took: len(took) / seconds),
        "median_ms": median(statistics.median),
        "p99_ms": median(lambda took: took[int(0.99 * len(took))]),
        "max_ms": median(lambda took: took[-1]),
    }


def megabytes(file: Path) -> float:
    """Return the size of a file of SQLite, once it has all that its write-ahead log has."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return significant(file.stat().st_size / 1e6)


def machine() -> dict[str, str | int]:
    """Return what the figures depend on; nothing that names this machine."""
    about = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in about.splitlines() if "model name" in line]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
    }
