"""A DynamoDB for this machine: DynamoDB Local with the two tables, empty at each start.

``make run STORE=dynamodb`` starts and stops it. ``python -m apps.local.dynamodb`` runs it alone, on
DYNAMODB_PORT (8003), until Ctrl-C. Where DYNAMODB_ENDPOINT is set, that DynamoDB is used instead,
and only missing tables are created there.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from apps.local.credentials import ANY_CREDENTIALS
from apps.local.dynamodb_engine import CannotStart, dynamodb_local
from apps.local.dynamodb_tables import create_tables
from apps.local.endpoints import DYNAMODB_PORT, CannotRun, read_port
from core.config import ConfigurationError, Settings, read_settings

if TYPE_CHECKING:
    from apps.local.stream_reader import StreamReader


@contextmanager
def running_dynamodb(
    settings: Settings, environment: Mapping[str, str], port: int | None = None
) -> Iterator[dict[str, str]]:
    """Yield ``environment`` with what a program needs to find a DynamoDB that has the tables.

    Start a local one on ``port``, or on a free port, unless the settings name another; it ends with
    the block. Raise CannotStart.
    """
    if settings.dynamodb_endpoint is not None:
        yield _with_tables(settings.dynamodb_endpoint, settings, environment)
        return
    with dynamodb_local(port) as endpoint:
        yield _with_tables(endpoint, settings, environment)


def _with_tables(
    endpoint: str, settings: Settings, environment: Mapping[str, str]
) -> dict[str, str]:
    import boto3

    full = {**ANY_CREDENTIALS, **environment, "DYNAMODB_ENDPOINT": endpoint}
    session = boto3.session.Session(
        full["AWS_ACCESS_KEY_ID"],
        full["AWS_SECRET_ACCESS_KEY"],
        full.get("AWS_SESSION_TOKEN"),
        full.get("AWS_REGION", full["AWS_DEFAULT_REGION"]),
    )
    client = session.client("dynamodb", endpoint_url=endpoint)
    create_tables(client, settings.events_table, settings.catalogue_table)
    return full


def stream_reader(settings: Settings) -> "StreamReader":
    """Return a reader of the events table's stream; credentials come from AWS's own environment.

    Its calls are not retried: whoever reads tries again anyway. Raise what the call for the table's
    description raises.
    """
    import boto3
    from botocore.config import Config

    from apps.local.stream_reader import StreamReader
    from core.adapters.dynamodb.boto import new_boto3_client
    from core.adapters.dynamodb.client import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS

    tables = new_boto3_client(settings.dynamodb_endpoint)
    table = tables.describe_table(TableName=settings.events_table)
    client = boto3.session.Session().client(
        "dynamodbstreams",
        endpoint_url=settings.dynamodb_endpoint,
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 1},
        ),
    )
    return StreamReader(client, table["Table"]["LatestStreamArn"])


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        given = dict(os.environ)
        port = read_port(given, "DYNAMODB_PORT", DYNAMODB_PORT)
        with running_dynamodb(read_settings(given), given, port) as environment:
            for name in ("DYNAMODB_ENDPOINT", *ANY_CREDENTIALS):
                print(f"export {name}={environment[name]}", flush=True)
            stopped.wait()
    except (CannotRun, CannotStart, ConfigurationError) as problem:
        sys.exit(f"dynamodb: {problem}")


if __name__ == "__main__":
    main()
