"""What is sent again, when, and how often: as botocore's retry mode "standard" does it.

Backoff with full jitter, and a quota that stops retries in a long outage
(https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html). A property compares
it with botocore's own.
"""

from collections.abc import Callable
from threading import Lock
from typing import Final, NamedTuple

from core.adapters.dynamodb.client import MAX_ATTEMPTS

MAX_QUOTA: Final = 500
_COST: Final = 14
_COST_THROTTLED: Final = 5
_EARNED: Final = 1
"""By a call that was not retried."""

_FIRST_SECONDS: Final = 0.025
_FIRST_SECONDS_THROTTLED: Final = 1.0
_MAX_SECONDS: Final = 20.0
_MAX_LONGER_SECONDS: Final = 5.0
"""How much longer the service may ask a client to wait."""

THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
TRANSIENT: Final = frozenset(
    {"ReplicatedWriteConflictException", "RequestTimeout", "RequestTimeoutException"}
)
_TRANSIENT_STATUS: Final = frozenset({500, 502, 503, 504})
_THROTTLED_STATUS: Final = 429


class Failure(NamedTuple):
    """An attempt that failed: with a response, or without one, which has no status.

    A response that is not whole is none. ``retry_after`` is its header ``x-amz-retry-after``.
    """

    status: int | None = None
    code: str = ""
    retry_after: str | None = None

    @property
    def is_throttled(self) -> bool:
        return self.code in THROTTLED or self.status == _THROTTLED_STATUS

    @property
    def passes(self) -> bool:
        """Return whether another attempt may succeed."""
        is_transient = self.status is None or self.status in _TRANSIENT_STATUS
        return is_transient or self.code in TRANSIENT or self.is_throttled


class Retry(NamedTuple):
    """Another attempt: what it has cost of the quota, and the seconds to wait for it."""

    cost: int
    seconds: float


class Retries:
    """The retries of all threads of a process, within a ``quota``.

    ``random`` returns numbers from 0 to 1.
    """

    def __init__(self, random: Callable[[], float], quota: int = MAX_QUOTA) -> None:
        self._random = random
        self._lock = Lock()
        self._max_quota = self._quota = quota

    def after(self, failure: Failure, attempt: int) -> Retry | None:
        """Return the retry after an attempt, counted from 1; None when there is to be none."""
        if attempt >= MAX_ATTEMPTS or not failure.passes:
            return None
        cost = _COST_THROTTLED if failure.is_throttled else _COST
        with self._lock:
            if cost > self._quota:
                return None
            self._quota -= cost
        return Retry(cost, self._seconds(failure, attempt))

    def succeeded(self, last: Retry | None) -> None:
        """Give back what the ``last`` retry of a call has cost, once it has succeeded."""
        earned = _EARNED if last is None else last.cost
        if self._quota < self._max_quota:
            with self._lock:
                self._quota = min(self._max_quota, self._quota + earned)

    def _seconds(self, failure: Failure, attempt: int) -> float:
        first = _FIRST_SECONDS_THROTTLED if failure.is_throttled else _FIRST_SECONDS
        seconds = self._random() * min(first * 2.0 ** (attempt - 1), _MAX_SECONDS)
        try:
            asked = int(failure.retry_after or "0") / 1000
        except (OverflowError, ValueError):
            return seconds
        return max(seconds, min(asked, seconds + _MAX_LONGER_SECONDS))
