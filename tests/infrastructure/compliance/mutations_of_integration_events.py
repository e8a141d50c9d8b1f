"""Mistakes in the publisher of integration events."""

from tests.infrastructure.compliance.mutation import QUERY, Mutation
from tests.infrastructure.compliance.plans import Change, lacks, refers_to_nothing, sets

POLICY = "aws_iam_role_policy"
MAPPING = "aws_lambda_event_source_mapping"
PUBLISH = "query_publish-dynamodb-event-source[0]"


def _mistake(mistake: str, change: Change, *found_by: str) -> Mutation:
    return Mutation(mistake, change, frozenset(found_by), "integration-events")


def _statement(number: int, part: str, value: object, of: str = "query_publish_role[0]") -> Change:
    return sets(POLICY, f"{{}}policy.Statement.{number}.{part}", value, of=of)


INTEGRATION_EVENTS = [
    _mistake(
        "a query function that sends messages",
        _statement(1, "Action", ["events:PutEvents"], f"{QUERY}_role"),
        "Only the publisher sends to an event bus",
    ),
    _mistake(
        "a publisher that changes rules",
        _statement(2, "Action", ["events:PutEvents", "events:PutRule"]),
        "The publisher may do nothing to a bus but send",
    ),
    _mistake(
        "a publisher that sends to the account's default bus",
        _statement(2, "Resource", "arn:aws:events:eu-central-1:000000000000:event-bus/default"),
        "The publisher sends to the bus of integration events alone",
    ),
    _mistake(
        "a publisher that writes events",
        _statement(1, "Action", ["dynamodb:Query", "dynamodb:PutItem"]),
        "The publisher only reads the events table",
    ),
    _mistake(
        "a publisher that reads the catalogue",
        _statement(3, "Resource", "arn:aws:dynamodb:eu-central-1:000000000000:table/catalogue"),
        "The publisher has no access to the catalogue",
    ),
    _mistake(
        "a publisher that is invoked for changed items",
        sets(MAPPING, "filter_criteria.0.filter.0.{}pattern.eventName", ["MODIFY"], of=PUBLISH),
        "The publisher is invoked for what is inserted alone",
    ),
    _mistake(
        "a publisher with parallel batches",
        sets(MAPPING, "parallelization_factor", 2, of=PUBLISH),
        "The publisher handles one batch of a shard at a time",
    ),
    _mistake(
        "no dead-letter queue for the publisher",
        refers_to_nothing(MAPPING, "destination_config"),
        "The publisher sends discarded records to a dead-letter queue of its own",
    ),
    _mistake(
        "no alarm on events that are not published",
        lacks("aws_cloudwatch_metric_alarm", '["events-not-published"]'),
        "An alarm goes off when the publisher sets an event aside",
    ),
    _mistake(
        "no log group of the publisher",
        lacks("aws_cloudwatch_log_group", "query_publish[0]"),
        "The publisher has a log group in the stack",
    ),
]
