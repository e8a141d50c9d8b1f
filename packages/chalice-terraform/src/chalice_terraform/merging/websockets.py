"""WebSocket APIs: they stay, with references instead of the ARNs that Chalice composes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .context import Context
from .model import Block, Resource

_INTEGRATION = re.compile(r"arn:.+:function:\$\{(aws_lambda_function\.[\w-]+)\.function_name\}.+")
_EXECUTION = re.compile(r"arn:.+:execute-api:.+:\$\{(aws_apigatewayv2_api\.[\w-]+)\.id\}/\*")


def integration_blocks(_: Context, resource: Resource) -> Iterator[Block]:
    """Refer to the function's ``invoke_arn``: the same ARN, without the account's id."""
    uri = resource.body["integration_uri"]
    yield resource.block(integration_uri=_INTEGRATION.sub(r"${\1.invoke_arn}", uri))


def permission_blocks(_: Context, resource: Resource) -> Iterator[Block]:
    """Refer to the API's ``execution_arn``: the same ARN, without the account's id."""
    if "source_arn" not in resource.body:
        yield resource.block()
        return
    arn = _EXECUTION.sub(r"${\1.execution_arn}/*", resource.body["source_arn"])
    yield resource.block(source_arn=arn)
