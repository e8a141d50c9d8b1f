"""What AWS knows of a deployed projector: its lag, and what it has given up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from apps.status.report import DeadLetters, Lag

LOOK_BACK: Final = timedelta(minutes=15)

_WAITING: Final = "ApproximateNumberOfMessages"
_HELD: Final = "ApproximateNumberOfMessagesNotVisible"


def projection_lag(cloudwatch: Any, namespace: str, now: datetime) -> Lag:
    """Return the highest lag of the last minutes, as the projector has measured it.

    ``cloudwatch`` is boto3's client. Raises what that raises.
    """
    response = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName="ProjectionLag",
        Dimensions=[{"Name": "service", "Value": "projector"}],
        StartTime=now - LOOK_BACK,
        EndTime=now,
        Period=int(LOOK_BACK.total_seconds()),
        Statistics=["Maximum"],
    )
    minutes = LOOK_BACK.total_seconds() / 60
    points = [float(point["Maximum"]) for point in response["Datapoints"]]
    if not points:
        return Lag(None, f"nothing was projected in the last {minutes:.0f} minutes")
    return Lag(max(points), f"the highest of the last {minutes:.0f} minutes")


def dead_letters(sqs: Any, queue_url: str) -> DeadLetters:
    """Return the messages of a queue. ``sqs`` is boto3's client. Raises what that raises."""
    names = [_WAITING, _HELD]
    asked = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
    counts: Mapping[str, str] = asked["Attributes"]
    held = int(counts[_HELD])
    return DeadLetters(int(counts[_WAITING]) + held, held)
