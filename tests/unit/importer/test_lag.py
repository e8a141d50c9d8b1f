from collections.abc import Callable, Iterator

import httpx
import pytest

from apps.importer.lag import NotMeasured, projector_lag
from apps.importer.outcomes import Written

LAST = [Written("a", 1, 10.0), Written("b", 1, 12.0)]


class Time:
    def __init__(self) -> None:
        self.now = 12.0

    def pause(self, seconds: float) -> bool:
        self.now += seconds
        return False


def query(statuses: Iterator[int], **headers: str) -> httpx.Client:
    def service(request: httpx.Request) -> httpx.Response:
        assert request.url.params["min_version"] == "1"
        return httpx.Response(
            next(statuses), headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    return httpx.Client(transport=httpx.MockTransport(service), base_url="http://query.test")


def test_the_lag_is_from_the_last_response_until_all_books_are_shown() -> None:
    time = Time()
    statuses = iter([404, 503, 200, 200])
    lag = projector_lag(query(statuses, Retry_After="2"), LAST, lambda: time.now, time.pause)
    assert lag == 4.0


def test_books_that_are_never_shown_end_the_measurement() -> None:
    time = Time()
    never = iter([503] * 1000)
    with pytest.raises(NotMeasured, match="is the projector running"):
        projector_lag(query(never, Retry_After="1"), LAST, lambda: time.now, time.pause)
    assert time.now <= 12 + 60


@pytest.mark.parametrize(
    ("statuses", "pause", "reason"),
    [
        ([404], lambda seconds: True, "stopped"),
        ([400], lambda seconds: False, "returned 400"),
    ],
)
def test_a_measurement_that_ends_early_is_reported_with_its_reason(
    statuses: list[int], pause: Callable[[float], bool], reason: str
) -> None:
    with pytest.raises(NotMeasured, match=reason):
        projector_lag(query(iter(statuses)), LAST, lambda: 12.0, pause)


def test_without_a_write_there_is_no_lag() -> None:
    with pytest.raises(NotMeasured, match="nothing was added"):
        projector_lag(query(iter([])), [], lambda: 12.0, lambda seconds: False)


def test_an_unreachable_query_service_is_reported() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    client = httpx.Client(transport=httpx.MockTransport(refuse), base_url="http://query.test")
    with pytest.raises(NotMeasured, match=r"no response from http://query\.test"):
        projector_lag(client, LAST, lambda: 12.0, lambda seconds: False)
