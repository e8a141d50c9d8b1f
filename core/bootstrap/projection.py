"""How the read model follows the log: as a Lambda function on its stream, or on a laptop."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from core.bootstrap import process, stores, stream
from core.bootstrap.domain import DOMAIN

if TYPE_CHECKING:
    from core.application.aside import Report, Retries
    from core.application.snapshotting import Keep

PROJECTOR: Final = "projector"
_HEARTBEAT: Final = "heartbeat"

_MAX_RETRY_SECONDS: Final = 10.0
"""What retrying the streams that were set aside takes at most of an invocation."""


def project_stream(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Project one invocation's records of the events table's stream; return the failed ones.

    ``context`` is as for ``stream.has_time``.
    """
    from core.adapters.stream.projector import project_records

    logger = process.logger("projector")
    if _retries().are_due():
        from core.adapters.stream.projector import log_aside

        end = time.monotonic() + _MAX_RETRY_SECONDS
        _retry_aside(log_aside(logger), lambda: time.monotonic() < end)
    projection = project_records(
        event,
        stream.decoded_image,
        stores.read_model(),
        stores.event_store(),
        DOMAIN,
        logger,
        partial(stream.has_time, context),
        _keep_snapshot(),
    )
    if (embed := process.embed()) is not None:
        from core.adapters.stream.metrics import measured

        about = {"records": len(event["Records"])}
        metrics = measured(projection, process.utc_now(), embed)
        logger.info("projected", extra=about, metrics=metrics)
    return projection.response()


def follow_log(report: "Report") -> int:
    """Project what is new in the log and return the number of events (``log.catch_up``).

    When it is due, what was set aside is retried before (``aside.Retries``).

    Raises TypeError for a store whose log has no order.
    """
    from core.application.log import catch_up

    log = stores.ordered_log()
    if log is None:
        raise TypeError(f"the log of STORE={process.settings().store} has no order to follow")
    if _retries().are_due():
        _retry_aside(report, lambda: True)
    return catch_up(PROJECTOR, stores.read_model(), log, DOMAIN, report, _keep_snapshot())


def lag() -> timedelta:
    """Return how far the read model is known to be behind the log.

    Of a DynamoDB on this machine, that is the time since the local projector was last heard of
    (``heard_of_projector``). AWS's own is measured by the projector's metrics instead.
    """
    from core.application.log import lag as lag_behind

    log, now = stores.ordered_log(), process.utc_now()
    if log is not None:
        return lag_behind(PROJECTOR, stores.read_model(), log, process.utc_now)
    if process.settings().dynamodb_endpoint is None:
        return timedelta(0)
    heard = stores.read_model().checkpoint(_HEARTBEAT)
    return timedelta(0) if heard is None else max(now - datetime.fromisoformat(heard), timedelta(0))


def heard_of_projector() -> None:
    """Remember that the projector of a local DynamoDB's stream works and has nothing left to do."""
    stores.read_model().save_checkpoint(_HEARTBEAT, process.utc_now().isoformat())


@cache
def _retries() -> "Retries":
    from core.application.aside import Retries

    return Retries(time.monotonic)


def _retry_aside(report: "Report", has_time: Callable[[], bool]) -> None:
    from core.application.aside import retry_aside

    retry_aside(stores.read_model(), stores.event_store(), DOMAIN, report, has_time)


def _keep_snapshot() -> "Keep":
    from core.adapters.stream.projector import log_no_snapshot
    from core.application.snapshotting import keep_snapshot

    return partial(
        keep_snapshot,
        store=stores.event_store(),
        domain=DOMAIN,
        report=log_no_snapshot(process.logger("projector")),
    )
