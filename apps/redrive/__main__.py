"""``make redrive``: handles the records that a dead-letter queue is about, and empties it.

The queue has what the event source mapping gave up: records that were too old, after an outage of
23 hours. The stream keeps them for another hour. Later ``make verify REPAIR=1`` finds and repairs
the views that are stale, and DISCARD=1 deletes the messages. Safe to stop and to start again.

The publisher's queue also has the events that it could not send, which are in the table for ever.
Each message says whose it is.

STORE, the tables' names, QUEUE_URL and, for the publisher's queue, EVENT_BUS say where.
"""

import os
import sys
from collections.abc import Sequence

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from apps.redrive.letters import EventLetter, Letter, NoRecords, Record, record_of, records_of
from apps.redrive.queue import SqsQueue
from apps.redrive.redriving import Handlers, Outcome, redrive
from core.bootstrap import process, projection, publication
from core.config import ConfigurationError, Store
from core.ports.errors import StoreUnavailable

NO_QUEUE = (
    "QUEUE_URL must be the URL of the dead-letter queue:"
    " make terraform-output OUTPUT='-raw dead_letter_queue_url'"
)
REMEDY = (
    "`make verify REPAIR=1` finds the views that are stale, and repairs them. After it,"
    " `make redrive DISCARD=1` deletes these messages."
    " A message that was not sent is not repaired by that: see docs/how-to/integration-events.md."
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
    print(f"Messages redriven: {outcome.messages:,}, records handled: {outcome.records:,}.")
    if outcome.problems and discard:
        print("\n".join(["Deleted without a redrive:", *outcome.problems]))
    elif outcome.problems:
        sys.exit("\n".join(["Not redriven, and still in the queue:", *outcome.problems, REMEDY]))


def _redrive(queue_url: str | None, *, discard: bool) -> Outcome:
    settings = process.settings()
    if settings.store is not Store.DYNAMODB:
        raise ConfigurationError(f"STORE must be {Store.DYNAMODB}, not {settings.store}")
    if not queue_url:
        raise ConfigurationError(NO_QUEUE)
    session = boto3.session.Session()
    streams = session.client("dynamodbstreams", endpoint_url=settings.dynamodb_endpoint)
    tables = session.client("dynamodb", endpoint_url=settings.dynamodb_endpoint)

    def read(letter: Letter | EventLetter) -> Sequence[Record]:
        if isinstance(letter, EventLetter):
            return [record_of(letter, settings.events_table, tables)]
        return records_of(letter, streams)

    return redrive(
        SqsQueue(session.client("sqs"), queue_url),
        settings.events_table,
        read,
        Handlers(
            project=lambda event: projection.project_stream(event, None),
            publish=lambda event: publication.publish_stream(event, None, _refuse),
        ),
        discard=discard,
    )


def _refuse(_: object, reason: str) -> None:
    """Leave the message in the queue, where it is already."""
    raise NoRecords(f"it still cannot be sent, {reason}")


if __name__ == "__main__":
    main()
