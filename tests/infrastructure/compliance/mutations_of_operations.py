"""Mistakes in alarms, exposure, tags and the registry."""

from tests.infrastructure.compliance.mutation import COMMAND, QUERY, Mutation, registry, service
from tests.infrastructure.compliance.plans import Suffix, has, lacks, refers_to_nothing, sets

FUNCTION = "aws_lambda_function"
ALARM = "aws_cloudwatch_metric_alarm"
HEALTH = "aws_cloudwatch_composite_alarm"
STOPPED = 'stopped["projector"]'
ARRIVALS = '["projector-failures"]'
REPOSITORY = "aws_ecr_repository"
ROLE_TEXT = "{}assume_role_policy.Statement.0.Principal"


PAGING = {
    "api-5xx": "The pager is alerted when users get errors",
    "projection-lag": "The pager is alerted when reads are out of date",
    "projector-iterator-age": "The pager is alerted when the projector gets records late",
    "projector-stopped": "The pager is alerted when the projector is not invoked",
}


def _rule_without(alarm: str) -> str:
    return " OR ".join(f'ALARM("a-{each}")' for each in PAGING if each != alarm)


def _alarm(metric: str, of: Suffix, title: str) -> Mutation:
    return service(f"no alarm on {metric}", lacks(ALARM, of), title)


ALARMS = [
    _alarm("5xx", '["api-5xx"]', "An alarm goes off when the API returns 5xx"),
    _alarm("errors", '-errors"]', "An alarm goes off when a function fails"),
    _alarm(
        "throttled calls",
        ('["command-throttles"]', '["query-throttles"]', '["projector-throttles"]'),
        "An alarm goes off when a function is throttled",
    ),
    _alarm("durations", '-duration"]', "An alarm goes off when a function is slow"),
    _alarm(
        "age",
        '["projector-iterator-age"]',
        "An alarm goes off when the projector gets records late",
    ),
    _alarm(
        "lag",
        '["projection-lag"]',
        "An alarm goes off when the catalogue lags behind the events",
    ),
    service(
        "an alarm on the lag of another service",
        sets(ALARM, "dimensions.service", "other", of='["projection-lag"]'),
        "An alarm goes off when the catalogue lags behind the events",
    ),
    _alarm(
        "events set aside",
        '["events-set-aside"]',
        "An alarm goes off when an event is set aside",
    ),
    service(
        "an alarm that tolerates an event set aside",
        sets(ALARM, "threshold", 1, of='["events-set-aside"]'),
        "An alarm goes off when an event is set aside",
    ),
    _alarm(
        "a stopped projector",
        STOPPED,
        "An alarm goes off when events are written and the projector is not invoked",
    ),
    service(
        "an alarm that ignores invocations",
        sets(ALARM, "metric_query.0.expression", "FILL(puts, 0)", of=STOPPED),
        "An alarm goes off when events are written and the projector is not invoked",
    ),
    service(
        "no alarm on arrivals in the dead-letter queue",
        lacks(ALARM, '["projector-failures"]'),
        "An alarm goes off when a record arrives in the dead-letter queue",
        "An alarm on the dead-letter queue ends, so that it goes off at the next record",
    ),
    service(
        "an alarm that tolerates dead letters",
        sets(ALARM, "threshold", 10, of='["projector-failures"]'),
        "An alarm goes off when a record arrives in the dead-letter queue",
    ),
    service(
        "an alarm that stays as long as the dead-letter queue has a record",
        sets(ALARM, "metric_name", "ApproximateNumberOfMessagesVisible", of=ARRIVALS),
        "An alarm goes off when a record arrives in the dead-letter queue",
        "An alarm on the dead-letter queue ends, so that it goes off at the next record",
    ),
    service(
        "an alarm on the dead-letter queue that lasts a day",
        sets(ALARM, "evaluation_periods", 288, of=ARRIVALS),
        "An alarm on the dead-letter queue ends, so that it goes off at the next record",
    ),
    _alarm(
        "records that stay in the dead-letter queue",
        '["projector-failures-left"]',
        "An alarm goes off when records stay in the dead-letter queue",
    ),
    _alarm(
        "records that no queue takes",
        '["projector-failures-lost"]',
        "An alarm goes off when a record cannot be put into the dead-letter queue",
    ),
    _alarm(
        "throttled reads", '-read-throttles"]', "An alarm goes off when a table throttles reads"
    ),
    _alarm(
        "throttled writes", '-write-throttles"]', "An alarm goes off when a table throttles writes"
    ),
    service(
        "an alarm that stays when there is nothing to measure",
        sets(ALARM, "treat_missing_data", "ignore", of='["api-5xx"]'),
        "Every alarm goes back to OK when there is nothing to measure",
    ),
    service(
        "an alarm that does not say what to do",
        sets(ALARM, "alarm_description", "Something is wrong.", of='["api-5xx"]'),
        "Every alarm links to the runbook",
    ),
    *(
        service(
            f"a pager that is not told of {alarm}",
            sets(HEALTH, "alarm_rule", _rule_without(alarm)),
            title,
        )
        for alarm, title in PAGING.items()
    ),
    service(
        "a pager without a topic",
        refers_to_nothing(HEALTH, "alarm_actions", "ok_actions"),
        "The alarm for the pager is published to its topic",
    ),
    service(
        "alarms without a topic",
        refers_to_nothing(ALARM, "alarm_actions", "ok_actions"),
        "Alarms are published to the topic",
    ),
    service("no dashboard", lacks("aws_cloudwatch_dashboard"), "There is a dashboard"),
]

