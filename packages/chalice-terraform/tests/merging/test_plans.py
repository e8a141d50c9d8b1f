"""Terraform plans the merged stack of all feature apps, with each kind of API and packaging."""

from __future__ import annotations

import base64
import os
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from chalice_terraform.merging import shared_template
from harness.chalice_apps import FEATURES, VIEW
from harness.hand_written import PROVIDER, as_module
from harness.packaging import ChaliceApp, JsonObject, Package
from harness.stacks import STACKS, Stack
from harness.terraform_cli import IMAGE, Plan, Terraform, TerraformError, Values

pytestmark = pytest.mark.xdist_group("merge")

Planned = Mapping[str, Values]

SEVERAL = (
    Stack({name: FEATURES[name] for name in ("function", "jwt", "s3")}),
    Stack({"custom": FEATURES["custom"], "edge": FEATURES["edge"]}, {"api": "rest"}),
    Stack({"cognito": FEATURES["cognito"]}, {"api_name": "other", "package": "image"}),
)
"""Several outputs in one Terraform module."""


@pytest.fixture(scope="module")
def planned(
    terraform: Terraform, packaged: Package, tmp_path_factory: pytest.TempPathFactory
) -> Planned:
    """Plan all stacks at once, each as a module, and return their values."""
    modules = {
        name: as_module(stack.merge(packaged), hand_written=stack.hand_written)
        for name, stack in STACKS.items()
    }
    several = [
        Stack(stack.apps, {**stack.options, "separate_shared": True}).merge(packaged)
        for stack in SEVERAL
    ]
    modules["several"] = as_module(*several, shared_template())
    folder = tmp_path_factory.mktemp("plans") / "all"
    return terraform.plan_modules(folder, {"provider.tf": PROVIDER}, modules)


def addresses(template: JsonObject) -> set[str]:
    """Return the addresses that Terraform gives the resources of the template."""
    return {
        address
        for kind, named in template["resource"].items()
        for name, body in named.items()
        for address in (
            [f"{kind}.{name}"]
            if "for_each" not in body
            else [f'{kind}.{name}["{key}"]' for key in template["locals"][f"{name}_routes"]]
        )
    }


@pytest.mark.parametrize(
    ("stack", "name"), [(stack, name) for stack in STACKS for name in STACKS[stack].apps]
)
def test_every_resource_of_a_feature_is_planned(
    stack: str, name: str, packaged: Package, planned: Planned
) -> None:
    wanted = addresses(STACKS[stack].merge(packaged, name))
    assert wanted
    assert wanted <= set(planned[stack])


def test_several_outputs_are_planned_in_one_module(packaged: Package, planned: Planned) -> None:
    for stack in SEVERAL:
        own = Stack(stack.apps, {**stack.options, "separate_shared": True}).merge(packaged)
        assert addresses(own) <= set(planned["several"])
    authorizers = {"api_tokens", "other_pool", "other_referred"}
    assert {f"aws_apigatewayv2_authorizer.{name}" for name in authorizers} <= set(
        planned["several"]
    )


def functions(planned: Values) -> list[JsonObject]:
    return [
        values for address, values in planned.items() if address.startswith("aws_lambda_function.")
    ]


def test_planned_functions_are_images_by_digest(planned: Planned) -> None:
    images = functions(planned["http_image"])
    assert len(images) > len(FEATURES)
    for values in images:
        assert values["package_type"] == "Image"
        assert values["image_uri"] == IMAGE
        assert len(values["image_config"][0]["command"]) == 1
        assert not values["runtime"]
        assert not values["handler"]
        assert not values["layers"]


def test_planned_functions_are_the_zip_files_of_their_apps(
    planned: Planned, tmp_path_factory: pytest.TempPathFactory
) -> None:
    zips = functions(planned["http_zip"])
    assert len(zips) > len(FEATURES)
    # Terraform shows paths relative to its own folder.
    folder = tmp_path_factory.getbasetemp() / "plans" / "any"
    for values in zips:
        content = Path(os.path.normpath(folder / values["filename"])).read_bytes()
        assert values["source_code_hash"] == base64.b64encode(sha256(content).digest()).decode()
        assert values["runtime"].startswith("python3.")
        assert values["handler"].startswith("app.")
    assert len({values["filename"] for values in zips}) == len(STACKS["http_zip"].apps)
    layer = planned["http_zip"]["aws_lambda_layer_version.managed_managed-layer"]
    with zipfile.ZipFile(os.path.normpath(folder / layer["filename"])) as content_of_layer:
        assert any(name.endswith("some/module.py") for name in content_of_layer.namelist())


