"""GitHub's roles on the emulator: who gets them, and what they may do.

The emulator enforces policies, trust policies and permissions boundaries.
``launcher.authorization`` names the resources and the condition keys that it lacks, as AWS
documents them; it compares no token's signature. What AWS checks besides (Lambda's reading of
images, API Gateway's delivery of access logs) is not seen here.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from core.config import PROJECT_NAME
from tests.e2e.containers import git
from tests.e2e.stack.deployed import Stack
from tests.e2e.stack.deployment import ACCOUNT, REPOSITORY
from tests.infrastructure.stack.planning import APP_NAMES
from tests.support.policies import Statements, allows, statements

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]

BUCKET = f"{PROJECT_NAME}-state-{ACCOUNT}-eu-central-1"
STATE = f"env:/staging/{PROJECT_NAME}/service.tfstate"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/{PROJECT_NAME}-staging-functions"
FUNCTION = f"{APP_NAMES['command']}-staging"
FUNCTION_ROLE = f"{FUNCTION}-probe"
READS = re.compile(r"[a-z0-9]+:(Describe|Get|List)\w+|apigateway:GET")
TRUSTED = f"repo:{REPOSITORY}:environment:"
EVERYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
BY_ANYBODY = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
)


def policies_of(stack: Stack, name: str) -> Statements:
    """Return the statements of all policies of a role."""
    iam, role = stack.client("iam"), f"github-{PROJECT_NAME}-{name}"
    documents = [
        iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = each["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        documents.append(found["Document"])
    return statements(map(json.dumps, documents))


def service_calls(stack: Stack) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield what the deployment of the service asked AWS for; the registry is not a role's."""
    for call in stack.calls:
        action, resource = call["action"], call["resource"]
        theirs = action.startswith("ecr:") or "/registry.tfstate" in resource
        if call["key"] == "test" and not theirs and action != "sts:GetCallerIdentity":
            yield action, resource, call["keys"]


def test_each_call_of_a_deployment_is_allowed_to_the_role_that_applies(stack: Stack) -> None:
    calls, policies = list(service_calls(stack)), policies_of(stack, "staging")
    assert {action.partition(":")[0] for action, *_ in calls} >= {
        *("apigateway", "cloudwatch", "dynamodb", "iam"),
        *("lambda", "logs", "s3", "sns", "sqs"),
    }
    assert [call for call in calls if not allows(policies, *call)] == []


def test_a_deployment_locks_its_state(stack: Stack) -> None:
    locks = [action for action, resource, _ in service_calls(stack) if resource.endswith(".tflock")]
    assert {"s3:PutObject", "s3:DeleteObject"} <= set(locks)


def test_a_pull_request_s_role_allows_the_calls_that_only_read_and_no_other(stack: Stack) -> None:
    policies = policies_of(stack, "pull-request")
    for call in service_calls(stack):
        reads = READS.fullmatch(call[0]) and not call[1].endswith(".tflock")
        assert allows(policies, *call) == bool(reads), call


def test_the_bootstrap_is_continued_on_another_machine_and_changes_nothing(
    stack: Stack, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(stack.deployment.root), str(clone))
    shown = stack.deployment.at(clone).make("bootstrap")
    assert "No changes." in shown
    assert git(clone, "status", "--porcelain", "terraform") == ""


