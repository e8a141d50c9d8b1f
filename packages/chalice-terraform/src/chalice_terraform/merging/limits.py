"""AWS's limits that Terraform's plan does not see, or would report without the app and setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .model import Block, Problems, Where

_API_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_HTTP_QUOTAS = f"{_API_GUIDE}/http-api-quotas.html"
_HTTP_REFERENCE = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html"
_LAMBDA_QUOTAS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
_LAMBDA_REFERENCE = "https://docs.aws.amazon.com/lambda/latest/api"
_EVENTS_REFERENCE = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"
_IAM_QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"


def _text(value: Any) -> int | None:
    """Return the length of text that AWS gets as it is here."""
    return len(value) if isinstance(value, str) and "${" not in value else None


def _list(value: Any) -> int | None:
    return len(value) if isinstance(value, (list, tuple)) else None


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return int(value) if value.isdecimal() and len(value) < 20 else None
    return value if isinstance(value, (int, float)) else None


def _policy(value: Any) -> int | None:
    """Return the size of a policy, in which IAM does not count white space."""
    return _text("".join(value.split())) if isinstance(value, str) else None


def _variables(value: Any) -> int | None:
    """Return the bytes of environment variables, at least: references count as nothing."""
    if not isinstance(value, dict):
        return None
    texts = [text for pair in value.items() for text in pair if "${" not in str(text)]
    return sum(len(str(text).encode()) for text in texts)


Measure = Callable[[Any], Any]


@dataclass(frozen=True)
class Limit:
    """The largest and smallest measure of a value, what it counts, and where AWS says so."""

    maximum: int
    unit: str
    measure: Measure
    source: str
    minimum: int = 0

    def exceeded_by(self, value: Any) -> str:
        """Return how the value exceeds the limit, empty if it does not."""
        measured = self.measure(value)
        if measured is None or self.minimum <= measured <= self.maximum:
            return ""
        unit = f" {self.unit}" if self.unit else ""
        if measured > self.maximum:
            return f"{measured}{unit}, and AWS allows {self.maximum}"
        return f"{measured}{unit}, and AWS requires {self.minimum}"


_AUTHORIZER_CACHE = Limit(3600, "seconds", _number, _HTTP_REFERENCE)
_SCOPES = Limit(10, "scopes", _list, _HTTP_QUOTAS)
# The same for HTTP APIs and REST APIs, whose routes are resources. AWS raises them on request.
ROUTES_QUOTA = 300
AUTHORIZERS_QUOTA = 10

CORS_MAX_AGE = 86_400
"""Seconds: see ``maxAge`` in the reference of HTTP APIs, ``-1`` disables caching."""

LIMITS: Mapping[str, Mapping[str, Limit]] = {
    "aws_apigatewayv2_authorizer": {
        "authorizer_result_ttl_in_seconds": _AUTHORIZER_CACHE,
        "jwt_configuration.audience": Limit(50, "audiences", _list, _HTTP_QUOTAS),
        "name": Limit(128, "characters", _text, _HTTP_REFERENCE),
    },
    "aws_cloudwatch_event_rule": {
        "description": Limit(512, "characters", _text, _EVENTS_REFERENCE),
        "event_pattern": Limit(4096, "characters", _text, _EVENTS_REFERENCE),
        "name": Limit(64, "characters", _text, _EVENTS_REFERENCE),
        "schedule_expression": Limit(256, "characters", _text, _EVENTS_REFERENCE),
    },
    "aws_cloudwatch_event_target": {
        "target_id": Limit(64, "characters", _text, _EVENTS_REFERENCE),
    },
    "aws_iam_role": {"name": Limit(64, "characters", _text, _IAM_QUOTAS)},
    "aws_iam_role_policy": {
        "name": Limit(128, "characters", _text, _IAM_QUOTAS),
        "policy": Limit(10_240, "characters without white space", _policy, _IAM_QUOTAS),
    },
    "aws_lambda_event_source_mapping": {
        "batch_size": Limit(10_000, "", _number, _LAMBDA_REFERENCE, minimum=1),
        "maximum_batching_window_in_seconds": Limit(300, "seconds", _number, _LAMBDA_REFERENCE),
        "scaling_config.maximum_concurrency": Limit(
            1000, "", _number, _LAMBDA_REFERENCE, minimum=2
        ),
    },
    "aws_lambda_function": {
        "environment.variables": Limit(4096, "bytes", _variables, _LAMBDA_QUOTAS),
        "function_name": Limit(64, "characters", _text, _LAMBDA_REFERENCE),
        "handler": Limit(128, "characters", _text, _LAMBDA_REFERENCE),
        "layers": Limit(5, "layers", _list, _LAMBDA_QUOTAS),
        "memory_size": Limit(10_240, "MB", _number, _LAMBDA_QUOTAS, minimum=128),
        "reserved_concurrent_executions": Limit(10**9, "", _number, _LAMBDA_REFERENCE),
        "timeout": Limit(900, "seconds", _number, _LAMBDA_QUOTAS, minimum=1),
        "vpc_config.security_group_ids": Limit(5, "groups", _list, _LAMBDA_REFERENCE),
        "vpc_config.subnet_ids": Limit(16, "subnets", _list, _LAMBDA_REFERENCE),
    },
    "aws_lambda_permission": {"statement_id": Limit(100, "characters", _text, _LAMBDA_REFERENCE)},
}
"""From a type of resource and an argument to its limit. They cannot be raised."""


def check_block(where: Where, block: Block, problems: Problems) -> None:
    """Report the arguments of a block that exceed a limit, if it is a resource."""
    kind = block.path[1] if block.path[0] == "resource" else ""
    for argument, limit in LIMITS.get(kind, {}).items():
        value: Any = block.body
        for name in argument.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        _report(where, argument, limit, value, problems)


def check_scopes(where: Where, scopes: Sequence[str], problems: Problems) -> None:
    """Report a route of an HTTP API with more scopes than one may have."""
    _report(where, "it", _SCOPES, scopes, problems)


def check_cache(where: Where, seconds: Any, problems: Problems) -> None:
    """Report an authorizer of a REST API that keeps its responses for too long."""
    _report(where, "authorizerResultTtlInSeconds", _AUTHORIZER_CACHE, seconds, problems)


def _report(where: Where, thing: str, limit: Limit, value: Any, problems: Problems) -> None:
    exceeded = limit.exceeded_by(value)
    if exceeded:
        verb = "has" if limit.measure is not _number else "is"
        problems.add(where, f"{thing} {verb} {exceeded} ({limit.source}); change it in the app")
