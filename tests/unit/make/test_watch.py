"""How long ``make watch`` waits, and what it takes for an alarm."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from make import watch as program
from make.watch import PAUSE_SECONDS, Unreadable, alarm_state, read_minutes, watch


class Clock:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.now = 100.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def watched(states: Iterator[str], seconds: float) -> tuple[str | None, float]:
    """Return what watching reports, and after how many seconds."""
    clock = Clock()
    reason = watch(lambda: (next(states), "because"), seconds, clock.read, clock.sleep)
    return reason, clock.now - 100


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_a_quiet_alarm_is_watched_to_the_end(state: str) -> None:
    assert watched(iter([state] * 100), 100) == (None, 100)


def test_an_alarm_that_goes_off_ends_it_at_once() -> None:
    assert watched(iter(["OK", "OK", "ALARM"]), 100) == ("because", 2 * PAUSE_SECONDS)


def test_an_alarm_that_is_on_already_is_one() -> None:
    assert watched(iter(["ALARM"]), 0) == ("because", 0)


def test_the_last_look_is_at_the_end() -> None:
    assert watched(iter(["OK", "ALARM"]), 1) == ("because", 1)


@pytest.mark.parametrize("text", ["-1", "1441", "nan", "ten"])
def test_the_minutes_are_checked(text: str) -> None:
    with pytest.raises(Unreadable, match="MINUTES must be a number from 0 to 1440"):
        read_minutes(text)


def described(response: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return the state of an alarm of which CloudWatch responds with this, None for an error."""
    client = boto3.session.Session("x", "x", region_name="eu-central-1").client("cloudwatch")
    with Stubber(client) as stub:
        if response is None:
            stub.add_client_error("describe_alarms", "AccessDenied", "You\n may not")
        else:
            asked = {"AlarmNames": ["health"], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
            stub.add_response("describe_alarms", dict(response), asked)
        return alarm_state(client, "health")


@pytest.mark.parametrize("kind", ["CompositeAlarms", "MetricAlarms"])
def test_an_alarm_may_be_of_either_kind(kind: str) -> None:
    alarm = {"StateValue": "ALARM", "StateReason": "5 errors\n in 5 minutes"}
    assert described({kind: [alarm]}) == ("ALARM", "5 errors in 5 minutes")


@pytest.mark.parametrize(
    ("response", "said"), [({}, "there is no alarm 'health'"), (None, "You may not")]
)
def test_an_alarm_that_cannot_be_read_is_no_quiet_one(
    response: Mapping[str, Any] | None, said: str
) -> None:
    with pytest.raises(Unreadable, match=said):
        described(response)


@pytest.mark.parametrize(
    ("state", "minutes", "status", "said"),
    [
        ("OK", "0", None, "Quiet for 0 minutes: health."),
        ("ALARM", "0", "watch: health is in alarm: because", ""),
        ("OK", "x", 2, "watch: MINUTES must be a number from 0 to 1440, not 'x'."),
    ],
)
def test_the_exit_status_and_a_line_report_it(
    state: str,
    minutes: str,
    status: object,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = {"ALARM": "health", "MINUTES": minutes, "AWS_DEFAULT_REGION": "eu-central-1"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(program, "alarm_state", lambda *_: (state, "because"))
    ended: object = None
    try:
        program.main()
    except SystemExit as exit_:
        ended = exit_.code
    shown = capsys.readouterr()
    assert ended == status
    assert said in shown.out + shown.err
