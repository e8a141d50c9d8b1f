"""What became of a row, and how many rows met which fate."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """The four fates of a row that was read."""

    ADDED = "added"
    ALREADY_THERE = "already there"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Written:
    """A book that the service has just stored; `answered_at` is the clock's time of its answer."""

    book_id: str
    version: int
    answered_at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row's verdict: with a reason where it is rejected or failed, with the book where it is added."""

    verdict: Verdict
    reason: str = ""
    written: Written | None = None


def rejected(reason: str) -> Outcome:
    """The row itself is at fault: sent again, it would be refused again."""
    return Outcome(Verdict.REJECTED, reason)


def failed(reason: str) -> Outcome:
    """The row got no verdict: sent again later, it may go in."""
    return Outcome(Verdict.FAILED, reason)


@dataclass(slots=True)
class Tally:
    """Counts outcomes; keeps the first few problems to show. Not for several threads."""

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
        """How many rows were counted: the sum of the four verdicts, by construction."""
        return self._counts.total()

    def __str__(self) -> str:
        counts = ", ".join(f"{self[verdict]:,} {verdict}" for verdict in Verdict)
        return f"{self.read:,} rows: {counts}"
