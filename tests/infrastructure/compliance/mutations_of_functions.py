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
        "a function out of a zip",
        sets(FUNCTION, "package_type", "Zip", of=PROJECT),
        "Every function is a container image",
    ),
    service(
        "an image by its tag",
        sets(
            FUNCTION,
            "image_uri",
            f"000000000000.dkr.ecr.eu-central-1.amazonaws.com/{PROJECT_NAME}/query:latest",
            of=QUERY,
        ),
        "Every image is named by its digest, in a repository of ours",
    ),
    service(
        "an image of somebody else",
        sets(FUNCTION, "image_uri", f"public.ecr.aws/somebody/query{DIGEST}", of=QUERY),
        "Every image is named by its digest, in a repository of ours",
    ),
    service(
        "a function that is not traced",
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
        "a password in an address in the environment",
        _environment("EVENTS_TABLE", "https://user:hunter2@tenant.example/"),
        "No function has a key, a token or a password in its environment",
    ),
    service(
        "a function with a store of its own",
        _environment("STORE", "sqlite"),
        "Every function keeps its books in DynamoDB",
    ),
]

PERMISSIONS = [
    service(
        "all actions of X-Ray",
        _statement(3, "Action", ["xray:*"], COMMAND),
        "No policy allows a kind of action as a whole",
        "All resources are allowed for sending traces alone",
    ),
    service(
        "all actions on a log group",
        _statement(2, "Action", ["logs:*"], COMMAND),
        "No policy allows a kind of action as a whole",
    ),
    service(
        "all log groups",
        _statement(2, "Resource", "arn:aws:logs:*:*:log-group:*", COMMAND),
        "Resources are named, but for traces and for what belongs to a resource that is named",
    ),
    service(
        "all log groups, as everything",
        _statement(2, "Resource", "*", COMMAND),
        "All resources are allowed for sending traces alone",
    ),
    service(
        "a query function that writes events",
        _statement(2, "Action", ["dynamodb:Query", "dynamodb:PutItem"], QUERY),
        "Only the command function writes events",
    ),
    service(
        "a projector that writes events",
        _statement(1, "Action", ["dynamodb:Query", "dynamodb:UpdateItem"], PROJECT),
        "Only the command function writes events",
    ),
    service(
        "a command function that changes events",
        _statement(0, "Action", ["dynamodb:UpdateItem"], COMMAND),
        "Nobody changes an event, and only claims are taken back",
    ),
    service(
        "a command function that deletes events by another statement",
        _statement(0, "Action", ["dynamodb:DeleteItem"], COMMAND),
        "Nobody changes an event, and only claims are taken back",
    ),
    service(
        "a command function that deletes events as if they were claims",
        _statement(
            1, "Condition", {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*"]}}, COMMAND
        ),
        "Claims are taken back where the key says that they are claims",
    ),
    service(
        "a command function that deletes whatever it likes",
        _statement(1, "Condition", {}, COMMAND),
        "Claims are taken back where the key says that they are claims",
    ),
    service(
        "a query function that writes the catalogue",
        _statement(0, "Action", ["dynamodb:GetItem", "dynamodb:PutItem"], QUERY),
        "Only the projector writes the catalogue",
    ),
    service(
        "a command function that sees the catalogue",
        _statement(2, "Resource", EVENTS.replace("events", "catalogue"), COMMAND),
        "The command function does not see the catalogue",
        "Only the projector writes the catalogue",
    ),
    service("a denial", _statement(0, "Effect", "Deny", QUERY), "Policies only allow"),
]

LOGS = [
    service(
        "a log for ever",
        sets(GROUP, "retention_in_days", 0, of=COMMAND),
        "Every log group has an end to what it keeps",
    ),
    service(
        "no log group of the command function",
        lacks(GROUP, COMMAND),
        "The command function has a log group of ours",
    ),
    service(
        "no log group of the query function",
        lacks(GROUP, QUERY),
        "The query function has a log group of ours",
    ),
    service(
        "no log group of the projector",
        lacks(GROUP, PROJECT),
        "The projector has a log group of ours",
    ),
    service("no log group of the API", lacks(GROUP, ".api"), "The API has a log group of ours"),
]
