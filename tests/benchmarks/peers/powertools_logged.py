"""Powertools with validation and a line of log for each request, which ours writes too.

https://docs.powertools.aws.dev/lambda/python/latest/core/logger/
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from .powertools_validated import handler as respond
from .powertools_validated import logger


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Respond, and log."""
    response: dict[str, Any] = respond(event, context)
    logger.info("request", extra={"route": event["routeKey"], "status": response["statusCode"]})
    return response
