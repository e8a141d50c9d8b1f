"""Websocket APIs: they stay, with references where Chalice composes ARNs of them."""

import re

from .model import JsonObject

_INTEGRATION = re.compile(r"arn:.+:function:\$\{(aws_lambda_function\.[\w-]+)\.function_name\}.+")
_EXECUTION = re.compile(r"arn:.+:execute-api:.+:\$\{(aws_apigatewayv2_api\.[\w-]+)\.id\}/\*")


def integration_body(body: JsonObject) -> JsonObject:
    """The integration by its function's invoke_arn: the same ARN, without the account's id."""
    uri = _INTEGRATION.sub(r"${\1.invoke_arn}", body.get("integration_uri", ""))
    return body | {"integration_uri": uri}


def permission_body(body: JsonObject) -> JsonObject:
    """The permission by its API's execution_arn: the same ARN, without the account's id."""
    if "source_arn" not in body:
        return body
    return body | {"source_arn": _EXECUTION.sub(r"${\1.execution_arn}/*", body["source_arn"])}
