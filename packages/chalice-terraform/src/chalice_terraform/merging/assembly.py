"""Assembles blocks into one template, and checks that no two of them clash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .model import Block, JsonObject, Problems, in_apps

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
    """Return the template with these blocks.

    Reports blocks that Terraform or AWS would take for the same thing.
    """
    template: JsonObject = {}
    seen: set[tuple[str, ...]] = set()
    for block in blocks:
        if block.path in seen:
            problems.add(".".join(block.path), "two things would have this name; rename one")
        seen.add(block.path)
        put(template, block)
    _check_unique(template, problems)
    return template


def put(template: JsonObject, block: Block) -> None:
    """Add the block to the template."""
    parent = template
    for part in block.path[:-1]:
        parent = parent.setdefault(part, {})
    parent[block.path[-1]] = block.body


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
