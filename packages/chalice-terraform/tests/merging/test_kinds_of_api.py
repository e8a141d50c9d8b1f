"""The kinds of API: one HTTP API for each app, its stage, and the options that a kind takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalice_terraform.merging import Options, Source, merge
from chalice_terraform.merging.model import UsageError
from harness.chalice_apps import CORS, FEATURES, ISSUER, TWO_VIEWS, VIEW
from harness.packaging import ChaliceApp, Package
from harness.reading import problems, routes, the

# One worker packages the apps for all tests.
pytestmark = pytest.mark.xdist_group("merge")

PER_APP = Options(api="http-per-app")


def test_each_app_has_an_http_api_of_its_name(packaged: Package) -> None:
    template = merge([packaged(name, FEATURES[name]) for name in ("routes", "iam")], PER_APP)
    apis = template["resource"]["aws_apigatewayv2_api"]
    assert apis == {name: {"name": name, "protocol_type": "HTTP"} for name in ("routes", "iam")}
    for name in apis:
        api = f"${{aws_apigatewayv2_api.{name}.id}}"
        for kind in ("aws_apigatewayv2_stage", "aws_apigatewayv2_route"):
            assert the(template, kind, name)["api_id"] == api
        assert the(template, "aws_apigatewayv2_integration", name)["api_id"] == api
        assert template["output"][name]["value"]["RestAPIId"] == api
        permission = the(template, "aws_lambda_permission", f"{name}_rest_api_invoke")
        assert permission["source_arn"] == f"${{aws_apigatewayv2_api.{name}.execution_arn}}/*"
    stage = the(template, "aws_apigatewayv2_stage", "iam")
    assert stage["depends_on"] == ["aws_apigatewayv2_route.iam"]


def test_the_same_route_in_two_apps_is_no_problem_in_two_apis(packaged: Package) -> None:
    sources = [packaged(name, ChaliceApp(VIEW.format(name=""))) for name in ("left", "right")]
    template = merge(sources, PER_APP)
    assert list(routes(template, "left")) == list(routes(template, "right")) == ["GET /"]


def test_two_apps_may_have_different_cors_in_two_apis(packaged: Package) -> None:
    any_origin = ChaliceApp(TWO_VIEWS.format(one=True, two=True))
    sources = [packaged("cors", ChaliceApp(CORS)), packaged("anyorigin", any_origin)]
    template = merge(sources, PER_APP)
    origins = {
        name: api["cors_configuration"]["allow_origins"]
        for name, api in template["resource"]["aws_apigatewayv2_api"].items()
    }
    assert origins == {"cors": ["https://web.example.com"], "anyorigin": ["*"]}


def test_an_authorizer_belongs_to_one_api(packaged: Package) -> None:
    jwt = packaged("jwt", FEATURES["jwt"])
    other = json.loads(json.dumps(jwt.template).replace("app-jwt", "app-other"))
    template = merge([jwt, Source("other", other)], PER_APP)
    assert template["resource"]["aws_apigatewayv2_authorizer"] == {
        f"{name}_tokens": {
            "api_id": f"${{aws_apigatewayv2_api.{name}.id}}",
            "authorizer_type": "JWT",
            "identity_sources": ["$request.header.Authorization"],
            "jwt_configuration": {"audience": ["audit", "books"], "issuer": ISSUER},
            "name": f"{name}_tokens",
        }
        for name in ("jwt", "other")
    }
    route = routes(template, "other")["POST /jwt"]
    assert route["authorizer_id"] == "${aws_apigatewayv2_authorizer.other_tokens.id}"


def test_a_permission_is_for_the_authorizer_of_its_own_api(packaged: Package) -> None:
    template = merge([packaged("builtin", FEATURES["builtin"])], PER_APP)
    permission = the(template, "aws_lambda_permission", "builtin_keys_invoke")
    assert permission["source_arn"] == (
        "${aws_apigatewayv2_api.builtin.execution_arn}/authorizers/"
        "${aws_apigatewayv2_authorizer.builtin_keys.id}"
    )


def test_a_custom_domain_maps_to_the_api_of_its_app(packaged: Package) -> None:
    template = merge([packaged(name, FEATURES[name]) for name in ("domain", "routes")], PER_APP)
    name = "domain_api_gateway_custom_domain"
    mapping = the(template, "aws_apigatewayv2_api_mapping", f"{name}_mapping")
    assert mapping == {
        "api_id": "${aws_apigatewayv2_api.domain.id}",
        "domain_name": f"${{aws_apigatewayv2_domain_name.{name}.id}}",
        "stage": "${aws_apigatewayv2_stage.domain.id}",
    }


@pytest.mark.parametrize(("kind", "api"), [("http", "api"), ("http-per-app", "environment")])
def test_a_stage_prefix_keeps_the_name_of_the_stage_in_urls(
    kind: Any, api: str, packaged: Package
) -> None:
    options = Options(api=kind, stage_prefix="live")
    template = merge([packaged("environment", FEATURES["environment"])], options)
    stage = the(template, "aws_apigatewayv2_stage", api)
    assert stage["name"] == "live"
    assert stage["auto_deploy"] is True
    url = f'${{join("/", [aws_apigatewayv2_api.{api}.api_endpoint, "live"])}}'
    assert template["output"]["environment"]["value"]["EndpointURL"] == url
    function = the(template, "aws_lambda_function", "environment_api_handler")
    assert function["environment"]["variables"]["URL"] == url


@pytest.mark.parametrize(
    ("kind", "arn", "name"),
    [
        ("http", 'join("/", [aws_apigatewayv2_api.api.execution_arn, "$default"])', '"$default"'),
        (
            "rest",
            "aws_api_gateway_stage.staged_rest_api.execution_arn",
            "aws_api_gateway_stage.staged_rest_api.stage_name",
        ),
    ],
)
def test_references_to_the_stage_of_a_deployment_become_those_to_the_stage(
    kind: Any, arn: str, name: str, packaged: Package
) -> None:
    values = {
        "ARN": "${aws_api_gateway_deployment.rest_api.execution_arn}/GET/x",
        "STAGE": "${aws_api_gateway_deployment.rest_api.stage_name}",
    }
    app = ChaliceApp(VIEW.format(name="staged"), {"environment_variables": values})
    template = merge([packaged("staged", app)], Options(api=kind))
    function = the(template, "aws_lambda_function", "staged_api_handler")
    assert function["environment"]["variables"] == {
        "ARN": f"${{{arn}}}/GET/x",
        "STAGE": f"${{{name}}}",
    }


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"api_name": "my-api"}, "--api-name my-api: use lowercase letters and digits"),
        ({"stage_prefix": "a/b"}, "--stage-prefix a/b: the name of a stage has up to 128"),
        ({"stage_prefix": ""}, "--stage-prefix : the name of a stage has up to 128"),
        ({"stage_prefix": "x" * 129}, f"--stage-prefix {'x' * 129}: the name of a stage has"),
        ({"api": "http-per-app", "api_name": "x"}, "--api-name: --api http-per-app does not take"),
        ({"api": "rest", "api_name": "x"}, "--api-name: --api rest does not take it: each REST"),
        ({"api": "rest", "stage_prefix": "x"}, "--stage-prefix: --api rest does not take it: a"),
        ({"api": "rest", "payload_format": "2.0"}, "--payload-format: --api rest does not take"),
        ({"api": "rest", "audiences": {"pool": ["x"]}}, "--audience: --api rest does not take"),
    ],
)
def test_an_option_that_a_kind_of_api_does_not_take_is_wrong_usage(
    options: dict[str, Any], expected: str, packaged: Package
) -> None:
    source = packaged("function", FEATURES["function"])
    with pytest.raises(UsageError):
        merge([source], Options(**options))
    (problem,) = problems(source, **options)
    assert problem.startswith(expected)
