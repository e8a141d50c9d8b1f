"""Mistakes in tables and in the event source mapping."""

from tests.infrastructure.compliance.mutation import service
from tests.infrastructure.compliance.plans import refers_to_nothing, sets

MAPPING = "aws_lambda_event_source_mapping"
TABLE = "aws_dynamodb_table"
QUEUE = "aws_sqs_queue"

TABLES = [
    service(
        "an unencrypted table",
        sets(TABLE, "server_side_encryption.0.enabled", False, of="catalogue"),
        "Every table is encrypted",
    ),
    service(
        "an events table without point-in-time recovery",
        sets(TABLE, "point_in_time_recovery.0.enabled", False, of="events"),
        "The events table has point-in-time recovery",
    ),
    service(
        "a table without deletion protection",
        sets(TABLE, "deletion_protection_enabled", False, of="events"),
        "No table can be deleted accidentally",
    ),
    service(
        "a table with provisioned capacity",
        sets(TABLE, "billing_mode", "PROVISIONED", of="catalogue"),
        "Every table has on-demand capacity",
    ),
    service(
        "a stream with keys only",
        sets(TABLE, "stream_view_type", "KEYS_ONLY", of="events"),
        "The stream of the events table has the new image of each item",
    ),
]

PROJECTOR = [
    service(
        "a projector that starts with the next event",
        sets(MAPPING, "starting_position", "LATEST"),
        "It starts with the oldest event in the stream",
    ),
    service(
        "a projector that fails whole batches",
        sets(MAPPING, "function_response_types", []),
        "It reports failed records individually",
    ),
    service(
        "a batch that is not split",
        sets(MAPPING, "bisect_batch_on_function_error", False),
        "It splits a batch whose invocation fails",
    ),
    service(
        "a limit of retries",
        sets(MAPPING, "maximum_retry_attempts", 10),
        "It retries what failed until it is too old",
    ),
    service(
        "records of any age",
        sets(MAPPING, "maximum_record_age_in_seconds", -1),
        "It limits the age of a record",
    ),
    service(
        "no dead-letter queue for the stream",
        refers_to_nothing(MAPPING, "destination_config"),
        "It sends discarded records to the dead-letter queue",
    ),
    service(
        "a projector that is invoked for claims",
        sets(MAPPING, "filter_criteria", []),
        "It is invoked for events and not for claims",
    ),
    service(
        "a projector that is not invoked for events",
        sets(
            MAPPING,
            "filter_criteria.0.filter.0.{}pattern.dynamodb.Keys.version.N",
            [{"anything-but": ["1"]}],
        ),
        "It is invoked for events and not for claims",
    ),
    service(
        "a projector that reads another stream",
        refers_to_nothing(MAPPING, "event_source_arn"),
        "It reads the stream of the events table",
    ),
    service(
        "an unencrypted dead-letter queue",
        sets(QUEUE, "sqs_managed_sse_enabled", False),
        "The dead-letter queue is encrypted",
    ),
    service(
        "a dead-letter queue with a short retention",
        sets(QUEUE, "message_retention_seconds", 345600),
        "The dead-letter queue keeps messages for two weeks",
    ),
]
