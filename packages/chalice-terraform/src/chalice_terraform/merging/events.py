"""Event sources: they stay as Chalice wrote them, and wait for the permissions they need."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .context import Context
from .functions import role_policies
from .model import Block, Resource

_ARN_IN_ARN = re.compile(r"arn:.*:(\$\{[^{}]+\.arn\})")


def mapping_blocks(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the mapping of a queue or stream, to be created after its function's role policy."""
    _check_arn(context, resource, "event_source_arn")
    policies = role_policies(context.app, resource.body["function_name"])
    yield resource.block(**({"depends_on": policies} if policies else {}))


def subscription_blocks(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the subscription to a topic."""
    _check_arn(context, resource, "topic_arn")
    yield resource.block()


def notification_blocks(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the notifications of a bucket, to be created after the permissions to call.

    S3 rejects a notification to a function that it may not call yet.
    """
    functions = {target["lambda_function_arn"] for target in resource.body["lambda_function"]}
    permissions = sorted(
        f"aws_lambda_permission.{name}"
        for name, body in context.app.of_type("aws_lambda_permission").items()
        if body["function_name"] in functions and body["principal"].startswith("s3.")
    )
    yield resource.block(depends_on=permissions)


def rule_blocks(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the rule of a schedule or event, named after app, stage and function.

    ``chalice deploy`` names it so too; Chalice's Terraform uses the function's name alone, which is
    the same in all apps and stages.
    """
    app = context.app
    rule = {key: value for key, value in resource.body.items() if value is not None}
    rule["name"] = f"{app.title}-{app.stage}-{resource.body['name']}"
    yield Resource(resource.kind, resource.name, rule).block()


def _check_arn(context: Context, resource: Resource, argument: str) -> None:
    inner = _ARN_IN_ARN.fullmatch(resource.body[argument])
    if inner:
        context.problems.add(
            context.where(resource),
            f"Chalice builds an ARN around {inner.group(1)}; give the name, not the ARN",
        )
