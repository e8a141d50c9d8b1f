"""Mistakes in the bucket of states and in GitHub's roles."""

import json
from typing import Any

from tests.infrastructure.compliance.mutation import Mutation, bootstrap
from tests.infrastructure.compliance.plans import Change, JsonObject, lacks, sets

BUCKET = "aws_s3_bucket"
ROLE = "aws_iam_role"
POLICY = "aws_iam_policy"
ROLE_POLICY = "aws_iam_role_policy"
ISSUER = "token.actions.githubusercontent.com"
APPLY = 'apply["staging"]'
PLAN = 'plan["staging"]'
READ = 'read["staging"]'
BOUNDARY = 'functions["staging"]'


def _statement(kind: str, of: str, sid: str, **changed: Any) -> Change:
    """Return a change of the statement that has this Sid."""

    def change(plan: JsonObject) -> None:
        resources = plan["planned_values"]["root_module"]["resources"]
        [planned] = [r for r in resources if r["type"] == kind and r["address"].endswith(of)]
        policy = json.loads(planned["values"]["policy"])
        [statement] = [each for each in policy["Statement"] if each["Sid"] == sid]
        statement |= changed
        sets(kind, "policy", json.dumps(policy), of=of)(plan)

    return change


def _trust(mistake: str, path: str, value: Any, *found_by: str) -> Mutation:
    path = f"{{}}assume_role_policy.Statement.0.{path}"
    return bootstrap(mistake, sets(ROLE, path, value, of='github["staging"]'), *found_by)


def _trusts(subject: str) -> JsonObject:
    return {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subject}


ONE_SUBJECT = "A role is for one environment of the repository, or for its pull requests"
IDENTITIES = "Of identities, an apply has only what functions' roles need"
NO_WILDCARD = "No role's policy allows actions by wildcard"
READS = "A plan reads configuration, and no data"

STATE = [
    bootstrap(
        "states without versions",
        sets(f"{BUCKET}_versioning", "versioning_configuration.0.status", "Suspended"),
        "What a state held before is kept",
    ),
    bootstrap(
        "old versions that never expire",
        lacks(f"{BUCKET}_lifecycle_configuration"),
        "Old versions of a state expire",
    ),
    bootstrap(
        "unencrypted states",
        lacks(f"{BUCKET}_server_side_encryption_configuration"),
        "States are encrypted",
    ),
    *(
        bootstrap(
            f"a bucket without {setting}",
            sets(f"{BUCKET}_public_access_block", setting, False),
            "The bucket of states is never public: <setting>",
        )
        for setting in ("block_public_acls", "restrict_public_buckets")
    ),
    bootstrap(
        "states in plain text on the network",
        sets(f"{BUCKET}_policy", "{}policy.Statement.0.Condition", {}),
        "States travel over TLS only",
    ),
]

TRUST = [
    _trust(
        "a role for all branches",
        "Condition.StringEquals",
        _trusts("repo:owner/repo:*"),
        ONE_SUBJECT,
    ),
    _trust(
        "a role for all repositories of an owner",
        "Condition.StringEquals",
        _trusts("repo:owner/*:environment:staging"),
        ONE_SUBJECT,
    ),
    _trust(
        "a role that compares by pattern too",
        "Condition",
        {"StringEquals": _trusts("repo:owner/repo:pull_request"), "StringLike": {"a:sub": "*"}},
        "No trust policy compares by pattern",
    ),
    _trust(
        "a role for tokens of another audience",
        "Condition.StringEquals",
        {**_trusts("repo:owner/repo:pull_request"), f"{ISSUER}:aud": "other"},
        "Tokens were issued for AWS",
    ),
    _trust(
        "a role for another issuer",
        "Principal",
        {"Federated": "arn:aws:iam::000000000000:oidc-provider/issuer.example"},
        "Tokens were issued by GitHub",
    ),
    _trust(
        "a role that is assumed with other credentials",
        "Action",
        "sts:AssumeRole",
        "Roles are assumed with a token only",
    ),
]

