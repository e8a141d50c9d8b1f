"""Assembles the blocks of all stages into one template, and checks that no two of them clash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .model import Block, JsonObject, Problems, in_apps
from .references import references_in
from .renaming import ACCOUNT_ID

# What must be unique in an AWS account and region, however Terraform names the resource.
_UNIQUE: Mapping[str, str] = {
    "aws_api_gateway_domain_name": "domain_name",
    "aws_apigatewayv2_domain_name": "domain_name",
    "aws_cloudwatch_event_rule": "name",
    "aws_iam_role": "name",
    "aws_lambda_function": "function_name",
    "aws_s3_bucket_notification": "bucket",
}


def assemble(blocks: Iterable[Block], problems: Problems) -> JsonObject:
    """Return the template with these blocks, and with the data sources that they refer to.

    Reports blocks that Terraform or AWS would take for the same thing.
    """
    template: JsonObject = {}
    seen: set[tuple[str, ...]] = set()
    for block in blocks:
        if block.path in seen:
            problems.add(".".join(block.path), "two things would have this name; rename one")
        seen.add(block.path)
        _put(template, block)
    for block in _lookups(template):
        _put(template, block)
    _check_unique(template, problems)
    return template


def _put(template: JsonObject, block: Block) -> None:
    parent = template
    for part in block.path[:-1]:
        parent = parent.setdefault(part, {})
    parent[block.path[-1]] = block.body


def _lookups(template: JsonObject) -> Iterator[Block]:
    """Yield the data sources and local values that the template refers to."""
    used = references_in(template)
    if any(traversal.startswith("data.aws_partition.chalice") for traversal in used):
        yield Block(("data", "aws_partition", "chalice"), {})
    if any(traversal.startswith("data.aws_service.lambda") for traversal in used):
        yield Block(("data", "aws_service", "lambda"), {"service_id": "lambda"})
    if ACCOUNT_ID in used:
        yield from _account_id()


def _account_id() -> Iterator[Block]:
    """Yield the account id: the variable's or, without one, what AWS reports.

    With the variable, a plan needs no access to AWS.
    """
    looked_up = "one(data.aws_caller_identity.chalice[*].account_id)"
    value = f"${{var.account_id == null ? {looked_up} : var.account_id}}"
    yield Block(
        ("data", "aws_caller_identity", "chalice"),
        {"count": "${var.account_id == null ? 1 : 0}"},
    )
    yield Block(("locals", ACCOUNT_ID.removeprefix("local.")), value)
    valid = 'var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))'
    yield Block(
        ("variable", "account_id"),
        {
            "default": None,
            "description": "Id of the AWS account. Without it, a plan looks it up in AWS.",
            "type": "string",
            "validation": [
                {
                    "condition": f"${{{valid}}}",
                    "error_message": "account_id must have 12 digits.",
                }
            ],
        },
    )


def _check_unique(template: JsonObject, problems: Problems) -> None:
    for kind, argument in _UNIQUE.items():
        owners: dict[str, str] = {}
        for name, body in sorted(template.get("resource", {}).get(kind, {}).items()):
            value = body.get(argument)
            other = owners.setdefault(value, name)
            if other != name and value is not None:
                problems.add(
                    in_apps(other.partition("_")[0], name.partition("_")[0]),
                    f"two {kind} resources have the same {argument}, {value}; change app_name or "
                    "stage of one app, or declare the resource in one app only",
                )
