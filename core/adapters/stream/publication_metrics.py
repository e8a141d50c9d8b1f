"""The publisher's metrics, as a line from which CloudWatch makes metrics (``metrics``)."""

from datetime import datetime

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from core.application.publishing import Publication


def put_publication_metrics(done: Publication, now: datetime, namespace: str) -> None:
    """Print the metrics of one invocation on standard output, with the dimension ``service``.

    ``PublicationLag`` has the seconds from the time of the oldest event to its publication, and is
    left out without an event. ``MessagesSent`` counts messages, and ``EventsNotPublished`` the
    events that were set aside.
    """
    metrics = EphemeralMetrics(namespace=namespace, service="publisher")
    metrics.add_metric("MessagesSent", MetricUnit.Count, done.sent)
    metrics.add_metric("EventsNotPublished", MetricUnit.Count, done.set_aside)
    if done.oldest is not None:
        lag = max((now - done.oldest).total_seconds(), 0.0)
        metrics.add_metric("PublicationLag", MetricUnit.Seconds, lag)
    metrics.flush_metrics()