@pytest.mark.parametrize(
    ("role", "subject", "audience"),
    [
        ("staging", f"{TRUSTED}staging-plan", "sts.amazonaws.com"),
        ("staging", f"{TRUSTED}production", "sts.amazonaws.com"),
        ("staging", f"repo:{REPOSITORY}:ref:refs/heads/main", "sts.amazonaws.com"),
        ("staging", f"repo:{REPOSITORY}:pull_request", "sts.amazonaws.com"),
        ("staging", "repo:evil/books:environment:staging", "sts.amazonaws.com"),
        ("staging", f"{TRUSTED}staging", "https://github.com/acme"),
        ("staging-plan", f"repo:{REPOSITORY}:pull_request", "sts.amazonaws.com"),
        ("pull-request", f"{TRUSTED}staging-plan", "sts.amazonaws.com"),
    ],
)
def test_a_role_is_refused_to_other_tokens(
    stack: Stack, role: str, subject: str, audience: str
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        stack.emulator.assume(
            f"arn:aws:iam::{ACCOUNT}:role/github-{PROJECT_NAME}-{role}", subject, audience
        )


DENIED: list[tuple[str, str, str, dict[str, Any]]] = [
    # state
    ("pull-request", "s3", "put_object", {"Bucket": BUCKET, "Key": f"{STATE}.tflock"}),
    ("staging-plan", "s3", "put_object", {"Bucket": BUCKET, "Key": STATE}),
    (
        "staging",
        "s3",
        "put_object",
        {"Bucket": BUCKET, "Key": STATE.replace("staging", "production")},
    ),
    ("staging", "s3", "delete_object", {"Bucket": BUCKET, "Key": STATE}),
    ("staging", "s3", "get_object", {"Bucket": BUCKET, "Key": f"{PROJECT_NAME}/bootstrap.tfstate"}),
    ("staging", "s3", "delete_bucket_policy", {"Bucket": BUCKET}),
    # data
    *(
        (role, "dynamodb", "scan", {"TableName": f"{PROJECT_NAME}-staging-events"})
        for role in ("pull-request", "staging-plan", "staging")
    ),
    # images
    ("pull-request", "ecr", "get_authorization_token", {}),
    (
        "staging",
        "ecr",
        "put_image",
        {"repositoryName": f"{PROJECT_NAME}/query", "imageManifest": "{}"},
    ),
    # another environment
    ("staging", "dynamodb", "delete_table", {"TableName": f"{PROJECT_NAME}-events"}),
    (
        "staging",
        "lambda",
        "delete_function",
        {"FunctionName": FUNCTION.replace("staging", "production")},
    ),
    # permissions
    (
        "staging",
        "iam",
        "create_role",
        {"RoleName": FUNCTION_ROLE, "AssumeRolePolicyDocument": BY_ANYBODY},
    ),
    (
        "staging",
        "iam",
        "create_role",
        {
            "RoleName": "another",
            "AssumeRolePolicyDocument": BY_ANYBODY,
            "PermissionsBoundary": BOUNDARY,
        },
    ),
    (
        "staging",
        "iam",
        "put_role_policy",
        {
            "RoleName": f"github-{PROJECT_NAME}-staging",
            "PolicyName": "more",
            "PolicyDocument": EVERYTHING,
        },
    ),
    (
        "staging",
        "iam",
        "create_policy_version",
        {"PolicyArn": BOUNDARY, "PolicyDocument": EVERYTHING},
    ),
    (
        "staging",
        "iam",
        "delete_role_permissions_boundary",
        {"RoleName": f"{FUNCTION}-api_handler"},
    ),
    (
        "staging",
        "lambda",
        "add_permission",
        {
            "FunctionName": FUNCTION,
            "StatementId": "everybody",
            "Action": "lambda:InvokeFunction",
            "Principal": "*",
        },
    ),
    (
        "staging",
        "lambda",
        "update_function_configuration",
        {
            "FunctionName": FUNCTION,
            "Role": f"arn:aws:iam::{ACCOUNT}:role/github-{PROJECT_NAME}-staging-plan",
        },
    ),
]


@pytest.mark.parametrize(
    ("role", "service", "operation", "arguments"),
    DENIED,
    ids=[f"{role} {operation} {number}" for number, (role, _, operation, _) in enumerate(DENIED)],
)
def test_a_role_may_not(
    stack: Stack, role: str, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    client = stack.emulator.client_of(service, stack.credentials_of(role))
    with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
        getattr(client, operation)(**arguments)


def test_a_role_that_an_apply_creates_has_no_more_than_its_boundary(stack: Stack) -> None:
    iam = stack.emulator.client_of("iam", stack.credentials_of("staging"))
    iam.create_role(
        RoleName=FUNCTION_ROLE,
        AssumeRolePolicyDocument=BY_ANYBODY,
        PermissionsBoundary=BOUNDARY,
    )
    iam.put_role_policy(RoleName=FUNCTION_ROLE, PolicyName="all", PolicyDocument=EVERYTHING)
    try:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{FUNCTION_ROLE}"
        granted = stack.client("sts").assume_role(RoleArn=arn, RoleSessionName="it")["Credentials"]
        probe = {
            "AWS_ACCESS_KEY_ID": granted["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": granted["SecretAccessKey"],
            "AWS_SESSION_TOKEN": granted["SessionToken"],
        }
        with pytest.raises(ClientError, match="AccessDenied"):
            stack.emulator.client_of("iam", probe).list_users()
        tables = stack.emulator.client_of("dynamodb", probe)
        tables.scan(TableName=f"{PROJECT_NAME}-staging-events", Limit=1)
        with pytest.raises(ClientError, match="AccessDenied"):
            tables.scan(TableName=f"{PROJECT_NAME}-events")
    finally:
        iam.delete_role_policy(RoleName=FUNCTION_ROLE, PolicyName="all")
        iam.delete_role(RoleName=FUNCTION_ROLE)
