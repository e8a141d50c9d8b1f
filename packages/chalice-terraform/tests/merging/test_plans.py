"""Terraform validates and plans the merged stack of all feature apps."""

from __future__ import annotations

import base64
import functools
import os
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from chalice_terraform.merging import Options, Source, merge
from chalice_terraform.merging.model import Packaging
from harness.chalice_apps import CORS, FEATURES, LAYERED, VIEW
from harness.hand_written import AUDIENCES
from harness.packaging import ChaliceApp, JsonObject, Package
from harness.terraform_cli import IMAGE, Plan, TerraformError

pytestmark = pytest.mark.xdist_group("merge")

Planned = Callable[[Packaging], dict[str, Any]]
APPS: Mapping[Packaging, Mapping[str, ChaliceApp]] = {
    "zip": {**FEATURES, **LAYERED},
    "image": FEATURES,
}
"""The apps that each packaging takes."""


@pytest.fixture(scope="module")
def stack(packaged: Package) -> Callable[[Packaging], JsonObject]:
    """Return one stack with all features of this packaging."""

    def merged(package: Packaging) -> JsonObject:
        apps = APPS[package]
        sources = [packaged(name, app) for name, app in apps.items()]
        return merge(sources, Options(audiences=AUDIENCES, package=package))

    return merged


@pytest.fixture(scope="module")
def planned(stack: Callable[[Packaging], JsonObject], plan: Plan) -> Planned:
    """Return a function that plans each stack once, and returns the values by address."""

    @functools.cache
    def values(package: Packaging) -> dict[str, Any]:
        resources = plan(package, stack(package))["planned_values"]["root_module"]
        return {resource["address"]: resource["values"] for resource in resources["resources"]}

    return values


@pytest.mark.parametrize(("package", "name"), [(p, name) for p in APPS for name in APPS[p]])
def test_every_resource_of_a_feature_is_planned(
    package: Packaging, name: str, packaged: Package, planned: Planned
) -> None:
    audiences = AUDIENCES if name == "cognito" else {}
    options = Options(audiences=audiences, package=package)
    template = merge([packaged(name, APPS[package][name])], options)
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
    assert wanted <= set(planned(package))


def functions(planned: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        values for address, values in planned.items() if address.startswith("aws_lambda_function.")
    ]


def test_planned_functions_are_images_by_digest(planned: Planned) -> None:
    images = functions(planned("image"))
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
    zips = functions(planned("zip"))
    assert len(zips) > len(FEATURES)
    # Terraform shows paths relative to its own folder.
    folder = tmp_path_factory.getbasetemp() / "plans" / "any"
    for values in zips:
        content = Path(os.path.normpath(folder / values["filename"])).read_bytes()
        assert values["source_code_hash"] == base64.b64encode(sha256(content).digest()).decode()
        assert values["runtime"].startswith("python3.")
        assert values["handler"].startswith("app.")
    assert len({values["filename"] for values in zips}) == len(APPS["zip"])
    layer = planned("zip")["aws_lambda_layer_version.managed_managed-layer"]
    with zipfile.ZipFile(os.path.normpath(folder / layer["filename"])) as content_of_layer:
        assert any(name.endswith("some/module.py") for name in content_of_layer.namelist())


def test_a_planned_route_has_the_authorization_of_its_chalice_route(planned: Planned) -> None:
    route = planned("zip")['aws_apigatewayv2_route.jwt["POST /jwt"]']
    assert route["authorization_type"] == "JWT"
    assert sorted(route["authorization_scopes"]) == ["admin", "write"]
    public = planned("zip")['aws_apigatewayv2_route.jwt["GET /jwt/public"]']
    assert public["authorization_type"] == "NONE"
    assert not public["authorization_scopes"]


def test_arns_are_known_in_an_offline_plan(planned: Planned) -> None:
    mapping = planned("zip")["aws_lambda_event_source_mapping.sqs_work-sqs-event-source"]
    assert mapping["event_source_arn"] == "arn:aws:sqs:eu-west-1:123456789012:jobs"
    permission = planned("zip")["aws_lambda_permission.s3_arrived-s3event"]
    assert permission["source_account"] == "123456789012"
    assert permission["source_arn"] == "arn:aws:s3:::my.bucket"


def test_an_escaped_template_in_a_policy_stays_a_policy_variable(
    stack: Callable[[Packaging], JsonObject], planned: Planned
) -> None:
    policy = stack("zip")["resource"]["aws_iam_role_policy"]["policy_work_role"]["policy"]
    assert "$${aws:x}" in policy
    assert planned("zip")["aws_iam_role_policy.policy_work_role"]["name"] == "work_rolePolicy"


def test_cors_is_planned_as_declared(packaged: Package, plan: Plan) -> None:
    sources = [packaged("cors", ChaliceApp(CORS)), packaged("function", FEATURES["function"])]
    values = plan("cors", merge(sources))["planned_values"]
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
        plan("far", merge(sources))


def test_an_image_without_a_digest_fails_the_plan(packaged: Package, plan: Plan) -> None:
    template = merge([packaged("function", FEATURES["function"])], Options(package="image"))
    template["variable"]["function_image"]["default"] = "repository:latest"
    with pytest.raises(TerraformError, match="must name an image by its digest"):
        plan("tag", template)


def test_payload_format_2_can_be_planned(feature: Callable[[str], Source], plan: Plan) -> None:
    sources = [feature("routes"), feature("function")]
    template = merge(sources, Options(api_name="front", payload_format="2.0"))
    values = plan("payload", template)["planned_values"]
    by_address = {r["address"]: r["values"] for r in values["root_module"]["resources"]}
    integration = by_address["aws_apigatewayv2_integration.routes"]
    assert integration["payload_format_version"] == "2.0"
    assert by_address["aws_apigatewayv2_api.front"]["name"] == "front"
