"""Event sources: they stay as Chalice made them, and wait for what they need."""

import re
from collections.abc import Iterator

from .app import App
from .functions import role_policies
from .model import Block, JsonObject, Problems, resource

_ARN_IN_ARN = re.compile(r"arn:.*:(\$\{[^{}]+\.arn\})")


def mapping_blocks(app: App, name: str, body: JsonObject, problems: Problems) -> Iterator[Block]:
    """A queue's or stream's mapping; its function's role must be let read before."""
    _check_arn(
        app.where_is("aws_lambda_event_source_mapping", name),
        body.get("event_source_arn", ""),
        problems,
    )
    policies = role_policies(app.of_type("aws_lambda_function"), body.get("function_name", ""))
    yield resource(
        "aws_lambda_event_source_mapping",
        name,
        body | ({"depends_on": policies} if policies else {}),
    )


def subscription_blocks(
    app: App, name: str, body: JsonObject, problems: Problems
) -> Iterator[Block]:
    """A topic's subscription."""
    _check_arn(
        app.where_is("aws_sns_topic_subscription", name), body.get("topic_arn", ""), problems
    )
    yield resource("aws_sns_topic_subscription", name, body)


def notification_blocks(app: App, name: str, body: JsonObject) -> Iterator[Block]:
    """A bucket's notifications; S3 refuses those to a function that it may not call yet."""
    functions = {target["lambda_function_arn"] for target in body.get("lambda_function", [])}
    permissions = sorted(
        f"aws_lambda_permission.{permission}"
        for permission, given in app.of_type("aws_lambda_permission").items()
        if given.get("function_name") in functions and given.get("principal", "").startswith("s3.")
    )
    yield resource("aws_s3_bucket_notification", name, body | {"depends_on": permissions})


def rule_blocks(app: App, name: str, body: JsonObject) -> Iterator[Block]:
    """A schedule or an event's rule, named as `chalice deploy` does: with app and stage.

    Chalice's Terraform names it after its function alone, one name for all apps and stages.
    """
    rule = {key: value for key, value in body.items() if value is not None}
    rule["name"] = f"{app.title}-{app.stage}-{body.get('name')}"
    yield resource("aws_cloudwatch_event_rule", name, rule)


def _check_arn(where: str, arn: str, problems: Problems) -> None:
    inner = _ARN_IN_ARN.fullmatch(arn)
    if inner:
        problems.add(
            where,
            f"Chalice puts {inner.group(1)} into an ARN of its own: give the name, not the ARN",
        )
