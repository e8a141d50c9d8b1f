"""The publisher's metrics, as part of one line of its log for each invocation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from core.adapters.emf import Embed, Metric, elapsed
from core.application.publishing import Publication

SERVICE: Final = {"service": "publisher"}


def measured(done: Publication, now: datetime, embed: Embed) -> Mapping[str, Any]:
    """Return the metrics of one invocation, with the dimension ``service``.

    ``PublicationLag`` has the seconds from the time of the oldest event until its messages are
    sent, and is left out without an event. ``MessagesSent`` counts messages, and
    ``EventsNotPublished`` the events that were set aside.
    """
    metrics = {"MessagesSent": Metric(done.sent), "EventsNotPublished": Metric(done.set_aside)}
    if done.oldest is not None:
        metrics["PublicationLag"] = elapsed(done.oldest, now)
    return embed(SERVICE, metrics)
