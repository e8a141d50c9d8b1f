"""How far the read model is known to be behind on DynamoDB, whose log has no order to follow."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from core.adapters.memory.read_model import MemoryReadModel
from core.bootstrap import process, projection, stores
from core.bootstrap.domain import DOMAIN
from core.config import read_settings
from tests.support.sample import NOON

HERE = {"STORE": "dynamodb", "DYNAMODB_ENDPOINT": "http://127.0.0.1:8000"}
AWS = {"STORE": "dynamodb"}
MINUTE = timedelta(minutes=1)


class Now:
    """A clock that a test sets."""

    time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    clock, model = Now(), MemoryReadModel(DOMAIN.listing)
    monkeypatch.setattr(process, "utc_now", clock)
    monkeypatch.setattr(stores, "read_model", lambda: model)
    return clock


def use(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    settings = read_settings(environment)
    monkeypatch.setattr(process, "settings", lambda: settings)


def test_it_is_the_time_since_the_local_projector_was_heard_of(
    now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, HERE)
    projection.heard_of_projector()
    now.time = NOON + MINUTE
    assert projection.lag() == MINUTE


def test_a_clock_that_was_set_back_makes_no_negative_lag(
    now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, HERE)
    projection.heard_of_projector()
    now.time = NOON - MINUTE
    assert projection.lag() == timedelta(0)


def test_there_is_none_before_a_projector_was_heard_of(
    now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, HERE)
    assert projection.lag() == timedelta(0)


def test_aws_measures_its_own(now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, HERE)
    projection.heard_of_projector()
    now.time = NOON + MINUTE
    use(monkeypatch, AWS)
    assert projection.lag() == timedelta(0)


def test_a_log_without_an_order_is_not_followed(now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, AWS)
    with pytest.raises(TypeError, match="the log of STORE=dynamodb has no order to follow"):
        projection.follow_log(lambda *_: None)
