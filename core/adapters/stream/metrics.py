"""The projector's metrics, as part of one line of its log for each invocation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from core.adapters.emf import Embed, Metric, elapsed
from core.adapters.stream.projector import Projection

SERVICE: Final = {"service": "projector"}


def measured(projection: Projection, now: datetime, embed: Embed) -> Mapping[str, Any]:
    """Return the metrics of one invocation, with the dimension ``service``.

    ``ProjectionLag`` has the seconds from the time of the oldest event to its view, and is left out
    where no view has changed. ``EventsSetAside`` has how many events could not be applied.
    """
    metrics = {"EventsSetAside": Metric(projection.set_aside)}
    if projection.oldest is not None:
        metrics["ProjectionLag"] = elapsed(projection.oldest, now)
    return embed(SERVICE, metrics)
