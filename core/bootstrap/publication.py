"""How public messages of events reach other teams: as a Lambda function on the log's stream."""

import time
from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from core.bootstrap import process, stores, stream
from core.bootstrap.domain import DOMAIN
from core.config import MESSAGE_SCHEMAS, PROJECT_NAME, ConfigurationError

if TYPE_CHECKING:
    from core.application.messages import Translator
    from core.application.publishing import SetAside
    from core.domain.manifest import Details, Event, State
    from core.ports.messages import Bus

_ATTEMPTS: Final = 4
"""How often an invocation sends what fails."""


def publish_stream(
    event: Mapping[str, Any], context: Any, set_aside: "SetAside | None" = None
) -> dict[str, Any]:
    """Publish one invocation's records of the events table's stream; return the failed ones.

    ``context`` is as for ``stream.has_time``. ``set_aside`` replaces the queue for what cannot be
    sent. Raises ConfigurationError without EVENT_BUS.
    """
    from core.adapters.stream.publisher import pauses, publish_records

    outcome = publish_records(
        event,
        stream.decoded_image,
        translator().messages,
        _event_bus(),
        set_aside or _set_aside(),
        pauses(partial(stream.has_time, context), time.sleep, _ATTEMPTS),
        process.utc_now(),
        process.settings().publisher_wait_seconds,
        process.logger("publisher"),
    )
    if (embed := process.embed()) is not None:
        from core.adapters.stream.publication_metrics import measured

        about = {"records": len(event["Records"])}
        metrics = measured(outcome.done, process.utc_now(), embed)
        process.logger("publisher").info("published", extra=about, metrics=metrics)
    return outcome.response()


def translator() -> "Translator[State, Event, Details]":
    """Return what makes the public messages of events."""
    from core.application.messages import Origin, Translator

    source = process.settings().event_source or DOMAIN.collection
    return Translator(DOMAIN, stores.event_store(), Origin(source, MESSAGE_SCHEMAS))


@cache
def _event_bus() -> "Bus":
    from core.adapters.eventbridge.bus import EventBridgeBus
    from core.adapters.eventbridge.clients import new_client

    bus = process.settings().event_bus
    if not bus:
        raise ConfigurationError("EVENT_BUS must be the name of an EventBridge bus")
    return EventBridgeBus(new_client("events"), bus, PROJECT_NAME)


@cache
def _set_aside() -> "SetAside":
    from core.adapters.eventbridge.clients import new_client
    from core.adapters.eventbridge.letters import SqsLetters

    queue = process.settings().publisher_failures_url
    return SqsLetters(new_client("sqs"), queue).set_aside
