"""What became of a row, and how many rows had which verdict."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from apps.counting import counted


class Verdict(StrEnum):
    """The four verdicts on a row that was read."""

    ADDED = "added"
    ALREADY_THERE = "already there"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Written:
    """A book that the service has just stored; ``responded_at`` is the stopwatch's time."""

    book_id: str
    version: int
    responded_at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict: with a reason for a row rejected or failed, with the book for one added."""

    verdict: Verdict
    reason: str = ""
    written: Written | None = None


def rejected(reason: str) -> Outcome:
    """Return the outcome of a row that is at fault: sent again, it would be refused again."""
    return Outcome(Verdict.REJECTED, reason)


def failed(reason: str) -> Outcome:
    """Return the outcome of a row that was not judged: sent again later, it may go in."""
    return Outcome(Verdict.FAILED, reason)


@dataclass(slots=True)
class Tally:
    """Counts of outcomes, and the first few problems to show. Not for several threads."""

    shown: int = 10
    problems: list[tuple[int, Outcome]] = field(default_factory=list)
    _counts: Counter[Verdict] = field(default_factory=Counter)

    def add(self, row_number: int, outcome: Outcome) -> None:
        """Count a row."""
        self._counts[outcome.verdict] += 1
        if outcome.reason and len(self.problems) < self.shown:
            self.problems.append((row_number, outcome))

    def __getitem__(self, verdict: Verdict) -> int:
        return self._counts[verdict]

    @property
    def read(self) -> int:
        """Return how many rows were counted: the sum of the four verdicts."""
        return self._counts.total()

    def __str__(self) -> str:
        counts = ", ".join(f"{self[verdict]:,} {verdict}" for verdict in Verdict)
        return f"{counted(self.read, 'row')}: {counts}"
