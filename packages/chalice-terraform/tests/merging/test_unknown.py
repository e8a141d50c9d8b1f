"""The merge reports everything that it does not support, and leaves nothing out silently."""

from __future__ import annotations

from typing import Any

import pytest

from chalice_terraform.merging import Options, Source, merge
from harness.mutations import REMOVED, changed, packed, unpacked
from harness.random_apps import EVERYTHING, package_in_process
from harness.reading import problems

TEMPLATE = package_in_process("odd", EVERYTHING)
REMOVE = "remove it, or define it in an override file"
OPTIONS: dict[str, Any] = {"audiences": {"cognito": ["client"]}}


def reported(*path: Any, to: Any) -> list[str]:
    """Return the problems of the app that has everything, with this change."""
    return problems(Source("odd", changed(TEMPLATE, *path, to=to)), **OPTIONS)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (["module"], {}, "module: the merge does not support it"),
        (["locals", "more"], 1, "local.more: the merge does not support it"),
        (["terraform", "backend"], {}, "terraform.backend: the merge does not support it"),
        (["terraform", "required_providers", "x"], {}, "terraform.required_providers.x: the merge"),
        (["data", "aws_ami"], {"a": {}}, "data.aws_ami: the merge does not support it"),
        (["data", "aws_region", "a"], {}, "data.aws_region.a: the merge does not support it"),
        (["output", "RestAPIId", "sensitive"], True, "output.RestAPIId.sensitive: the merge does"),
        (["resource", "aws_sqs_queue"], {"q": {}}, "aws_sqs_queue.q: the merge does not support"),
        (
            ["resource", "aws_lambda_function", "function", "filename"],
            "other.zip",
            "aws_lambda_function.function: its file must be one of deployment.zip, layer-",
        ),
        (
            ["resource", "aws_lambda_layer_version", "managed-layer", "filename"],
            "other.zip",
            "aws_lambda_layer_version.managed-layer: its file must be one of deployment.zip, ",
        ),
        (
            ["resource", "aws_lambda_function", "function", "environment", "more"],
            1,
            "aws_lambda_function.function: the merge does not support environment.more",
        ),
        (
            ["resource", "aws_cloudwatch_log_group"],
            {"f-log-group": {}},
            "aws_cloudwatch_log_group.f-log-group: the merge creates all log groups",
        ),
    ],
)
def test_unsupported_input_is_a_problem(path: list[str], value: Any, expected: str) -> None:
    (problem,) = reported(*path, to=value)
    assert problem.startswith(f"app odd: {expected}")


@pytest.mark.parametrize("kind", sorted(TEMPLATE["resource"]))
def test_an_unsupported_argument_of_any_type_is_a_problem(kind: str) -> None:
    name = next(iter(TEMPLATE["resource"][kind]))
    (problem,) = reported("resource", kind, name, "unheard_of", to=1)
    assert problem == f"app odd: {kind}.{name}: the merge does not support unheard_of; " + REMOVE


def test_what_older_versions_of_chalice_leave_out_is_optional() -> None:
    older = unpacked(TEMPLATE)
    for function in older["resource"]["aws_lambda_function"].values():
        function.pop("architectures", None)
    for layer in older["resource"]["aws_lambda_layer_version"].values():
        layer.pop("compatible_architectures", None)
    older["terraform"]["required_providers"]["aws"]["version"] = ">= 2, < 5"
    merged = merge([Source("odd", packed(older))], Options(**OPTIONS))
    assert "architectures" not in merged["resource"]["aws_lambda_function"]["odd_function"]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (["resource"], [], "template: resource is a list; it must be an object"),
        (
            ["resource", "aws_iam_role", "default-role"],
            1,
            "template: resource.aws_iam_role.default-role is the number 1; it must be an object",
        ),
        (["output", "RestAPIId"], {}, "output.RestAPIId: value is missing; package the app again"),
        (
            ["output", "RestAPIId", "value"],
            "${aws_api_gateway_rest_api.other.id}",
            'output.RestAPIId: value is "${aws_api_gateway_rest_api.other.id}"; it must be text th',
        ),
        (
            ["data", "null_data_source", "chalice"],
            REMOVED,
            "data.null_data_source.chalice: it is incomplete, so Chalice may not have written this",
        ),
        (["data", "null_data_source", "chalice", "inputs", "stage"], REMOVED, "data.null_data_sou"),
        (
            ["resource", "aws_lambda_function", "function", "role"],
            None,
            "aws_lambda_function.function: role is null; set it where you package the app",
        ),
        (
            ["resource", "aws_lambda_function", "function", "role"],
            REMOVED,
            "aws_lambda_function.function: role is missing; package the app again",
        ),
        (
            ["resource", "aws_lambda_function", "function", "timeout"],
            "soon",
            'aws_lambda_function.function: timeout is "soon"; it must be a number',
        ),
        (
            ["resource", "aws_lambda_function", "function", "tags"],
            ["a"],
            "aws_lambda_function.function: tags is a list; it must be an object",
        ),
        (
            ["resource", "aws_lambda_function", "function", "architectures"],
            [True],
            "aws_lambda_function.function: architectures[0] is true; it must be text",
        ),
        (
            ["resource", "aws_s3_bucket_notification", "odd.s3_notify", "bucket"],
            "",
            "aws_s3_bucket_notification.odd.s3_notify: bucket is empty; set it where you package",
        ),
        (
            ["resource", "aws_cloudwatch_event_target", "cw-event", "rule"],
            "${aws_cloudwatch_event_rule.gone.name}",
            'aws_cloudwatch_event_target.cw-event: rule is "${aws_cloudwatch_event_rule.gone.name}',
        ),
        (
            ["resource", "aws_api_gateway_domain_name"],
            REMOVED,
            "aws_api_gateway_domain_name.api_gateway_custom_domain: it is missing; package the app",
        ),
        (["output", "RestAPIId", "value"], "\ud800", "template: '\\ud800' is not valid Unicode"),
        (
            ["resource", "aws_lambda_function", "function", "timeout"],
            float("inf"),
            "template: inf is not a number in JSON",
        ),
    ],
)
def test_a_value_that_chalice_does_not_write_is_a_problem(
    path: list[str], value: Any, expected: str
) -> None:
    assert any(problem.startswith(f"app odd: {expected}") for problem in reported(*path, to=value))


