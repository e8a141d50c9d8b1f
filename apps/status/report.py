"""The status as data, and as lines for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from apps.counting import counted
from core.ports.figures import Figures
from core.ports.read_model import Aside

MAX_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Lag:
    """How many seconds views are behind events, or why that is not known."""

    seconds: float | None
    about: str


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The messages of the dead-letter queue, and those of them that somebody holds."""

    messages: int
    held: int


@dataclass(frozen=True, slots=True)
class Status:
    """What the log and its read model are at. ``rebuilt_to`` is the checkpoint of a rebuild."""

    log: str
    views: str
    figures: Figures
    rebuilt_to: str | None
    lag: Lag
    aside: Sequence[Aside]
    dead_letters: DeadLetters | None

    def as_data(self) -> Mapping[str, Any]:
        """Return it as JSON data."""
        figures = self.figures._asdict()
        return {
            "log": self.log,
            "read_model": self.views,
            **figures,
            "rebuilt_to": self.rebuilt_to,
            "lag_seconds": self.lag.seconds,
            "set_aside": [aside._asdict() for aside in self.aside],
            "dead_letters": None if self.dead_letters is None else asdict(self.dead_letters),
        }

    def as_text(self) -> str:
        """Return it as lines."""
        return "\n".join(f"{name:<14}{text}".rstrip() for name, text in self._lines())

    def _lines(self) -> Iterator[tuple[str, str]]:
        figures = self.figures
        yield "events", f"{figures.events:,} in {self.log}"
        yield "views", f"{figures.views:,} in {self.views}"
        yield "", f"({figures.items})"
        yield "generation", f"{figures.live} serves, {self._building()}"
        yield "lag", self._lag()
        yield "set aside", f"{len(self.aside):,}" if self.aside else "none"
        for stream, version, reason in self.aside[:MAX_NAMED]:
            yield "", f"{stream}, version {version}: {reason}"
        if len(self.aside) > MAX_NAMED:
            yield "", f"... and {len(self.aside) - MAX_NAMED:,} more (FORMAT=json has all)"
        yield "dead letters", self._dead_letters()

    def _building(self) -> str:
        if self.figures.building is None:
            return "none is being built"
        reached = "" if self.rebuilt_to is None else f", from the log up to {self.rebuilt_to}"
        return f"{self.figures.building} is being built{reached}"

    def _lag(self) -> str:
        seconds = "unknown" if self.lag.seconds is None else f"{self.lag.seconds:,.1f} s"
        waiting = self.figures.waiting
        waits = "" if waiting is None else f"; {counted(waiting, 'event')} not projected yet"
        return f"{seconds}: {self.lag.about}{waits}"

    def _dead_letters(self) -> str:
        if self.dead_letters is None:
            return "not looked at: QUEUE_URL names the queue, in AWS"
        held = f" ({self.dead_letters.held:,} of them held)" if self.dead_letters.held else ""
        return f"{counted(self.dead_letters.messages, 'message')}{held}"
