"""Time and chance, as data sources that a test can replace."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, for people to read. Nothing is ever ordered by it (Lamport, CACM 21(7), 1978)."""

    def __call__(self) -> datetime:
        """Return the present time, aware and in UTC."""


class NewId(Protocol):
    """Makes identifiers."""

    def __call__(self) -> str:
        """Return an identifier that is unique everywhere (a random UUID, RFC 9562)."""


class Sleep(Protocol):
    """Waits."""

    def __call__(self, seconds: float, /) -> None:
        """Return after about ``seconds``."""


class Stopwatch(Protocol):
    """Measures durations."""

    def __call__(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
