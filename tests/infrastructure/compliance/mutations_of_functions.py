"""Mistakes in functions, their permissions and their logs."""

from core.config import PROJECT_NAME
from tests.infrastructure.compliance.mutation import COMMAND, PROJECT, QUERY, service
from tests.infrastructure.compliance.plans import Change, lacks, sets

POLICY = "aws_iam_role_policy"
FUNCTION = "aws_lambda_function"
GROUP = "aws_cloudwatch_log_group"
DIGEST = "@sha256:" + "0" * 64
EVENTS = f"arn:aws:dynamodb:eu-central-1:000000000000:table/{PROJECT_NAME}-events"


def _environment(name: str, value: str) -> Change:
    return sets(FUNCTION, f"environment.0.variables.{name}", value, of=COMMAND)


def _statement(number: int, part: str, value: object, of: str) -> Change:
    return sets(POLICY, f"{{}}policy.Statement.{number}.{part}", value, of=f"{of}_role")


FUNCTIONS = [
    service(
        "a zip function",
        sets(FUNCTION, "package_type", "Zip", of=PROJECT),
        "Every function is a container image",
    ),
    service(
        "an image named by its tag",
        sets(
            FUNCTION,
            "image_uri",
            f"000000000000.dkr.ecr.eu-central-1.amazonaws.com/{PROJECT_NAME}/query:latest",
            of=QUERY,
        ),
        "Every image is named by its digest, in one of our repositories",
    ),
    service(
        "an image from another registry",
        sets(FUNCTION, "image_uri", f"public.ecr.aws/somebody/query{DIGEST}", of=QUERY),
        "Every image is named by its digest, in one of our repositories",
    ),
    service(
        "a function without traces",
        sets(FUNCTION, "tracing_config.0.mode", "PassThrough", of=COMMAND),
        "Every function is traced by X-Ray",
    ),
    service(
        "an access key in the environment",
        _environment("JWT_AUDIENCE", "AKIAIOSFODNN7EXAMPLE"),
        "No function has a key, a token or a password in its environment",
    ),
    service(
        "a token in the environment",
        _environment("JWT_AUDIENCE", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"),
        "No function has a key, a token or a password in its environment",
    ),
    service(
        "a password in a URL in the environment",
        _environment("EVENTS_TABLE", "https://user:hunter2@tenant.example/"),
        "No function has a key, a token or a password in its environment",
    ),
    service(
        "a function with its own store",
        _environment("STORE", "sqlite"),
        "Every function stores its data in DynamoDB",
    ),
]

PERMISSIONS = [
    service(
        "all actions of X-Ray",
        _statement(3, "Action", ["xray:*"], COMMAND),
        "No policy allows actions by wildcard",
        "Only sending traces is allowed on all resources",
    ),
    service(
        "all actions on a log group",
        _statement(2, "Action", ["logs:*"], COMMAND),
        "No policy allows actions by wildcard",
    ),
    service(
        "all log groups",
        _statement(2, "Resource", "arn:aws:logs:*:*:log-group:*", COMMAND),
        "Policies name their resources, except for traces and for parts of a named resource",
    ),
    service(
        "all resources instead of a log group",
        _statement(2, "Resource", "*", COMMAND),
        "Only sending traces is allowed on all resources",
    ),
    service(
        "a query function that writes events",
        _statement(1, "Action", ["dynamodb:Query", "dynamodb:PutItem"], QUERY),
        "Only the command function writes events",
    ),
    service(
        "a projector that writes events",
        _statement(1, "Action", ["dynamodb:Query", "dynamodb:UpdateItem"], PROJECT),
        "Only the command function writes events",
    ),
    service(
        "a projector that changes snapshots",
        _statement(2, "Action", ["dynamodb:PutItem", "dynamodb:UpdateItem"], PROJECT),
        "Snapshots are put, and neither changed nor deleted",
    ),
    service(
        "a projector that puts events as if they were snapshots",
        _statement(
            2, "Condition", {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*"]}}, PROJECT
        ),
        "The projector may put only items whose key is that of a snapshot",
    ),
    service(
        "a projector that puts any item",
        _statement(2, "Condition", {}, PROJECT),
        "The projector may put only items whose key is that of a snapshot",
    ),
    service(
        "a command function that changes events",
        _statement(0, "Action", ["dynamodb:UpdateItem"], COMMAND),
        "The command function may not change or delete events",
    ),
    service(
        "a command function that deletes events by another statement",
        _statement(0, "Action", ["dynamodb:DeleteItem"], COMMAND),
        "The command function may not change or delete events",
    ),
    service(
        "a command function that deletes events as if they were claims",
        _statement(
            1, "Condition", {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*"]}}, COMMAND
        ),
        "The command function may delete only items whose key is that of a claim",
    ),
    service(
        "a command function that deletes any item",
        _statement(1, "Condition", {}, COMMAND),
        "The command function may delete only items whose key is that of a claim",
    ),
    service(
        "a query function that writes the catalogue",
        _statement(0, "Action", ["dynamodb:GetItem", "dynamodb:PutItem"], QUERY),
        "Only the projector writes the catalogue",
    ),
    service(
        "a command function that reads the catalogue",
        _statement(2, "Resource", EVENTS.replace("events", "catalogue"), COMMAND),
        "The command function has no access to the catalogue",
        "Only the projector writes the catalogue",
    ),
    service(
        "a Deny statement",
        _statement(0, "Effect", "Deny", QUERY),
        "Policies have no Deny statements",
    ),
]

LOGS = [
    service(
        "a log group without retention",
        sets(GROUP, "retention_in_days", 0, of=COMMAND),
        "Every log group has a retention period",
    ),
    service(
        "no log group of the command function",
        lacks(GROUP, COMMAND),
        "The command function has a log group in the stack",
    ),
    service(
        "no log group of the query function",
        lacks(GROUP, QUERY),
        "The query function has a log group in the stack",
    ),
    service(
        "no log group of the projector",
        lacks(GROUP, PROJECT),
        "The projector has a log group in the stack",
    ),
    service(
        "no log group of the API", lacks(GROUP, ".api"), "The API has a log group in the stack"
    ),
]
