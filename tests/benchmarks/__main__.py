"""Measure: ``make bench``, and into which file.

Each benchmark is a process of its own, so that none warms another. Its figures are in the file as
soon as it ends: a run that is stopped keeps what it has, and ``--resume`` leaves that out.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from tests.benchmarks import (
    capacity,
    cold_start,
    event_store,
    growth,
    local_server,
    projection,
    sqlite_writers,
    warm_overhead,
)
from tests.benchmarks.measuring import Data, machine
from tests.benchmarks.report import RESULTS, write_report


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark: ``measure`` takes the rounds, and ``tiny`` arguments show that it works."""

    measure: Callable[..., Data]
    tiny: Mapping[str, Any] = field(default_factory=dict)


BENCHMARKS: Final = {
    "cold_start": Benchmark(cold_start.measure, {"containers": False}),
    "warm_overhead": Benchmark(warm_overhead.measure),
    "local_server": Benchmark(local_server.measure, {"seconds": 0.2}),
    "event_store": Benchmark(
        event_store.measure, {"seconds": 0.01, "lengths": (1, 10), "writers": 2}
    ),
    "growth": Benchmark(growth.measure, {"sqlite_sizes": (5, 10), "dynamodb_sizes": (2, 4)}),
    "sqlite_writers": Benchmark(sqlite_writers.measure, {"seconds": 0.05, "backlog": 20}),
    "projection": Benchmark(projection.measure, {"books": 20}),
    "capacity": Benchmark(capacity.measure),
}


def measure(benchmark: Benchmark, rounds: int | None, *, tiny: bool) -> Data:
    """Return what a benchmark measured, when, of which commit and on which machine."""
    commit, started = _commit(), time.monotonic()
    if tiny:
        data = benchmark.measure(rounds=1, **benchmark.tiny)
    else:
        arguments = {} if rounds is None else {"rounds": rounds}
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            data = alone.submit(benchmark.measure, **arguments).result()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "machine": machine(),
        "minutes": round((time.monotonic() - started) / 60, 1),
        "data": data,
    }


def _commit() -> str:
    """Return the commit that is measured, and whether more than the results has changed since."""
    describe = ["git", "describe", "--always", "--abbrev=12", "--exclude=*"]
    changed = ["git", "status", "--porcelain", "--", ":!docs/benchmarks.md", ":!docs/benchmarks"]
    commit, changes = (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        for command in (describe, changed)
    )
    return f"{commit}, changed" if changes else commit


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--rounds", type=int, help="in place of each benchmark's own number")
    parser.add_argument("--resume", action="store_true", help="only what this commit lacks")
    parser.add_argument("--tiny", action="store_true", help="see only that each works")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    results = json.loads(given.results.read_text()) if given.results.exists() else {}
    commit = _commit()
    for name in given.only:
        if given.resume and results.get(name, {}).get("commit") == commit:
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        results[name] = measure(BENCHMARKS[name], given.rounds, tiny=given.tiny)
        given.results.parent.mkdir(parents=True, exist_ok=True)
        given.results.write_text(json.dumps(results, indent=1) + "\n")
        write_report(given.results)


if __name__ == "__main__":
    main()
