"""The shape of what Chalice writes: its template, each resource and its Swagger document.

See ``TerraformGenerator`` in Chalice's package.py, and swagger.py. What has another shape is a
problem, never left out. Chalice 1.29 to 1.34 write the same, but that the older ones leave out what
is optional here: the architectures, and the ``scaling_config`` of a queue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import Any

from .shapes import ANYTHING, EACH, FLAG, NAME, NUMBER, TEXT, TEXTS, Leaf, Shape, or_null

SWAGGER = "chalice_api_swagger"
"""The local value that has the Swagger document."""

_PROVIDER: Shape = {"version?": TEXT, "source?": TEXT}

TEMPLATE: Shape = {
    "data?": {
        "aws_caller_identity?": {"chalice?": {}},
        "aws_partition?": {"chalice?": {}},
        "aws_region?": {"chalice?": {}},
        "null_data_source?": {"chalice?": {"inputs?": {"app?": NAME, "stage?": NAME}}},
    },
    "locals?": {f"{SWAGGER}?": TEXT},
    "output?": {EACH: {"value": ANYTHING}},
    "resource?": {EACH: {EACH: {EACH: ANYTHING}}},
    "terraform?": {
        "required_version?": TEXT,
        "required_providers?": {"aws?": _PROVIDER, "null?": _PROVIDER},
    },
}


def output_shape(addresses: Set[str]) -> Shape:
    """Return the shape of an output: see ``resource_shapes`` for ``addresses``."""
    own = re.compile(r"(?<![\w.-])aws_\w+\.[\w-]+")

    def accepts(value: Any) -> bool:
        return isinstance(value, str) and addresses >= set(own.findall(value))

    return {"value": Leaf("text that refers to this app only", accepts)}


def resource_shapes(addresses: Set[str]) -> Mapping[str, Mapping[str, Shape]]:
    """Return the arguments of each type of resource that Chalice writes.

    ``addresses`` are those of the app's resources: some arguments must refer to one of them.
    """

    def own(kind: str) -> Leaf:
        return _reference(kind, addresses)

    http_or_websocket_api = own("aws_apigatewayv2_api")
    function = own("aws_lambda_function")
    rest_api = own("aws_api_gateway_rest_api")
    websocket_domain: Shape = {
        "certificate_arn": NAME,
        "endpoint_type": TEXT,
        "security_policy?": TEXT,
    }
    return {
        "aws_api_gateway_base_path_mapping": {
            "api_id": rest_api,
            "domain_name": NAME,
            "stage_name": NAME,
        },
        "aws_api_gateway_deployment": {
            "lifecycle": {EACH: FLAG},
            "rest_api_id": rest_api,
            "stage_description": TEXT,
            "stage_name": NAME,
        },
        "aws_api_gateway_domain_name": {
            "certificate_arn?": NAME,
            "domain_name": NAME,
            "endpoint_configuration": {"types": [TEXT]},
            "regional_certificate_arn?": NAME,
            "security_policy?": TEXT,
            "tags?": {EACH: TEXT},
        },
        "aws_api_gateway_rest_api": {
            "binary_media_types": [TEXT],
            "body": _exactly(f"${{local.{SWAGGER}}}"),
            "endpoint_configuration": {"types": [TEXT]},
            "minimum_compression_size?": NUMBER,
            "name": NAME,
            "policy?": TEXT,
        },
        "aws_apigatewayv2_api": {
            "name": NAME,
            "protocol_type": _exactly("WEBSOCKET"),
            "route_selection_expression": TEXT,
        },
        "aws_apigatewayv2_api_mapping": {
            "api_id": http_or_websocket_api,
            "domain_name": own("aws_apigatewayv2_domain_name"),
            "stage": own("aws_apigatewayv2_stage"),
        },
        "aws_apigatewayv2_deployment": {
            "api_id": http_or_websocket_api,
            "depends_on": [own("aws_apigatewayv2_route")],
        },
        "aws_apigatewayv2_domain_name": {
            "domain_name": NAME,
            "domain_name_configuration": websocket_domain,
            "tags?": {EACH: TEXT},
        },
        "aws_apigatewayv2_integration": {
            "api_id": http_or_websocket_api,
            "connection_type": TEXT,
            "content_handling_strategy": TEXT,
            "integration_type": TEXT,
            "integration_uri": function,
        },
        "aws_apigatewayv2_route": {
            "api_id": http_or_websocket_api,
            "route_key": NAME,
            "target": own("aws_apigatewayv2_integration"),
        },
        "aws_apigatewayv2_stage": {
            "api_id": http_or_websocket_api,
            "deployment_id": own("aws_apigatewayv2_deployment"),
            "name": NAME,
        },
        "aws_cloudwatch_event_rule": {
            "description?": or_null(TEXT),
            "event_pattern?": NAME,
            "name": NAME,
            "schedule_expression?": NAME,
        },
        "aws_cloudwatch_event_target": {
            "arn": function,
            "rule": own("aws_cloudwatch_event_rule"),
            "target_id": NAME,
        },
        "aws_iam_role": {"assume_role_policy": NAME, "name": NAME},
        "aws_iam_role_policy": {"name": NAME, "policy": NAME, "role": own("aws_iam_role")},
        "aws_lambda_event_source_mapping": {
            "batch_size": NUMBER,
            "event_source_arn": NAME,
            "function_name": function,
            "maximum_batching_window_in_seconds": NUMBER,
            "scaling_config?": {"maximum_concurrency": NUMBER},
            "starting_position?": TEXT,
        },
        "aws_lambda_function": {
            "architectures?": [TEXT],
            "environment?": {"variables": {EACH: TEXT}},
            "filename": NAME,
            "function_name": NAME,
            "handler": NAME,
            "layers?": [NAME],
            "memory_size": NUMBER,
            "reserved_concurrent_executions?": NUMBER,
            "role": NAME,
            "runtime": NAME,
            "source_code_hash": TEXT,
            "tags": {EACH: TEXT},
            "timeout": NUMBER,
            "tracing_config?": {"mode": TEXT},
            "vpc_config?": {"security_group_ids": [NAME], "subnet_ids": [NAME]},
        },
        "aws_lambda_layer_version": {
            "compatible_architectures?": [TEXT],
            "compatible_runtimes": [TEXT],
            "filename": NAME,
            "layer_name": NAME,
            "source_code_hash?": TEXT,
        },
        "aws_lambda_permission": {
            "action": TEXT,
            "function_name": function,
            "principal": NAME,
            "source_account?": NAME,
            "source_arn": NAME,
            "statement_id?": NAME,
        },
        "aws_s3_bucket_notification": {
            "bucket": NAME,
            "lambda_function": [
                {
                    "events": [TEXT],
                    "filter_prefix?": TEXT,
                    "filter_suffix?": TEXT,
                    "lambda_function_arn": function,
                }
            ],
        },
        "aws_sns_topic_subscription": {"endpoint": function, "protocol": TEXT, "topic_arn": NAME},
    }


_INTEGRATION: Shape = {
    "contentHandling?": TEXT,
    "httpMethod?": TEXT,
    "passthroughBehavior?": TEXT,
    "requestTemplates?": {EACH: TEXT},
    "responses?": {"default?": {"responseParameters?": {EACH: TEXT}, "statusCode?": TEXT}},
    "type": TEXT,
    "uri?": TEXT,
}
_OPERATION: Shape = {
    "consumes?": [TEXT],
    "description?": TEXT,
    "parameters?": [{EACH: ANYTHING}],
    "produces?": [TEXT],
    "responses?": {EACH: {EACH: ANYTHING}},
    "security?": [{EACH: [TEXT]}],
    "summary?": TEXT,
    "x-amazon-apigateway-integration?": _INTEGRATION,
}
# A user's own subclass of Authorizer may add anything: schemes.py says what an HTTP API takes.
_AUTHORIZER: Shape = {
    EACH: ANYTHING,
    "name?": NAME,
    "x-amazon-apigateway-authorizer?": {
        EACH: ANYTHING,
        "authorizerCredentials?": or_null(NAME),
        "authorizerResultTtlInSeconds?": or_null(NUMBER),
        "authorizerUri?": TEXT,
        "identitySource?": TEXTS,
        "jwtConfiguration?": {EACH: ANYTHING, "audience?": [NAME], "issuer?": TEXT},
        "providerARNs?": [NAME],
        "type": TEXT,
    },
}
API: Shape = {
    "definitions?": {EACH: {EACH: ANYTHING}},
    "info?": {EACH: TEXT},
    "paths": {EACH: {EACH: _OPERATION}},
    "schemes?": [TEXT],
    "securityDefinitions?": {EACH: _AUTHORIZER},
    "swagger": TEXT,
    "x-amazon-apigateway-binary-media-types?": [TEXT],
    "x-amazon-apigateway-endpoint-configuration?": {"vpcEndpointIds": [TEXT]},
    "x-amazon-apigateway-policy?": {EACH: ANYTHING},
}
"""The Swagger document."""


def part_of_api(path: tuple[str, ...]) -> tuple[str, int]:
    """Return what a part of the Swagger document is about, and how many keys of its path say so."""
    if path[:1] == ("paths",) and len(path) > 2:
        return f"{path[2].upper()} {path[1]}", 3
    if path[:1] == ("securityDefinitions",) and len(path) > 1:
        return f"authorizer {path[1]}", 2
    return "REST API", 0


def _exactly(text: str) -> Leaf:
    return Leaf(text, lambda value: bool(value == text))


def _reference(kind: str, addresses: Set[str]) -> Leaf:
    """Return the shape of text that refers to resources of this type, all of them the app's."""
    address = re.compile(rf"(?<![\w.-]){kind}\.[\w-]+")

    def accepts(value: Any) -> bool:
        found = address.findall(value) if isinstance(value, str) else []
        return bool(found) and addresses >= set(found)

    return Leaf(f"a reference to {kind} in this app", accepts)
