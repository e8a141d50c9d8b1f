"""The merge reports everything that it does not support, and leaves nothing out silently."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalice_terraform.merging import Source
from chalice_terraform.merging.resources import HANDLERS
from harness.chalice_apps import ROLE
from harness.reading import problems

ZIPPED = {"filename": "${path.module}/deployment.zip"}
CHALICE = {"null_data_source": {"chalice": {"inputs": {"app": "odd", "stage": "dev"}}}}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"module": {}}, "app odd: module"),
        ({"locals": {"more": 1}}, "app odd: local.more"),
        ({"terraform": {"backend": {}}}, "app odd: terraform.backend"),
        (
            {"terraform": {"required_providers": {"x": {}}}},
            "app odd: terraform.required_providers.x",
        ),
        ({"data": {"aws_ami": {"a": {}}}}, "app odd: data.aws_ami.a"),
        ({"output": {"a": {"value": 1, "sensitive": True}}}, "app odd: output.a.sensitive"),
        ({"resource": {"aws_sqs_queue": {"q": {}}}}, "app odd: aws_sqs_queue.q"),
        ({"resource": {"aws_iam_role": {"r": {"path": "/"}}}}, "app odd: aws_iam_role.r"),
        (
            {"resource": {"aws_lambda_function": {"f": {**ZIPPED, "publish": True}}}},
            "app odd: aws_lambda_function.f: the merge does not support publish",
        ),
        (
            {"resource": {"aws_lambda_function": {"f": {"filename": "other.zip"}}}},
            "app odd: aws_lambda_function.f: its file must be one of deployment.zip, layer-",
        ),
        (
            {"resource": {"aws_lambda_layer_version": {"l": {}}}},
            "app odd: aws_lambda_layer_version.l: its file must be one of deployment.zip, layer-",
        ),
        (
            {"resource": {"aws_cloudwatch_log_group": {"f-log-group": {}}}},
            "app odd: aws_cloudwatch_log_group.f-log-group: the merge creates all log groups",
        ),
        ({"locals": {"chalice_api_swagger": "{"}}, "app odd: local.chalice_api_swagger"),
        ({"resource": []}, "app odd: template: not as Chalice writes it"),
        ({"resource": {"aws_iam_role": {"r": 1}}}, "app odd: template: not as Chalice"),
    ],
)
def test_unsupported_input_is_a_problem(change: dict[str, Any], expected: str) -> None:
    template = {**change, "data": {**CHALICE, **change.get("data", {})}}
    (problem,) = problems(Source("odd", template))
    assert problem.startswith(expected)


@pytest.mark.parametrize("kind", HANDLERS)
def test_an_unsupported_argument_of_any_type_is_a_problem(kind: str) -> None:
    body = ZIPPED if kind in ("aws_lambda_function", "aws_lambda_layer_version") else {}
    resources = {kind: {"thing": {**body, "unheard_of": 1}}}
    (problem,) = problems(Source("odd", {"data": CHALICE, "resource": resources}))
    assert problem.startswith(f"app odd: {kind}.thing: ")


def swagger(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    text = json.dumps({"swagger": "2.0", "paths": paths, **more})
    handler = {**ZIPPED, "function_name": "odd-dev", "handler": "app.app", "role": ROLE}
    return {
        "data": CHALICE,
        "locals": {"chalice_api_swagger": text},
        "resource": {"aws_lambda_function": {"api_handler": handler}},
    }


OWN = {"type": "aws_proxy", "uri": "${aws_lambda_function.api_handler.invoke_arn}"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (swagger({}, basePath="/v1"), "app odd: REST API: the merge does not support basePath"),
        (
            swagger({"/a": {"trace": {}}}),
            "app odd: TRACE /a: API Gateway does not support this method",
        ),
        (
            swagger({"/a": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}}}),
            "app odd: GET /a: its integration must be the app's own",
        ),
        (
            swagger({"/a": {"options": {"x-amazon-apigateway-integration": {"type": "mock"}}}}),
            "app odd: OPTIONS /a: the merge does not support its headers for CORS",
        ),
        (
            swagger({"/a": {"get": {"deprecated": True, "x-amazon-apigateway-integration": OWN}}}),
            "app odd: GET /a: the merge does not support deprecated",
        ),
        (
            swagger({"/a/x{b}": {"get": {"x-amazon-apigateway-integration": OWN}}}),
            "app odd: /a/x{b}: a path parameter must be a whole path segment",
        ),
        (
            swagger(
                {"/a": {"get": {"security": [{"x": []}], "x-amazon-apigateway-integration": OWN}}}
            ),
            "app odd: GET /a: its authorizer x is not in the stack",
        ),
        (
            swagger(
                {
                    "/a": {
                        "get": {
                            "security": [{"sigv4": []}, {"x": []}],
                            "x-amazon-apigateway-integration": OWN,
                        }
                    }
                },
                securityDefinitions={"sigv4": {"x-amazon-apigateway-authtype": "awsSigv4"}},
            ),
            "app odd: GET /a: a route of an HTTP API can have only one authorizer",
        ),
        (
            swagger({}, securityDefinitions={"x": {"type": "basic"}}),
            "app odd: authorizer x: the merge does not support this kind",
        ),
        (
            swagger(
                {}, securityDefinitions={"x": {"x-amazon-apigateway-authorizer": {"type": "new"}}}
            ),
            "app odd: authorizer x: the merge does not support authorizers of type 'new'",
        ),
    ],
)
def test_an_unsupported_part_of_a_rest_api_is_a_problem(
    template: dict[str, Any], expected: str
) -> None:
    (problem,) = problems(Source("odd", template))
    assert problem.startswith(expected)


@pytest.mark.parametrize("name", ["Books", "my_app", "my-app", "1st", ""])
def test_a_name_that_could_cause_clashes_is_a_problem(name: str) -> None:
    (problem,) = problems(Source(name, {}))
    assert "lowercase letters and digits" in problem


def test_two_sources_with_the_same_name_are_a_problem() -> None:
    (problem,) = problems(Source("one", {}), Source("one", {}))
    assert problem.startswith("name one: two sources have this name")


def test_no_source_is_a_problem() -> None:
    assert problems() == ["sources: none given; give at least one as NAME=DIR"]


def test_two_authorizers_with_the_same_name_are_a_problem() -> None:
    configuration = {"issuer": "https://a.example.com/", "audience": ["books"]}
    jwt = {"type": "jwt", "jwtConfiguration": configuration}
    token = {"type": "token", "authorizerUri": "arn:x/functions/f/invocations"}
    definitions = {
        "odd_keys": {"x-amazon-apigateway-authorizer": jwt},
        "keys": {"x-amazon-apigateway-authorizer": token},
    }
    (problem,) = problems(Source("odd", swagger({}, securityDefinitions=definitions)))
    assert problem.startswith("resource.aws_apigatewayv2_authorizer.odd_keys: two things")
