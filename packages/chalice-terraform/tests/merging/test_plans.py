"""Terraform validates and plans the merged stack of all feature apps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalice_terraform.merging import Options, Source, merge
from harness.chalice_apps import CORS, FEATURES, VIEW
from harness.hand_written import AUDIENCES
from harness.packaging import ChaliceApp, JsonObject, Package
from harness.terraform_cli import IMAGE, Plan, TerraformError

pytestmark = pytest.mark.xdist_group("merge")


@pytest.fixture(scope="module")
def stack(feature: Callable[[str], Source]) -> JsonObject:
    """Return one stack with all features."""
    return merge([feature(name) for name in FEATURES], Options(audiences=AUDIENCES))


@pytest.fixture(scope="module")
def planned(stack: JsonObject, plan: Plan) -> dict[str, Any]:
    """Return the planned values by address."""
    resources = plan("features", stack, list(FEATURES))["planned_values"]["root_module"]
    return {resource["address"]: resource["values"] for resource in resources["resources"]}


@pytest.mark.parametrize("name", FEATURES)
def test_every_resource_of_a_feature_is_planned(
    name: str, merged: Callable[[str], JsonObject], planned: dict[str, Any]
) -> None:
    template = merged(name)
    wanted = {
        f"{kind}.{resource}"
        for kind, named in template["resource"].items()
        for resource, body in named.items()
        if "for_each" not in body
    } | {
        f'aws_apigatewayv2_route.{name}["{key}"]'
        for key in template.get("locals", {}).get(f"{name}_routes", {})
    }
    assert wanted
    assert wanted <= set(planned)


def test_planned_functions_are_images_by_digest(planned: dict[str, Any]) -> None:
    functions = [
        values for address, values in planned.items() if address.startswith("aws_lambda_function.")
    ]
    assert len(functions) > len(FEATURES)
    for values in functions:
        assert values["package_type"] == "Image"
        assert values["image_uri"] == IMAGE
        assert len(values["image_config"][0]["command"]) == 1
        assert not values["runtime"]
        assert not values["handler"]
        assert not values["layers"]


def test_a_planned_route_has_the_authorization_of_its_chalice_route(
    planned: dict[str, Any],
) -> None:
    route = planned['aws_apigatewayv2_route.jwt["POST /jwt"]']
    assert route["authorization_type"] == "JWT"
    assert sorted(route["authorization_scopes"]) == ["admin", "write"]
    public = planned['aws_apigatewayv2_route.jwt["GET /jwt/public"]']
    assert public["authorization_type"] == "NONE"
    assert not public["authorization_scopes"]


def test_arns_are_known_in_an_offline_plan(
    planned: dict[str, Any],
) -> None:
    assert (
        planned["aws_lambda_event_source_mapping.sqs_work-sqs-event-source"]["event_source_arn"]
        == "arn:aws:sqs:eu-west-1:123456789012:jobs"
    )
    permission = planned["aws_lambda_permission.s3_arrived-s3event"]
    assert permission["source_account"] == "123456789012"
    assert permission["source_arn"] == "arn:aws:s3:::my.bucket"


def test_an_escaped_template_in_a_policy_stays_a_policy_variable(
    stack: JsonObject, planned: dict[str, Any]
) -> None:
    policy = stack["resource"]["aws_iam_role_policy"]["policy_work_role"]["policy"]
    assert "$${aws:x}" in policy
    assert planned["aws_iam_role_policy.policy_work_role"]["name"] == "work_rolePolicy"


def test_cors_is_planned_as_declared(packaged: Package, plan: Plan) -> None:
    sources = [packaged("cors", ChaliceApp(CORS)), packaged("function", FEATURES["function"])]
    values = plan("cors", merge(sources), ["cors", "function"])["planned_values"]
    (api,) = [
        resource["values"]
        for resource in values["root_module"]["resources"]
        if resource["address"] == "aws_apigatewayv2_api.api"
    ]
    (cors,) = api["cors_configuration"]
    assert cors["allow_credentials"] is True
    assert cors["allow_origins"] == ["https://web.example.com"]
    assert cors["max_age"] == 600
    assert sorted(cors["allow_methods"]) == ["DELETE", "GET", "OPTIONS", "PUT"]


def test_an_edge_domain_with_a_certificate_from_another_region_fails_the_plan(
    packaged: Package, plan: Plan
) -> None:
    domain = {
        "domain_name": "far.example.com",
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0",
    }
    app = ChaliceApp(VIEW.format(name="far"), {"api_gateway_custom_domain": domain})
    sources = [packaged("far", app), packaged("function", FEATURES["function"])]
    with pytest.raises(TerraformError, match="needs a certificate of its own region"):
        plan("far", merge(sources), ["far", "function"])


def test_an_image_without_a_digest_fails_the_plan(packaged: Package, plan: Plan) -> None:
    template = merge([packaged("function", FEATURES["function"])])
    template["variable"]["function_image"]["default"] = "repository:latest"
    with pytest.raises(TerraformError, match="must name an image by its digest"):
        plan("tag", template, [])


def test_payload_format_2_can_be_planned(feature: Callable[[str], Source], plan: Plan) -> None:
    sources = [feature("routes"), feature("function")]
    template = merge(sources, Options(api="front", payload_format="2.0"))
    values = plan("payload", template, ["routes", "function"])["planned_values"]
    by_address = {r["address"]: r["values"] for r in values["root_module"]["resources"]}
    integration = by_address["aws_apigatewayv2_integration.routes"]
    assert integration["payload_format_version"] == "2.0"
    assert by_address["aws_apigatewayv2_api.front"]["name"] == "front"
