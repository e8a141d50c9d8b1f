"""The figures of runs, and their table."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.reliability.processes.history import History, Outcome
from tests.reliability.processes.run import Result


@dataclass
class Summary:
    """Figures of the runs on one store, added up."""

    store: str
    seeds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    figures: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Add the figures of a run."""
        run = result.history.run
        self.seeds.append(run.seed)
        self.seconds += run.seconds
        self.figures += figures(result.history)
        self.faults += Counter(fault.name for fault in result.history.faults)
        self.faults += Counter({f"on the wire: {k}": n for k, n in result.injected.items()})
        self.violations += [
            f"seed {run.seed}: {check}: {problem}"
            for check, problems in result.violations.items()
            for problem in problems
        ]

    def line(self) -> str:
        """Return the summary in one line."""
        return (
            f"{self.store}: {self.figures['commands']:,} commands"
            f" ({self.figures['commands ok']:,} acknowledged), {self.figures['reads']:,} reads and"
            f" {self.figures['events']:,} events in {self.seconds:.0f} s, "
            f"{self.faults.total():,} faults, {len(self.violations):,} violations"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the summary as JSON data."""
        return {
            "store": self.store,
            "seeds": self.seeds,
            "seconds": self.seconds,
            **self.figures,
            "faults": dict(sorted(self.faults.items())),
            "violations": self.violations,
        }


def figures(history: History) -> Counter[str]:
    """Return how many operations of which outcome there were, and how many events."""
    commands = Counter(o.outcome for o in history.operations if o.is_command)
    answered = Counter(o.outcome for o in history.operations if not o.is_command)
    return Counter(
        {
            "commands": commands.total(),
            **{f"commands {outcome}": commands[outcome] for outcome in Outcome},
            "reads": answered.total(),
            "reads answered": answered[Outcome.OK] + answered[Outcome.REFUSED],
            "events": len(history.events),
        }
    )


def table(summaries: Iterable[Summary]) -> str:
    """Return the summaries for a person to read."""
    lines = []
    for summary in summaries:
        lines += [f"{summary.store}: {summary.seconds:.0f} s, seeds {summary.seeds}"]
        lines += [f"  {name:<34}{count:>9,}" for name, count in summary.figures.items()]
        lines += [f"  {name:<34}{count:>9,}" for name, count in sorted(summary.faults.items())]
        lines += [f"  {'violations':<34}{len(summary.violations):>9,}"]
        lines += [f"    {violation}" for violation in summary.violations]
    return "\n".join(lines)
