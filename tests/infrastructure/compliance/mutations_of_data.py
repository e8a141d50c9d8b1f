"""Mistakes in tables, and in how the stream is followed."""

from tests.infrastructure.compliance.mutation import service
from tests.infrastructure.compliance.plans import refers_to_nothing, sets

MAPPING = "aws_lambda_event_source_mapping"
TABLE = "aws_dynamodb_table"
QUEUE = "aws_sqs_queue"

TABLES = [
    service(
        "a table in the clear",
        sets(TABLE, "server_side_encryption.0.enabled", False, of="catalogue"),
        "Every table is encrypted",
    ),
    service(
        "a table without a way back",
        sets(TABLE, "point_in_time_recovery.0.enabled", False, of="events"),
        "Every table can be brought back to any second of the last weeks",
    ),
    service(
        "a table that anybody deletes",
        sets(TABLE, "deletion_protection_enabled", False, of="events"),
        "No table can be deleted by mistake",
    ),
    service(
        "a table of a fixed size",
        sets(TABLE, "billing_mode", "PROVISIONED", of="catalogue"),
        "Every table grows with what is asked of it",
    ),
    service(
        "a stream without the events",
        sets(TABLE, "stream_view_type", "KEYS_ONLY", of="events"),
        "The table of events tells of each new event",
    ),
]

PROJECTOR = [
    service(
        "a projector that starts with what comes next",
        sets(MAPPING, "starting_position", "LATEST"),
        "It starts with the oldest event that the stream has",
    ),
    service(
        "a projector that fails as a whole",
        sets(MAPPING, "function_response_types", []),
        "It reports bad records one by one",
    ),
    service(
        "a batch that stays whole",
        sets(MAPPING, "bisect_batch_on_function_error", False),
        "It halves a batch that fails as a whole",
    ),
    service(
        "a bad record for ever",
        sets(MAPPING, "maximum_retry_attempts", -1),
        "It gives a bad record up in the end",
    ),
    service(
        "records that the stream forgets",
        sets(MAPPING, "maximum_record_age_in_seconds", -1),
        "It sets a record aside before the stream forgets it",
    ),
    service(
        "no dead-letter queue behind the stream",
        refers_to_nothing(MAPPING, "destination_config"),
        "What it gives up ends in the dead-letter queue",
    ),
    service(
        "a projector that is called for claims",
        sets(MAPPING, "filter_criteria", []),
        "It is not called for claims",
    ),
    service(
        "a projector that is not called for events",
        sets(
            MAPPING,
            "filter_criteria.0.filter.0.{}pattern.dynamodb.Keys.version.N",
            [{"anything-but": ["1"]}],
        ),
        "It is not called for claims",
    ),
    service(
        "another stream",
        refers_to_nothing(MAPPING, "event_source_arn"),
        "It follows the table of events",
    ),
    service(
        "a dead-letter queue in the clear",
        sets(QUEUE, "sqs_managed_sse_enabled", False),
        "The dead-letter queue is encrypted",
    ),
    service(
        "a dead-letter queue that forgets",
        sets(QUEUE, "message_retention_seconds", 345600),
        "The dead-letter queue keeps what it has for two weeks",
    ),
]
