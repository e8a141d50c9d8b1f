"""The own client retries what botocore's retry mode "standard" does, when it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import ConnectionClosedError
from botocore.retries import standard
from botocore.retries.quota import RetryQuota
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.dynamodb.client import MAX_ATTEMPTS
from core.adapters.dynamodb.errors import TROUBLES
from core.adapters.dynamodb.retries import MAX_QUOTA, THROTTLED, TRANSIENT, Failure, Retries, Retry

CODES = sorted({*THROTTLED, *TRANSIENT, *TROUBLES, "ValidationException", "Unheard"})
NUMBERS = st.floats(0, 1, exclude_max=True)
RETRY_AFTER = st.none() | st.integers(-10, 30_000).map(str) | st.sampled_from(["soon", "9" * 400])
FAILURES = st.just(Failure()) | st.builds(
    Failure,
    st.sampled_from([400, 403, 413, 500, 501, 502, 503, 504]),
    st.sampled_from(CODES),
    RETRY_AFTER,
)
CALLS = st.lists(st.lists(FAILURES, max_size=MAX_ATTEMPTS), max_size=8)


@dataclass
class HttpResponse:
    """What botocore looks at of a response."""

    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict)


@cache
def put_item() -> Any:
    model = botocore.session.Session().get_service_model("dynamodb")
    return model.operation_model("PutItem")


class Botocore:
    """botocore's decisions, put together as it does (``standard.register_retry_handler``)."""

    def __init__(self, number: float, quota: int) -> None:
        detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
        self.quota = RetryQuota(quota)
        self._quota = standard.RetryQuotaChecker(self.quota, detector)
        self._policy = standard.RetryPolicy(
            standard.StandardRetryConditions(MAX_ATTEMPTS),
            standard.ExponentialBackoff(
                random=lambda: number, service_name="dynamodb", throttling_detector=detector
            ),
        )

    def pauses(self, failures: Sequence[Failure]) -> list[float]:
        """Return the pauses of a call of which attempts fail, and any other succeeds."""
        context: Any = {}
        found: list[float] = []
        for attempt, failure in enumerate(failures, start=1):
            about = self._about(failure, attempt, context)
            if not self._policy.should_retry(about) or not self._quota.acquire_retry_quota(about):
                return found
            found.append(self._policy.compute_retry_delay(about))
        self._quota.release_retry_quota(context, HttpResponse(200))
        return found

    def _about(self, failure: Failure, attempt: int, context: dict[str, Any]) -> Any:
        if failure.status is None:
            lost = ConnectionClosedError(endpoint_url="http://x")
            return standard.RetryContext(
                attempt, put_item(), caught_exception=lost, request_context=context
            )
        after = failure.retry_after
        headers = {} if after is None else {"x-amz-retry-after": after}
        return standard.RetryContext(
            attempt,
            put_item(),
            {"Error": {"Code": failure.code}},
            HttpResponse(failure.status, headers),
            request_context=context,
        )


def pauses(retries: Retries, failures: Sequence[Failure]) -> list[float]:
    """Return the pauses of such a call of ours."""
    retry: Retry | None = None
    found: list[float] = []
    for attempt, failure in enumerate(failures, start=1):
        if (retry := retries.after(failure, attempt)) is None:
            return found
        found.append(retry.seconds)
    retries.succeeded(retry)
    return found


@given(NUMBERS, st.sampled_from([0, 5, 30, 60]), CALLS)
def test_calls_are_retried_as_by_botocore(
    number: float, quota: int, calls: list[list[Failure]]
) -> None:
    ours, theirs = Retries(lambda: number, quota), Botocore(number, quota)
    for failures in calls:
        assert pauses(ours, failures) == theirs.pauses(failures)


def test_the_codes_are_botocores() -> None:
    throttler: Any = standard.ThrottledRetryableChecker
    transient: Any = standard.TransientRetryableChecker
    modelled = {shape.name for shape in put_item().error_shapes if shape.metadata.get("retryable")}
    assert set(throttler._THROTTLED_ERROR_CODES) == THROTTLED
    assert {*transient._TRANSIENT_ERROR_CODES, *modelled} - THROTTLED == TRANSIENT


def test_the_quota_is_botocores() -> None:
    assert MAX_QUOTA == RetryQuota.INITIAL_CAPACITY


def test_a_status_of_throttling_is_retried_as_throttling() -> None:
    failure = Failure(429, "Unheard")
    assert pauses(Retries(lambda: 0.5), [failure]) == Botocore(0.5, 500).pauses([failure]) == [0.5]
