"""Metrics in a line of the log, of which CloudWatch makes them: the Embedded Metric Format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

Metrics of Powertools for AWS Lambda is the oracle of the tests. Why not that: it takes 50 modules
to import, and a line of its own for each request.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from time import time
from typing import Any, NamedTuple


class Metric(NamedTuple):
    """A value, and one of CloudWatch's units."""

    value: float
    unit: str = "Count"


def elapsed(since: datetime, now: datetime) -> Metric:
    """Return the seconds from ``since`` to ``now``, none where the clocks differ."""
    return Metric(max((now - since).total_seconds(), 0.0), "Seconds")


Embed = Callable[[Mapping[str, str], Mapping[str, Metric]], Mapping[str, Any]]
"""From dimensions and metrics to what a line of the log has besides; nothing for no metrics.

Each combination of dimensions is a metric that costs, so none has a value that a client chooses.
"""


def embedder(namespace: str, clock: Callable[[], float] = time) -> Embed:
    """Return what embeds metrics of ``namespace``, with the time of ``clock`` in seconds."""
    return partial(_embedded, namespace, clock)


def _embedded(
    namespace: str,
    clock: Callable[[], float],
    dimensions: Mapping[str, str],
    metrics: Mapping[str, Metric],
) -> Mapping[str, Any]:
    if not metrics:
        return {}
    directive = {
        "Namespace": namespace,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": metric.unit} for name, metric in metrics.items()],
    }
    return {
        "_aws": {"Timestamp": int(clock() * 1000), "CloudWatchMetrics": [directive]},
        **dimensions,
        **{name: metric.value for name, metric in metrics.items()},
    }