PERMISSIONS = [
    bootstrap(
        "all actions of Lambda",
        _statement(ROLE_POLICY, APPLY, "WriteFunctions", Action=["lambda:*"]),
        NO_WILDCARD,
    ),
    bootstrap(
        "all actions of IAM",
        _statement(ROLE_POLICY, APPLY, "ManageRoles", Action=["iam:*"]),
        NO_WILDCARD,
        IDENTITIES,
    ),
    bootstrap(
        "a plan that reads everything",
        _statement(POLICY, READ, "ReadTables", Action=["dynamodb:*"]),
        "No managed policy allows actions by wildcard",
        READS,
    ),
    *(
        bootstrap(
            f"a plan that may {action}", _statement(POLICY, READ, sid, Action=[action]), READS
        )
        for sid, action in (
            ("ReadTables", "dynamodb:GetItem"),
            ("ReadTables", "dynamodb:UpdateTable"),
            ("ReadAlarmsAndLogs", "logs:GetLogEvents"),
            ("ReadQueuesAndTopics", "sqs:ReceiveMessage"),
            ("ListStates", "s3:PutObject"),
        )
    ),
    bootstrap(
        "a plan that reads every object",
        _statement(POLICY, READ, "ReadState", Resource="arn:aws:s3:::bucket/*"),
        "Of objects, a plan reads states only",
    ),
    bootstrap(
        "a plan that writes tables",
        _statement(ROLE_POLICY, PLAN, "PushImages", Action=["dynamodb:UpdateTable"]),
        "A plan writes only the state's lock and images",
    ),
    bootstrap(
        "a plan that writes states",
        _statement(ROLE_POLICY, PLAN, "LockState", Resource=["arn:aws:s3:::bucket/a.tfstate"]),
        "The state's lock is all of the bucket that a plan writes",
    ),
    *(
        bootstrap(
            f"an apply that may {action}",
            _statement(ROLE_POLICY, APPLY, "ManageRoles", Action=[action]),
            *found_by,
        )
        for action, *found_by in (
            ("iam:CreateAccessKey", IDENTITIES),
            ("iam:CreatePolicyVersion", IDENTITIES),
            ("iam:DeleteRolePermissionsBoundary", IDENTITIES),
            ("sts:AssumeRole", IDENTITIES),
            (
                "iam:AttachRolePolicy",
                IDENTITIES,
                "No other statement lets an apply give permissions",
            ),
            ("iam:PutRolePolicy", "No other statement lets an apply give permissions"),
            ("iam:PassRole", "No other statement lets an apply pass a role"),
        )
    ),
    bootstrap(
        "an apply that writes roles without a boundary",
        _statement(ROLE_POLICY, APPLY, "WriteRolesWithinBoundary", Condition={}),
        "An apply creates and changes roles only within a boundary",
    ),
    bootstrap(
        "an apply that writes roles within any boundary",
        _statement(
            ROLE_POLICY,
            APPLY,
            "WriteRolesWithinBoundary",
            Condition={"StringEquals": {"iam:PermissionsBoundary": "*"}},
        ),
        "An apply creates and changes roles only within a boundary",
    ),
    *(
        bootstrap(
            f"an apply that writes {resource}",
            _statement(ROLE_POLICY, APPLY, "WriteRolesWithinBoundary", Resource=[resource]),
            "The roles that an apply writes are those of functions",
        )
        for resource in (
            "arn:aws:iam::000000000000:role/*",
            "arn:aws:iam::000000000000:role/github-x-command-staging*",
        )
    ),
    bootstrap(
        "an apply that passes roles to any service",
        _statement(ROLE_POLICY, APPLY, "PassRolesToLambda", Condition={}),
        "Roles are passed to Lambda only",
    ),
    bootstrap(
        "an apply that opens functions to everybody",
        _statement(ROLE_POLICY, APPLY, "LetApiGatewayInvoke", Condition={}),
        "An apply lets nobody but API Gateway invoke a function",
    ),
    *(
        bootstrap(
            f"functions that may {action}",
            _statement(POLICY, BOUNDARY, "UseTables", Action=[action]),
            "The boundary of functions has no identities, no code and no tables themselves",
        )
        for action in ("iam:PutRolePolicy", "sts:AssumeRole", "dynamodb:DeleteTable")
    ),
]

BOOTSTRAP = [*STATE, *TRUST, *PERMISSIONS]
