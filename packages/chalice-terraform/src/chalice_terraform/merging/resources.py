"""Translates each resource of an app into blocks of the stack, by a table of all known types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from . import domains, events, functions, websockets
from .context import Context
from .limits import check_block
from .model import Block, Resource
from .shared import RETENTION
from .translation import Handler, keep


def resource_blocks(context: Context, of_api: Mapping[str, Handler]) -> Iterator[Block]:
    """Return the blocks of all resources of the app. ``of_api`` translates those of its API.

    A type that has no handler is a problem.
    """
    handlers = {**HANDLERS, **of_api}
    for kind, named in sorted(context.app.resources.items()):
        for name, body in sorted(named.items()):
            yield from _translated(context, Resource(kind, name, body), handlers.get(kind))


def _translated(context: Context, resource: Resource, handler: Handler | None) -> Iterator[Block]:
    if handler is None:
        context.problems.add(
            context.where(resource),
            "the merge does not support this type of resource; define it in a hand-written .tf "
            "file beside the merged one",
        )
        return
    origin = context.where(resource)
    for block in handler(context, resource):
        check_block(origin, block, context.problems)
        yield replace(block, origins=(origin, *block.origins))


def _refuse_log_group(context: Context, resource: Resource) -> Iterator[Block]:
    context.problems.add(
        context.where(resource),
        f"the merge creates all log groups; set the variable {RETENTION} instead of "
        "Chalice's setting",
    )
    yield from ()


HANDLERS: Mapping[str, Handler] = {
    "aws_apigatewayv2_api": keep,
    "aws_apigatewayv2_api_mapping": keep,
    "aws_apigatewayv2_deployment": keep,
    "aws_apigatewayv2_domain_name": domains.websocket_domain_blocks,
    "aws_apigatewayv2_integration": websockets.integration_blocks,
    "aws_apigatewayv2_route": keep,
    "aws_apigatewayv2_stage": keep,
    "aws_cloudwatch_event_rule": events.rule_blocks,
    "aws_cloudwatch_event_target": keep,
    "aws_cloudwatch_log_group": _refuse_log_group,
    "aws_iam_role": keep,
    "aws_iam_role_policy": keep,
    "aws_lambda_event_source_mapping": events.mapping_blocks,
    "aws_lambda_function": functions.function_blocks,
    "aws_lambda_layer_version": functions.layer_blocks,
    "aws_s3_bucket_notification": events.notification_blocks,
    "aws_sns_topic_subscription": events.subscription_blocks,
}
"""From each resource type that all kinds of API leave alone to the function that translates it."""