def test_a_planned_route_has_the_authorization_of_its_chalice_route(planned: Planned) -> None:
    route = planned["http_zip"]['aws_apigatewayv2_route.jwt["POST /jwt"]']
    assert route["authorization_type"] == "JWT"
    assert sorted(route["authorization_scopes"]) == ["admin", "write"]
    public = planned["http_zip"]['aws_apigatewayv2_route.jwt["GET /jwt/public"]']
    assert public["authorization_type"] == "NONE"
    assert not public["authorization_scopes"]


def test_arns_are_known_in_an_offline_plan(planned: Planned) -> None:
    mapping = planned["http_zip"]["aws_lambda_event_source_mapping.sqs_work-sqs-event-source"]
    assert mapping["event_source_arn"] == "arn:aws:sqs:eu-west-1:123456789012:jobs"
    permission = planned["http_zip"]["aws_lambda_permission.s3_arrived-s3event"]
    assert permission["source_account"] == "123456789012"
    assert permission["source_arn"] == "arn:aws:s3:::my.bucket"


def test_an_escaped_template_in_a_policy_stays_a_policy_variable(
    packaged: Package, planned: Planned
) -> None:
    template = STACKS["http_zip"].merge(packaged, "policy")
    policy = template["resource"]["aws_iam_role_policy"]["policy_work_role"]["policy"]
    assert "$${aws:x}" in policy
    assert planned["http_zip"]["aws_iam_role_policy.policy_work_role"]["name"] == "work_rolePolicy"


def test_cors_is_planned_as_declared(planned: Planned) -> None:
    (cors,) = planned["per_app_zip"]["aws_apigatewayv2_api.cors"]["cors_configuration"]
    assert cors["allow_credentials"] is True
    assert cors["allow_origins"] == ["https://web.example.com"]
    assert cors["max_age"] == 600
    assert sorted(cors["allow_methods"]) == ["DELETE", "GET", "OPTIONS", "PUT"]


def test_a_stage_prefix_and_payload_format_2_are_planned(planned: Planned) -> None:
    values = planned["prefixed"]
    assert values["aws_apigatewayv2_integration.routes"]["payload_format_version"] == "2.0"
    assert values["aws_apigatewayv2_api.front"]["name"] == "front"
    assert values["aws_apigatewayv2_stage.front"]["name"] == "live"


def test_a_kept_rest_api_is_planned_with_its_settings(planned: Planned) -> None:
    values = planned["rest_zip"]
    private = values["aws_api_gateway_rest_api.privateendpoint_rest_api"]
    (endpoint,) = private["endpoint_configuration"]
    assert endpoint["types"] == ["PRIVATE"]
    assert endpoint["vpc_endpoint_ids"] == ["vpce-0123456789abcdef0"]
    compressed = values["aws_api_gateway_rest_api.minimumcompression_rest_api"]
    assert compressed["minimum_compression_size"] == "100"
    assert values["aws_api_gateway_stage.routes_rest_api"]["stage_name"] == "api"
    domain = "domain_api_gateway_custom_domain"
    mapping = values[f"aws_api_gateway_base_path_mapping.{domain}_mapping"]
    assert mapping["domain_name"] == "api.example.com"
    assert mapping["stage_name"] == "api"


def test_a_docstring_is_read_by_terraform_as_it_is(planned: Planned) -> None:
    assert planned["rest_zip"]["terraform_data.operation"]["input"] == {
        "summary": "A docstring with ${what.looks} like a reference.",
        "description": 'And "more" of it.',
    }


def test_an_edge_domain_with_a_certificate_from_another_region_fails_the_plan(
    packaged: Package, plan: Plan
) -> None:
    domain = {
        "domain_name": "far.example.com",
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0",
    }
    app = ChaliceApp(VIEW.format(name="far"), {"api_gateway_custom_domain": domain})
    stack = Stack({"far": app, "function": FEATURES["function"]})
    with pytest.raises(TerraformError, match="needs a certificate of its own region"):
        plan("far", stack.merge(packaged))


def test_an_image_without_a_digest_fails_the_plan(packaged: Package, plan: Plan) -> None:
    template = STACKS["http_image"].merge(packaged, "function")
    template["variable"]["function_image"]["default"] = "repository:latest"
    with pytest.raises(TerraformError, match="must name an image by its digest"):
        plan("tag", template)
