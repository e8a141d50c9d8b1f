"""The projector's metrics, as a line from which CloudWatch makes metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from datetime import datetime

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from core.adapters.stream.projector import Projection


def put_metrics(projection: Projection, now: datetime, namespace: str) -> None:
    """Print the metrics of one invocation on standard output, with the dimension ``service``.

    ``ProjectionLag`` has the seconds from the time of the oldest event to its projection, and is
    left out without an event. ``EventsSetAside`` has how many events could not be applied.
    """
    metrics = EphemeralMetrics(namespace=namespace, service="projector")
    metrics.add_metric("EventsSetAside", MetricUnit.Count, projection.set_aside)
    if projection.oldest is not None:
        lag = max((now - projection.oldest).total_seconds(), 0.0)
        metrics.add_metric("ProjectionLag", MetricUnit.Seconds, lag)
    metrics.flush_metrics()