EXPOSURE = [
    service(
        "a function that anybody may invoke",
        sets("aws_lambda_permission", "principal", "*", of="query_rest_api_invoke"),
        "Only API Gateway may invoke functions",
    ),
    service(
        "a function with a URL",
        has("aws_lambda_function_url", {"authorization_type": "NONE"}),
        "No function has a URL",
    ),
    service(
        "a role for a person",
        sets("aws_iam_role", ROLE_TEXT, {"AWS": "arn:aws:iam::1:root"}, of=f"{QUERY}_role"),
        "Only functions may assume roles",
    ),
    service(
        "a role for another service",
        sets("aws_iam_role", ROLE_TEXT, {"Service": "ec2.amazonaws.com"}, of=f"{QUERY}_role"),
        "Only functions may assume roles",
    ),
    service(
        "an attached managed policy",
        has("aws_iam_role_policy_attachment"),
        "No role has an attached managed policy",
    ),
    service("an access key", has("aws_iam_access_key"), "There are no access keys"),
    service("a bucket", has("aws_s3_bucket"), "Nothing is stored in buckets"),
]

TAGS = [
    service(
        f"no tag {tag}",
        sets(FUNCTION, "tags_all", dict.fromkeys(others, "x"), of=COMMAND),
        "Everything that can have tags has the tag <tag>",
    )
    for tag, others in {
        "Environment": ["ManagedBy", "Project"],
        "Project": ["Environment", "ManagedBy"],
    }.items()
]

REGISTRY = [
    registry(
        "mutable tags",
        sets(REPOSITORY, "image_tag_mutability", "MUTABLE", of='["command"]'),
        "Image tags are immutable",
    ),
    registry(
        "images that are not scanned",
        sets(REPOSITORY, "image_scanning_configuration.0.scan_on_push", False, of='["query"]'),
        "Every image is scanned on push",
    ),
    registry(
        "unencrypted images",
        sets(REPOSITORY, "encryption_configuration", [], of='["query"]'),
        "Images are encrypted",
    ),
    registry(
        "a repository that is deleted with its images",
        sets(REPOSITORY, "force_delete", True, of='["query"]'),
        "No repository with images can be deleted accidentally",
    ),
    registry("images that never expire", lacks("aws_ecr_lifecycle_policy"), "Old images expire"),
    registry(
        "a repository open to everybody",
        sets(
            "aws_ecr_repository_policy",
            "{}policy.Statement.0.Principal",
            "*",
            of='["query"]',
        ),
        "Only Lambda is granted access by a repository policy",
    ),
    registry(
        "a repository without tags",
        sets(REPOSITORY, "tags_all", {}, of='["query"]'),
        "Every repository has the tag <tag>",
    ),
]
