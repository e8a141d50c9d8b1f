"""Translates each resource of an app into blocks of the stack, by a table of all known types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import domains, events, functions, websockets
from .context import Context
from .model import Block, Resource
from .translation import Handler, keep

# The arguments that Chalice 1.34 writes. Types that are refused as a whole are not among them.
_ARGUMENTS: Mapping[str, frozenset[str]] = {
    kind: frozenset(arguments.split())
    for kind, arguments in {
        "aws_api_gateway_base_path_mapping": "api_id domain_name stage_name",
        "aws_api_gateway_deployment": "lifecycle rest_api_id stage_description stage_name",
        "aws_api_gateway_domain_name": "certificate_arn domain_name endpoint_configuration"
        " regional_certificate_arn security_policy tags",
        "aws_api_gateway_rest_api": "binary_media_types body endpoint_configuration"
        " minimum_compression_size name policy",
        "aws_apigatewayv2_api": "name protocol_type route_selection_expression",
        "aws_apigatewayv2_api_mapping": "api_id domain_name stage",
        "aws_apigatewayv2_deployment": "api_id depends_on",
        "aws_apigatewayv2_domain_name": "domain_name domain_name_configuration tags",
        "aws_apigatewayv2_integration": "api_id connection_type content_handling_strategy"
        " integration_type integration_uri",
        "aws_apigatewayv2_route": "api_id route_key target",
        "aws_apigatewayv2_stage": "api_id deployment_id name",
        "aws_cloudwatch_event_rule": "description event_pattern name schedule_expression",
        "aws_cloudwatch_event_target": "arn rule target_id",
        "aws_iam_role": "assume_role_policy name",
        "aws_iam_role_policy": "name policy role",
        "aws_lambda_event_source_mapping": "batch_size event_source_arn function_name"
        " maximum_batching_window_in_seconds scaling_config starting_position",
        "aws_lambda_function": "architectures environment filename function_name handler layers"
        " memory_size reserved_concurrent_executions role runtime source_code_hash tags timeout"
        " tracing_config vpc_config",
        "aws_lambda_layer_version": "compatible_architectures compatible_runtimes filename"
        " layer_name source_code_hash",
        "aws_lambda_permission": "action function_name principal source_account source_arn"
        " statement_id",
        "aws_s3_bucket_notification": "bucket lambda_function",
        "aws_sns_topic_subscription": "endpoint protocol topic_arn",
    }.items()
}


def resource_blocks(context: Context, of_api: Mapping[str, Handler]) -> Iterator[Block]:
    """Return the blocks of all resources of the app. ``of_api`` translates those of its API.

    A type or an argument that the tables do not name is a problem.
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
    if resource.kind in _ARGUMENTS:
        where, known = context.where(resource), _ARGUMENTS[resource.kind]
        context.problems.add_unsupported(where, resource.body, known)
    yield from handler(context, resource)


def _refuse_log_group(context: Context, resource: Resource) -> Iterator[Block]:
    context.problems.add(
        context.where(resource),
        f"the merge creates all log groups; set the variable {functions.RETENTION} instead of "
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