def test_nesting_too_deep_for_python_is_a_problem() -> None:
    deep: Any = "end"
    for _ in range(100_000):
        deep = [deep]
    template = {**TEMPLATE, "output": {"a": {"value": deep}}}
    (problem,) = problems(Source("odd", template), **OPTIONS)
    assert problem.startswith("app odd: template: it is nested more than 64 levels deep; ")
    # A list as deep as this one needs as many calls to be freed, unless it is taken apart.
    template["output"]["a"]["value"] = None
    while isinstance(deep, list):
        deep = deep.pop()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "is null; set it where you package the app"),
        ("{", "not a JSON object; package the app again"),
        ("[]", "not a JSON object; package the app again"),
        ("[" * 100_000, "not a JSON object; package the app again"),
        ('{"paths": ' + "[" * 90 + "]" * 90 + "}", "it is nested more than 64 levels deep; "),
        (REMOVED, "it is missing; package the app again"),
    ],
)
def test_a_rest_api_without_its_swagger_document_is_a_problem(value: Any, expected: str) -> None:
    found = reported("locals", "chalice_api_swagger", to=value)
    (problem,) = [line for line in found if "local.chalice_api_swagger" in line]
    assert expected in problem


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("aws_api_gateway_rest_api", "rest_api"),
        ("aws_api_gateway_deployment", "rest_api"),
        ("aws_lambda_function", "api_handler"),
    ],
)
def test_a_rest_api_without_one_of_its_resources_is_a_problem(kind: str, name: str) -> None:
    found = reported("resource", kind, name, to=REMOVED)
    assert f"app odd: {kind}.{name}: it is missing; package the app again" in found


def test_a_second_rest_api_is_a_problem() -> None:
    second = TEMPLATE["resource"]["aws_api_gateway_rest_api"]["rest_api"]
    (problem,) = reported("resource", "aws_api_gateway_rest_api", "second", to=second)
    assert problem.startswith("app odd: aws_api_gateway_rest_api.second: an app has one REST API")


OWN = {"type": "aws_proxy", "uri": "${aws_lambda_function.api_handler.invoke_arn}"}
PREFLIGHT = {"type": "mock"}


def operation(**members: Any) -> dict[str, Any]:
    """Return the operation ``GET /x`` with these members besides its integration."""
    return {"get": {"x-amazon-apigateway-integration": OWN, **members}}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (["basePath"], "/v1", "REST API: the merge does not support basePath"),
        (["paths"], None, "REST API: paths is null; set it where you package the app"),
        (["paths"], REMOVED, "REST API: paths is missing; package the app again"),
        (["paths", "/x"], {"trace": {}}, "TRACE /x: API Gateway does not support this method"),
        (
            ["paths", "/x"],
            operation(**{"x-amazon-apigateway-integration": PREFLIGHT}),
            "GET /x: its integration must be the app's own",
        ),
        (
            ["paths", "/x"],
            {"options": {"x-amazon-apigateway-integration": PREFLIGHT}},
            "OPTIONS /x: the merge does not support its headers for CORS",
        ),
        (["paths", "/x"], operation(deprecated=True), "GET /x: the merge does not support depr"),
        (["paths", "/x"], operation(security={}), "GET /x: security is an object; it must be a"),
        (["paths", "/x"], operation(security=[{"tokens": None}]), "GET /x: security[0].tokens is"),
        (["paths", "/x{b}"], operation(), "/x{b}: a path parameter must be a whole path segment"),
        (
            ["paths", "/x"],
            operation(security=[{"x": []}]),
            "GET /x: its authorizer x is not in the stack",
        ),
        (
            ["paths", "/x"],
            operation(security=[{"sigv4": []}, {"custom": []}]),
            "GET /x: a route of an HTTP API can have only one authorizer",
        ),
        (["securityDefinitions"], [], "REST API: securityDefinitions is a list; it must be an obj"),
        (
            ["securityDefinitions", "x"],
            {"type": "basic"},
            "authorizer x: the merge does not support this kind",
        ),
        (
            ["securityDefinitions", "x"],
            {"x-amazon-apigateway-authorizer": {"type": "new"}},
            "authorizer x: the merge does not support authorizers of type 'new'",
        ),
        (
            ["securityDefinitions", "cognito", "x-amazon-apigateway-authorizer", "providerARNs"],
            [None],
            "authorizer cognito: x-amazon-apigateway-authorizer.providerARNs[0] is null; set it",
        ),
    ],
)
def test_an_unsupported_part_of_a_rest_api_is_a_problem(
    path: list[str], value: Any, expected: str
) -> None:
    (problem,) = reported("locals", "chalice_api_swagger", *path, to=value)
    assert problem.startswith(f"app odd: {expected}")


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
    definitions = ["locals", "chalice_api_swagger", "securityDefinitions"]
    jwt = {
        "type": "jwt",
        "jwtConfiguration": {"issuer": "https://a.example.com/", "audience": ["books"]},
    }
    (problem,) = reported(*definitions, "odd_custom", to={"x-amazon-apigateway-authorizer": jwt})
    assert problem.startswith("resource.aws_apigatewayv2_authorizer.odd_custom: two things")
