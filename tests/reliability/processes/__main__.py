"""``make reliability``: rounds of real processes, clients and faults, for a number of minutes.

Reads MINUTES (5), SEED (of the first round; by default the time) and STORE (both, in turn). Each
round begins with an empty store and has a seed of its own. The folder of a round with a violation
is kept: the history, to be checked again by ``check.py``, the store and the logs of the processes.
Exit 1 if there is a violation.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, cycle
from pathlib import Path
from typing import Final

from apps.local.dynamodb_engine import missing_tools
from tests.reliability.processes.history import Run
from tests.reliability.processes.run import perform
from tests.reliability.processes.schedule import schedule
from tests.reliability.processes.summary import Summary, table
from tests.support.minutes import read_minutes
from tests.support.services import ROOT

FOLDER: Final = ROOT / "build" / "reliability"
STORES: Final = ("sqlite", "dynamodb")

_ROUND_SECONDS: Final = 120.0
_MIN_ROUND_SECONDS: Final = 30.0
_OVERHEAD: Final = 1.4
"""A round takes about this many times its load: the start, the last look, the checks."""


def main() -> int:
    """Run the rounds, print the table, and return the exit code."""
    stores = _stores(os.environ.get("STORE"))
    seconds = 60 * read_minutes()
    seed = int(os.environ.get("SEED") or time.time())
    summaries = {store: Summary(store) for store in stores}
    for run in _rounds(stores, seed, seconds):
        print(f"seed {run.seed} on {run.store}, {run.seconds:.0f} s", flush=True)
        folder = FOLDER / f"{run.store}-{run.seed}"
        shutil.rmtree(folder, ignore_errors=True)
        result = perform(run, schedule(run), folder)
        summaries[run.store].add(result)
        if result.violations:
            where = folder.relative_to(ROOT)
            print(f"  {', '.join(result.violations)}: see {where}", flush=True)
        else:
            shutil.rmtree(folder)
    _write(FOLDER / "summary.json", summaries.values())
    print(table(summaries.values()))
    return 1 if any(summary.violations for summary in summaries.values()) else 0


def _stores(chosen: str | None) -> Sequence[str]:
    if chosen and chosen not in STORES:
        sys.exit(f"STORE must be one of {', '.join(STORES)}, not {chosen!r}")
    if chosen == "sqlite" or (lack := missing_tools()) is None:
        return (chosen,) if chosen else STORES
    if chosen:
        sys.exit(lack)
    print(f"{lack}: on SQLite alone")
    return ("sqlite",)


def _rounds(stores: Sequence[str], first_seed: int, seconds: float) -> Iterator[Run]:
    """Yield runs on each store in turn for about ``seconds``, one on each at least."""
    ends = time.monotonic() + seconds
    longest = min(_ROUND_SECONDS, seconds / len(stores) / _OVERHEAD)
    for number, store in zip(count(), cycle(stores), strict=False):
        left = (ends - time.monotonic()) / _OVERHEAD
        if number < len(stores):
            yield Run(store, first_seed + number, longest)
        elif left >= _MIN_ROUND_SECONDS:
            yield Run(store, first_seed + number, min(longest, left))
        else:
            return


def _write(path: Path, summaries: Iterable[Summary]) -> None:
    text = json.dumps([summary.as_json() for summary in summaries], indent=1)
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
