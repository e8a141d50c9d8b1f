"""What the importer shows: progress, the file of rejected rows, the summary."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from apps.importer.client import Clock
from apps.importer.outcomes import Outcome, Tally, Verdict
from apps.importer.rows import REPORT_COLUMNS, Row, UnusableFile

_BETWEEN_LINES = 5.0  # seconds

Show = Callable[[Tally, int], None]
"""Shows a tally, and how many bytes of the file have been read."""


@contextmanager
def shown_progress(console: Console, size: int, clock: Clock) -> Iterator[Show]:
    """Show progress through a file of `size` bytes: a bar on a terminal, elsewhere a line now and then."""
    if console.is_terminal:
        with _bar(console) as progress:
            task = progress.add_task("", total=size)
            yield lambda tally, position: progress.update(
                task, completed=position, description=str(tally)
            )
    else:
        yield _Lines(console, size, clock)


def _bar(console: Console) -> Progress:
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    return Progress(*columns, TimeElapsedColumn(), console=console)


class _Lines:
    def __init__(self, console: Console, size: int, clock: Clock) -> None:
        self._console = console
        self._size = size
        self._clock = clock
        self._next = clock() + _BETWEEN_LINES

    def __call__(self, tally: Tally, position: int) -> None:
        if self._clock() >= self._next:
            self._next = self._clock() + _BETWEEN_LINES
            self._console.print(f"{position / self._size:4.0%}  {tally}", highlight=False)


@contextmanager
def rejects_file(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Row, Outcome], None]]:
    """Make a CSV file of the rows that did not go in: row number, outcome, reason, original cells.

    Each is on disk when the next is dealt with. An older file of the name is replaced. Columns that an
    earlier import put there are not kept. Raises UnusableFile when the file cannot be made.
    """
    kept = [i for i, column in enumerate(columns) if column not in REPORT_COLUMNS]
    try:
        # Bytes that are not UTF-8 go back as they came.
        opened = path.open("w", 1, encoding="utf-8", errors="surrogateescape", newline="")
    except OSError as error:
        raise UnusableFile(f"cannot write {path}: {error.strerror} (--rejects FILE)") from error
    with opened as file:
        writer = csv.writer(file)
        writer.writerow([*REPORT_COLUMNS, *(columns[i] for i in kept)])

        def write(row: Row, outcome: Outcome) -> None:
            whole = len(row.cells) == len(columns)
            cells = [row.cells[i] for i in kept] if whole else row.cells
            writer.writerow([row.number, outcome.verdict, outcome.reason, *cells])

        yield write


def summary(tally: Tally, elapsed: float, lag: str, rejects: Path) -> str:
    """Return the summary. `elapsed` is in seconds, `lag` is text."""
    counts = {"rows read": tally.read, **{str(verdict): tally[verdict] for verdict in Verdict}}
    lines = [f"{name:<16}{count:>10,}" for name, count in counts.items()]
    rate = tally.read / elapsed if elapsed else 0.0
    lines.append(f"{'time':<16}{elapsed:>10,.1f} s, {rate:,.0f} rows a second")
    lines.append(f"{'projector lag':<16}{lag}")
    lines += [
        f"row {number} {outcome.verdict}: {outcome.reason}" for number, outcome in tally.problems
    ]
    problems = tally[Verdict.REJECTED] + tally[Verdict.FAILED]
    if problems:
        lines.append(f"All {problems:,} rows that did not go in, with their reasons: {rejects}")
    return "\n".join(lines)
