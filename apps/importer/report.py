"""What the importer shows: progress and the summary."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from apps.counting import counted
from apps.importer.outcomes import Tally, Verdict
from core.ports.clock import Stopwatch

_LINE_SECONDS = 5.0

Show = Callable[[object, int], None]
"""Shows what was done, by its ``str()``, and how much of the whole that is."""


@contextmanager
def shown_progress(console: Console, size: int | None, stopwatch: Stopwatch) -> Iterator[Show]:
    """Show progress towards ``size``, if it is known: a bar on a terminal, else some lines."""
    if console.is_terminal:
        with _bar(console, size) as progress:
            task = progress.add_task("", total=size)
            yield lambda done, position: progress.update(
                task, completed=position, description=str(done)
            )
    else:
        yield _Lines(console, size, stopwatch)


def _bar(console: Console, size: int | None) -> Progress:
    share = () if size is None else (TaskProgressColumn(),)
    columns = (BarColumn(), *share, TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=console)


class _Lines:
    def __init__(self, console: Console, size: int | None, stopwatch: Stopwatch) -> None:
        self._console = console
        self._size = size
        self._stopwatch = stopwatch
        self._next = stopwatch() + _LINE_SECONDS

    def __call__(self, done: object, position: int) -> None:
        if self._stopwatch() >= self._next:
            self._next = self._stopwatch() + _LINE_SECONDS
            share = f"{position / self._size:4.0%}  " if self._size else ""
            self._console.print(f"{share}{done}", highlight=False)


def summary(tally: Tally, elapsed: float, lag: str | None, rejects: Path) -> str:
    """Return the summary. ``elapsed`` is in seconds, ``lag`` is text, if there is any."""
    counts = {"rows read": tally.read, **{str(verdict): tally[verdict] for verdict in Verdict}}
    lines = [f"{name:<16}{count:>10,}" for name, count in counts.items()]
    rate = tally.read / elapsed if elapsed else 0.0
    lines.append(f"{'time':<16}{elapsed:>10,.1f} s, {rate:,.0f} rows a second")
    if lag is not None:
        lines.append(f"{'projector lag':<16}{lag}")
    lines += [
        f"row {number} {outcome.verdict}: {outcome.reason}" for number, outcome in tally.problems
    ]
    problems = tally[Verdict.REJECTED] + tally[Verdict.FAILED]
    if problems:
        rows = counted(problems, "row")
        lines.append(f"{rejects} has all that was not imported, with the reasons: {rows}")
    return "\n".join(lines)
