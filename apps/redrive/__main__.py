"""``make redrive``: projects the records that the dead-letter queue is about, and empties it.

The queue has what the event source mapping gave up: records that were too old, after an outage of
23 hours. The stream keeps them for another hour. Later only a rebuild repairs the views, and
DISCARD=1 deletes the messages. Safe to stop and to start again.

STORE, the tables' names and QUEUE_URL say where.
"""

import os
import sys
from functools import partial

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from apps.redrive.letters import records_of
from apps.redrive.queue import SqsQueue
from apps.redrive.redriving import Outcome, redrive
from core import bootstrap
from core.config import ConfigurationError, Store
from core.ports.errors import StoreUnavailable

NO_QUEUE = (
    "QUEUE_URL must be the URL of the dead-letter queue:"
    " make terraform-output OUTPUT='-raw dead_letter_queue_url'"
)
REMEDY = (
    "`make rebuild` repairs all views. After it, `make redrive DISCARD=1` deletes these messages."
)


def main() -> None:
    """Redrive the queue. Exit with 1 and the cause, or a list of what the stream no longer has."""
    discard = os.environ.get("DISCARD") == "1"
    try:
        outcome = _redrive(os.environ.get("QUEUE_URL"), discard=discard)
    except ConfigurationError as error:
        sys.exit(f"redrive: {error}.")
    except (StoreUnavailable, BotoCoreError, ClientError) as error:
        sys.exit(f"redrive: {str(error).rstrip('.')}. Run it again to continue.")
    except KeyboardInterrupt:
        sys.exit("\nredrive: stopped. Run it again to continue.")
    print(f"Messages redriven: {outcome.messages:,}, records projected: {outcome.records:,}.")
    if outcome.problems and discard:
        print("\n".join(["Deleted without a redrive:", *outcome.problems]))
    elif outcome.problems:
        sys.exit("\n".join(["Not redriven, and still in the queue:", *outcome.problems, REMEDY]))


def _redrive(queue_url: str | None, *, discard: bool) -> Outcome:
    settings = bootstrap.settings()
    if settings.store is not Store.DYNAMODB:
        raise ConfigurationError(f"STORE must be {Store.DYNAMODB}, not {settings.store}")
    if not queue_url:
        raise ConfigurationError(NO_QUEUE)
    session = boto3.session.Session()
    streams = session.client("dynamodbstreams", endpoint_url=settings.dynamodb_endpoint)
    return redrive(
        SqsQueue(session.client("sqs"), queue_url),
        settings.events_table,
        partial(records_of, client=streams),
        lambda event: bootstrap.project_stream(event, None),
        discard=discard,
    )


if __name__ == "__main__":
    main()
