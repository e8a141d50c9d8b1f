"""A status reads well, and as JSON it has all."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from apps.status.aws import dead_letters, projection_lag
from apps.status.report import DeadLetters, Lag, Status
from core.ports.figures import Figures
from core.ports.read_model import Aside
from tests.support.sample import NOON

FIGURES = Figures(1_200, 300, "what is counted", 2, None)
STATUS = Status("the table e", "the table c", FIGURES, None, Lag(1.25, "the highest"), [], None)


def test_a_status_is_a_line_for_each_thing() -> None:
    assert STATUS.as_text().splitlines() == [
        "events        1,200 in the table e",
        "views         300 in the table c",
        "              (what is counted)",
        "generation    2 serves, none is being built",
        "lag           1.2 s: the highest",
        "set aside     none",
        "dead letters  not looked at: QUEUE_URL names the queue, in AWS",
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"lag": Lag(None, "why")}, "lag           unknown: why"),
        (
            {"figures": FIGURES._replace(waiting=7)},
            "lag           1.2 s: the highest; 7 events not projected yet",
        ),
        (
            {"figures": FIGURES._replace(building=3)},
            "generation    2 serves, 3 is being built",
        ),
        (
            {"figures": FIGURES._replace(building=3), "rebuilt_to": "99"},
            "generation    2 serves, 3 is being built, from the log up to 99",
        ),
        ({"aside": [Aside("a", 2, "newer")]}, "              a, version 2: newer"),
        (
            {"aside": [Aside(str(n), 1, "newer") for n in range(25)]},
            "              ... and 5 more (FORMAT=json has all)",
        ),
        ({"dead_letters": DeadLetters(3, 0)}, "dead letters  3 messages"),
        ({"dead_letters": DeadLetters(3, 1)}, "dead letters  3 messages (1 of them held)"),
    ],
)
def test_what_is_not_as_it_should_be_is_shown(changes: dict[str, Any], line: str) -> None:
    assert line in replace(STATUS, **changes).as_text().splitlines()


def test_as_data_it_has_all() -> None:
    status = replace(STATUS, aside=[Aside("a", 2, "newer")], dead_letters=DeadLetters(3, 1))
    assert status.as_data() == {
        "log": "the table e",
        "read_model": "the table c",
        "events": 1_200,
        "views": 300,
        "items": "what is counted",
        "live": 2,
        "building": None,
        "waiting": None,
        "rebuilt_to": None,
        "lag_seconds": 1.25,
        "set_aside": [{"stream": "a", "version": 2, "reason": "newer"}],
        "dead_letters": {"messages": 3, "held": 1},
    }


def client(service: str) -> Any:
    return boto3.session.Session("id", "secret", region_name="us-east-2").client(service)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("points", "lag"),
    [
        ([{"Maximum": 1.5}, {"Maximum": 0.5}], Lag(1.5, "the highest of the last 15 minutes")),
        ([], Lag(None, "nothing was projected in the last 15 minutes")),
    ],
)
def test_the_lag_is_what_the_projector_has_measured(points: list[Any], lag: Lag) -> None:
    cloudwatch = client("cloudwatch")
    asked = {
        "Namespace": "stack",
        "MetricName": "ProjectionLag",
        "Dimensions": [{"Name": "service", "Value": "projector"}],
        "StartTime": datetime.fromisoformat("2024-05-17T11:45:00+00:00"),
        "EndTime": NOON,
        "Period": 900,
        "Statistics": ["Maximum"],
    }
    with Stubber(cloudwatch) as stub:
        stub.add_response("get_metric_statistics", {"Datapoints": points}, asked)
        assert projection_lag(cloudwatch, "stack", NOON) == lag


def test_messages_that_somebody_holds_count_too() -> None:
    sqs = client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = dict(zip(names, ("3", "1"), strict=True))
    asked = {"QueueUrl": "https://sqs.test/q", "AttributeNames": names}
    with Stubber(sqs) as stub:
        stub.add_response("get_queue_attributes", {"Attributes": counts}, asked)
        assert dead_letters(sqs, "https://sqs.test/q") == DeadLetters(4, 1)
