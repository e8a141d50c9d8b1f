"""What the importer shows: progress, the file of rejected rows, the summary."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from apps.importer.outcomes import Outcome, Tally, Verdict
from apps.importer.rows import REPORT_COLUMNS, Row, UnusableFile
from core.ports.clock import Stopwatch

_LINE_SECONDS = 5.0

Show = Callable[[Tally, int], None]
"""Shows a tally, and how many bytes of the file have been read."""


@contextmanager
def shown_progress(console: Console, size: int, stopwatch: Stopwatch) -> Iterator[Show]:
    """Show progress through a file of ``size`` bytes: a bar on a terminal, else some lines."""
    if console.is_terminal:
        with _bar(console) as progress:
            task = progress.add_task("", total=size)
            yield lambda tally, position: progress.update(
                task, completed=position, description=str(tally)
            )
    else:
        yield _Lines(console, size, stopwatch)


def _bar(console: Console) -> Progress:
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    return Progress(*columns, TimeElapsedColumn(), console=console)


class _Lines:
    def __init__(self, console: Console, size: int, stopwatch: Stopwatch) -> None:
        self._console = console
        self._size = size
        self._stopwatch = stopwatch
        self._next = stopwatch() + _LINE_SECONDS

    def __call__(self, tally: Tally, position: int) -> None:
        if self._stopwatch() >= self._next:
            self._next = self._stopwatch() + _LINE_SECONDS
            self._console.print(f"{position / self._size:4.0%}  {tally}", highlight=False)


@contextmanager
def rejects_file(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Row, Outcome], None]]:
    """Write a CSV file of the rows not imported: row number, outcome, reason, original cells.

    Each is on disk before the next is handled. An older file of that name is replaced. Columns that
    an earlier import added are not kept. Raise UnusableFile when the file cannot be written.
    """
    kept = [i for i, column in enumerate(columns) if column not in REPORT_COLUMNS]
    try:
        # Bytes that are not UTF-8 are written as they were read.
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
    """Return the summary. ``elapsed`` is in seconds, ``lag`` is text."""
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
        lines.append(f"All {problems:,} rows that were not imported, with their reasons: {rejects}")
    return "\n".join(lines)
