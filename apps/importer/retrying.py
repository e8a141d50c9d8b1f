"""When to retry: exponential backoff with full jitter, and Retry-After (RFC 9110, 10.2.3).

Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

T = TypeVar("T")


class GaveUp(Exception):
    """The service stayed throttled or unavailable; the message names its last response."""


@dataclass(frozen=True, slots=True)
class Later:
    """The service is throttled or unavailable, and asks to ``wait`` that many seconds."""

    reason: str
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often a request is made, and how long to wait in between. Times are in seconds."""

    attempts: int = 8
    first_seconds: float = 0.25
    max_seconds: float = 30.0

    def delays(self, jitter: Callable[[], float]) -> Iterator[float | None]:
        """Yield, for each attempt, how long to wait after it fails: None after the last.

        ``jitter`` draws from 0 to 1.
        """
        for attempt in range(self.attempts - 1):
            yield min(self.max_seconds, self.first_seconds * 2**attempt) * jitter()
        yield None


@dataclass(frozen=True, slots=True)
class Patience:
    """Repeats a request as ``backoff`` says.

    ``pause`` waits some seconds and returns whether the program is to stop; ``jitter`` draws from 0
    to 1.
    """

    pause: Callable[[float], bool]
    backoff: Backoff = field(default_factory=Backoff)
    jitter: Callable[[], float] = random.random

    def until_settled(self, attempt: Callable[[], T | Later]) -> T:
        """Return the first result of ``attempt`` that is not Later. Raise GaveUp."""
        for delay in self.backoff.delays(self.jitter):
            result = attempt()
            if not isinstance(result, Later):
                return result
            if result.wait > self.backoff.max_seconds:
                raise GaveUp(f"{result.reason}, and asks to wait {result.wait:,.0f} s")
            if delay is None:
                raise GaveUp(f"{result.reason}, {self.backoff.attempts} times")
            if self.pause(max(delay, result.wait)):
                raise GaveUp(f"{result.reason}, when it was stopped")
        raise AssertionError("the last delay is None")


def wait_asked_for(retry_after: str | None) -> float:
    """Return the seconds that a Retry-After header asks to wait: 0 if it is absent or malformed."""
    if retry_after is None:
        return 0.0
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    # An HTTP date is in GMT (RFC 9110, 5.6.7), also where it does not say so.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
