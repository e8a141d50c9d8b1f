"""How the AWS provider names what it imports: an id for each type of resource.

The formats are those of the section Import in the provider's documentation of each type, at
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/TYPE, where TYPE has no
``aws_``. Versions 5 and 6 have the same formats.
"""

from __future__ import annotations

from collections.abc import Mapping

from .model import JsonObject

IMPORT_IDS: Mapping[str, str] = {
    "aws_api_gateway_base_path_mapping": "{domain_name}/{base_path}",
    "aws_api_gateway_domain_name": "{domain_name}",
    "aws_api_gateway_rest_api": "{id}",
    "aws_api_gateway_stage": "{rest_api_id}/{stage_name}",
    "aws_apigatewayv2_api": "{id}",
    "aws_apigatewayv2_api_mapping": "{id}/{domain_name}",
    "aws_apigatewayv2_deployment": "{api_id}/{id}",
    "aws_apigatewayv2_domain_name": "{domain_name}",
    "aws_apigatewayv2_integration": "{api_id}/{id}",
    "aws_apigatewayv2_route": "{api_id}/{id}",
    "aws_apigatewayv2_stage": "{api_id}/{name}",
    "aws_cloudwatch_event_rule": "{name}",
    "aws_cloudwatch_event_target": "{rule}/{target_id}",
    "aws_cloudwatch_log_group": "{name}",
    "aws_iam_role": "{name}",
    "aws_iam_role_policy": "{role}:{name}",
    "aws_lambda_event_source_mapping": "{uuid}",
    "aws_lambda_function": "{function_name}",
    "aws_lambda_layer_version": "{arn}",
    "aws_lambda_permission": "{function_name}/{statement_id}",
    "aws_s3_bucket_notification": "{bucket}",
    "aws_sns_topic_subscription": "{arn}",
}
"""From the type to its id, in which ``{name}`` stands for the resource's attribute."""


def import_id(kind: str, attributes: JsonObject) -> str:
    """Return the id with which the provider imports the resource with these attributes.

    Raises ``KeyError`` for a type that is not in the table, or an attribute that is missing.
    """
    given = {name: "" if value is None else str(value) for name, value in attributes.items()}
    if kind == "aws_api_gateway_base_path_mapping":
        given.setdefault("base_path", "")
    return IMPORT_IDS[kind].format_map(given)
