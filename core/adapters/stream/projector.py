"""The projector as a Lambda function on the events table's stream.

Lambda continues at the lowest sequence number that is reported as failed, so records after it come
again; the projection skips repeats. A record that keeps failing is retried, isolated and sent to
the dead-letter queue by the event source mapping
(https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html).
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from pydantic import BaseModel

from core.application.projection import project
from core.ports.domain import Domain
from core.ports.event_store import EventStore
from core.ports.events import Envelope
from core.ports.read_model import ReadModel

V = TypeVar("V", bound=BaseModel)

Decode = Callable[[Mapping[str, Any]], Envelope[Any] | None]
"""From the new image of a stream record to its event; None for an item that is no event. May raise
UnknownEvent."""


def project_records(
    event: Mapping[str, Any],
    decode: Decode,
    read_model: ReadModel[V],
    store: EventStore[Any],
    domain: Domain[Any, Any, Any, V],
    logger: Logger,
) -> dict[str, Any]:
    """Project the records of one invocation and return those that failed (ReportBatchItemFailures).

    ``event`` is what Lambda passes to a function on a DynamoDB stream with new images. Each record
    is tried by itself, whatever happened to the others. Raises StoreUnavailable, before any record,
    when the read model does not respond.
    """
    # Read once for all records, after every one of them was stored: see ReadModel.targets.
    targets = read_model.targets()

    def project_record(record: DynamoDBRecord) -> None:
        change = record.raw_event["dynamodb"]
        try:
            envelope = decode(change.get("NewImage") or {})
            if envelope is not None:
                for catalogue in targets:
                    project(envelope, catalogue, store, domain)
        except Exception as error:
            about = {"sequence_number": change.get("SequenceNumber"), "reason": str(error)}
            logger.warning("record not projected", extra=about)
            raise

    return dict(
        process_partial_response(
            event=dict(event),
            record_handler=project_record,
            processor=BatchProcessor(
                EventType.DynamoDBStreams, raise_on_entire_batch_failure=False
            ),
        )
    )
