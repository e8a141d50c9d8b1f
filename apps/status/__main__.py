"""``make status``: events, views, generations, lag, what is set aside, dead letters.

Changes nothing. STORE, the tables' names and QUEUE_URL say where; with FORMAT=json it is one JSON
object. In AWS, METRICS_NAMESPACE is the name of the stack, by which its metrics are found.
"""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from apps.local.credentials import missing_credentials
from apps.status.report import DeadLetters, Lag, Status
from core.bootstrap import operations, process, projection, stores
from core.config import PROJECT_NAME, ConfigurationError, Settings, Store
from core.ports.errors import StoreUnavailable
from core.ports.json_text import compact_json

NO_NAMESPACE: Final = f"METRICS_NAMESPACE is not set: the stack's name, {PROJECT_NAME}-ENV"


def status_of(settings: Settings, environment: Mapping[str, str]) -> Status:
    """Return the status. Raises StoreUnavailable."""
    on_dynamodb = settings.store is Store.DYNAMODB
    model, file = stores.read_model(), str(settings.sqlite_path)
    figures = operations.figures()
    return Status(
        log=f"the table {settings.events_table}" if on_dynamodb else file,
        views=f"the table {settings.catalogue_table}" if on_dynamodb else file,
        figures=figures,
        rebuilt_to=None if figures.building is None else model.checkpoint("rebuild"),
        lag=_lag(settings, environment),
        aside=model.aside(),
        dead_letters=_dead_letters(environment),
    )


def _lag(settings: Settings, environment: Mapping[str, str]) -> Lag:
    if settings.store is not Store.DYNAMODB:
        return Lag(projection.lag().total_seconds(), "since the first event that waits")
    if settings.dynamodb_endpoint is not None:
        return Lag(projection.lag().total_seconds(), "since the projector was heard of")
    namespace = environment.get("METRICS_NAMESPACE")
    if not namespace:
        return Lag(None, NO_NAMESPACE)
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from apps.status.aws import projection_lag

    try:
        return projection_lag(boto3.client("cloudwatch"), namespace, datetime.now(UTC))
    except (BotoCoreError, ClientError) as error:  # the rest of the status is worth as much
        return Lag(None, str(error))


def _dead_letters(environment: Mapping[str, str]) -> DeadLetters | None:
    queue_url = environment.get("QUEUE_URL")
    if not queue_url:
        return None
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from apps.status.aws import dead_letters

    try:
        return dead_letters(boto3.client("sqs"), queue_url)
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(str(error)) from error


def main() -> None:
    """Print the status. Exit with 1 and the cause."""
    try:
        settings = process.settings()
        if settings.store is Store.MEMORY:
            raise ConfigurationError(f"STORE={settings.store} has no status of its own")
        if settings.store is Store.SQLITE and not settings.sqlite_path.exists():
            raise ConfigurationError(f"there is no file {settings.sqlite_path}")
        os.environ.update(missing_credentials(settings, os.environ))  # boto3 reads it
        status = status_of(settings, os.environ)
    except (ConfigurationError, StoreUnavailable) as error:
        sys.exit(f"status: {str(error).rstrip('.')}.")
    in_json = os.environ.get("FORMAT") == "json"
    print(compact_json(status.as_data()) if in_json else status.as_text())


if __name__ == "__main__":
    main()
