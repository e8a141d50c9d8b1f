"""Mistakes in alarms, tags, what is open to whom, and in the registry."""

from tests.infrastructure.compliance.mutation import COMMAND, QUERY, Mutation, registry, service
from tests.infrastructure.compliance.plans import Suffix, has, lacks, refers_to_nothing, sets

FUNCTION = "aws_lambda_function"
ALARM = "aws_cloudwatch_metric_alarm"
REPOSITORY = "aws_ecr_repository"
ROLE_TEXT = "{}assume_role_policy.Statement.0.Principal"


def _alarm(metric: str, of: Suffix, title: str) -> Mutation:
    return service(f"no alarm on {metric}", lacks(ALARM, of), title)


ALARMS = [
    _alarm("5xx", '["api-5xx"]', "An alarm goes off when the API answers with 5xx"),
    _alarm("errors", '-errors"]', "An alarm goes off when a function fails"),
    _alarm(
        "throttled calls",
        ('["command-throttles"]', '["query-throttles"]', '["projector-throttles"]'),
        "An alarm goes off when a function is throttled",
    ),
    _alarm("durations", '-duration"]', "An alarm goes off when a function takes long"),
    _alarm(
        "age",
        '["projector-iterator-age"]',
        "An alarm goes off when the catalogue is behind the events",
    ),
    _alarm(
        "the dead-letter queue",
        '["projector-failures"]',
        "An alarm goes off when a record is in the dead-letter queue",
    ),
    service(
        "a dead-letter queue that may have some",
        sets(ALARM, "threshold", 10, of='["projector-failures"]'),
        "An alarm goes off when a record is in the dead-letter queue",
    ),
    service(
        "alarms that nobody hears",
        refers_to_nothing(ALARM, "alarm_actions", "ok_actions"),
        "Alarms are published",
    ),
    service("no dashboard", lacks("aws_cloudwatch_dashboard"), "There is a dashboard"),
]

EXPOSURE = [
    service(
        "a function that anybody calls",
        sets("aws_lambda_permission", "principal", "*", of="query_rest_api_invoke"),
        "Functions are called by API Gateway alone",
    ),
    service(
        "a function with an address",
        has("aws_lambda_function_url", {"authorization_type": "NONE"}),
        "No function has an address of its own",
    ),
    service(
        "a role for a person",
        sets("aws_iam_role", ROLE_TEXT, {"AWS": "arn:aws:iam::1:root"}, of=f"{QUERY}_role"),
        "Roles are for functions alone",
    ),
    service(
        "a role for another service",
        sets("aws_iam_role", ROLE_TEXT, {"Service": "ec2.amazonaws.com"}, of=f"{QUERY}_role"),
        "Roles are for functions alone",
    ),
    service(
        "a policy of AWS",
        has("aws_iam_role_policy_attachment"),
        "No role has a policy that is not ours",
    ),
    service("a key", has("aws_iam_access_key"), "There is no user with keys"),
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
        "tags that move",
        sets(REPOSITORY, "image_tag_mutability", "MUTABLE", of='["command"]'),
        "A tag is never given to another image",
    ),
    registry(
        "images that nobody scans",
        sets(REPOSITORY, "image_scanning_configuration.0.scan_on_push", False, of='["query"]'),
        "Every image is scanned when it comes",
    ),
    registry(
        "images in the clear",
        sets(REPOSITORY, "encryption_configuration", [], of='["query"]'),
        "Images are encrypted",
    ),
    registry(
        "a repository that goes with its images",
        sets(REPOSITORY, "force_delete", True, of='["query"]'),
        "No repository with images is deleted by mistake",
    ),
    registry("images for ever", lacks("aws_ecr_lifecycle_policy"), "Old images go"),
    registry(
        "a repository for everybody",
        sets(
            "aws_ecr_repository_policy",
            "{}policy.Statement.0.Principal",
            "*",
            of='["query"]',
        ),
        "Nobody but Lambda is let in by a repository",
    ),
    registry(
        "a repository without tags",
        sets(REPOSITORY, "tags_all", {}, of='["query"]'),
        "Every repository has the tag <tag>",
    ),
]
