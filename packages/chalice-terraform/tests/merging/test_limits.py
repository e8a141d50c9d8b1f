"""AWS's limits that no plan sees are problems that name app, setting and limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalice_terraform.merging import Options, Source, merge
from harness.mutations import changed
from harness.random_apps import EVERYTHING, package_in_process
from harness.reading import problems

TEMPLATE = package_in_process("shop", EVERYTHING)
AUDIENCES = {"cognito": ["client"]}
FUNCTION = ["resource", "aws_lambda_function", "function"]
SWAGGER = ["locals", "chalice_api_swagger"]
CUSTOM = [*SWAGGER, "securityDefinitions", "custom", "x-amazon-apigateway-authorizer"]
JWT = [*SWAGGER, "securityDefinitions", "jwt2", "x-amazon-apigateway-authorizer"]


def shop(*path: Any, to: Any) -> Source:
    return Source("shop", changed(TEMPLATE, *path, to=to))


@pytest.mark.parametrize(
    ("path", "allowed", "refused", "expected"),
    [
        (
            ["resource", "aws_cloudwatch_event_rule", "cw-event", "name"],
            "n" * 55,  # after the prefix shop-dev-
            "n" * 56,
            "aws_cloudwatch_event_rule.cw-event: name has 65 characters, and AWS allows 64 (https:",
        ),
        (
            [*CUSTOM, "authorizerResultTtlInSeconds"],
            3600,
            3601,
            "authorizer custom: authorizer_result_ttl_in_seconds is 3601 seconds, and AWS allows",
        ),
        (
            [*JWT, "jwtConfiguration", "audience"],
            [str(number) for number in range(50)],
            [str(number) for number in range(51)],
            "authorizer jwt2: jwt_configuration.audience has 51 audiences, and AWS allows 50 (http",
        ),
        (
            [*SWAGGER, "paths", "/a/{proxy+}", "delete", "security"],
            [{"jwt2": [str(number) for number in range(10)]}],
            [{"jwt2": [str(number) for number in range(11)]}],
            "DELETE /a/{proxy+}: it has 11 scopes, and AWS allows 10 (https://docs.aws.amazon.com",
        ),
        (
            [*FUNCTION, "timeout"],
            900,
            901,
            "aws_lambda_function.function: timeout is 901 seconds, and AWS allows 900",
        ),
        (
            [*FUNCTION, "memory_size"],
            128,
            127,
            "aws_lambda_function.function: memory_size is 127 MB, and AWS requires 128",
        ),
        (
            [*FUNCTION, "layers"],
            ["arn"] * 5,
            ["arn"] * 6,
            "aws_lambda_function.function: layers has 6 layers, and AWS allows 5",
        ),
        (
            [*FUNCTION, "environment", "variables"],
            {"AB": "é" * 2047},
            {"AB": "é" * 2048},
            "aws_lambda_function.function: environment.variables has 4098 bytes, and AWS allows 4",
        ),
        (
            ["resource", "aws_lambda_event_source_mapping", "sqs-sqs-event-source", "batch_size"],
            "10000",
            "10001",
            "aws_lambda_event_source_mapping.sqs-sqs-event-source: batch_size is 10001, and AWS",
        ),
        (
            ["resource", "aws_iam_role_policy", "default-role", "policy"],
            "x" * 10_240 + " " * 99,
            "x" * 10_241,
            "aws_iam_role_policy.default-role: policy has 10241 characters without white space",
        ),
    ],
)
def test_a_limit_that_is_exceeded_is_a_problem(
    path: list[str], allowed: Any, refused: Any, expected: str
) -> None:
    merge([shop(*path, to=allowed)], Options(audiences=AUDIENCES))
    (problem,) = problems(shop(*path, to=refused), audiences=AUDIENCES)
    assert problem.startswith(f"app shop: {expected}")
    assert problem.endswith("); change it in the app")


@pytest.mark.parametrize("setting", ["timeout", "memory_size"])
def test_a_limit_does_not_count_a_reference(setting: str) -> None:
    merge([shop(*FUNCTION, setting, to="${var.any}")], Options(audiences=AUDIENCES))


def test_an_authorizer_of_a_kept_rest_api_has_the_same_limit() -> None:
    template = package_in_process("shop", EVERYTHING_BUT_JWT)
    path = ["authorizerResultTtlInSeconds"]
    source = Source("shop", changed(template, *CUSTOM, *path, to=3601))
    (problem,) = problems(source, api="rest")
    assert problem.startswith("app shop: authorizer custom: authorizerResultTtlInSeconds is 3601 s")


@pytest.mark.parametrize("api", ["http", "rest"])
def test_a_greedy_parameter_must_be_the_last_segment(api: str) -> None:
    template = package_in_process("shop", EVERYTHING_BUT_JWT)
    operation = {
        "get": {
            "x-amazon-apigateway-integration": {
                "type": "aws_proxy",
                "uri": "${aws_lambda_function.api_handler.invoke_arn}",
            }
        }
    }
    source = Source("shop", changed(template, *SWAGGER, "paths", "/{proxy+}/b", to=operation))
    audiences = AUDIENCES if api == "http" else {}
    (problem,) = problems(source, api=api, audiences=audiences)
    assert problem == (
        "app shop: /{proxy+}/b: a greedy parameter must be the last segment of a path; end the "
        "path after it"
    )


EVERYTHING_BUT_JWT = replace(
    EVERYTHING, routes=tuple(it for it in EVERYTHING.routes if it.authorizer != "jwt2")
)
