"""How ``--api rest`` keeps the REST API of an app, and makes it current."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalice_terraform.merging import Options, Source, merge
from harness.chalice_apps import FEATURES, REST_ONLY, VIEW
from harness.packaging import ChaliceApp, JsonObject, Package
from harness.reading import problems, the

# One worker packages the apps for all tests.
pytestmark = pytest.mark.xdist_group("merge")

Kept = Callable[[str, ChaliceApp], JsonObject]
VPC_ENDPOINT = "vpce-0123456789abcdef0"


@pytest.fixture
def kept(packaged: Package) -> Kept:
    """Merge one app with its REST API."""
    return lambda name, app: merge([packaged(name, app)], Options(api="rest"))


def document(template: JsonObject, app: str) -> Any:
    return template["locals"][f"{app}_chalice_api_swagger"]


def rest_only(kept: Kept, drop: str) -> tuple[str, JsonObject]:
    name = drop.replace("-", "")
    return name, kept(name, REST_ONLY[drop])


def test_the_api_is_deployed_again_when_its_document_changes_and_its_stage_stays(
    kept: Kept,
) -> None:
    template = kept("routes", FEATURES["routes"])
    api = the(template, "aws_api_gateway_rest_api", "routes_rest_api")
    assert api["body"] == "${jsonencode(local.routes_chalice_api_swagger)}"
    assert api["name"] == "app-routes"
    assert api["endpoint_configuration"] == {"types": ["EDGE"]}
    assert the(template, "aws_api_gateway_deployment", "routes_rest_api") == {
        "lifecycle": {"create_before_destroy": True},
        "rest_api_id": "${aws_api_gateway_rest_api.routes_rest_api.id}",
        "triggers": {"body": "${sha1(aws_api_gateway_rest_api.routes_rest_api.body)}"},
    }
    assert the(template, "aws_api_gateway_stage", "routes_rest_api") == {
        "deployment_id": "${aws_api_gateway_deployment.routes_rest_api.id}",
        "rest_api_id": "${aws_api_gateway_rest_api.routes_rest_api.id}",
        "stage_name": "api",
    }
    permission = the(template, "aws_lambda_permission", "routes_rest_api_invoke")
    arn = "${aws_api_gateway_rest_api.routes_rest_api.execution_arn}/*"
    assert permission["source_arn"] == arn
    assert not any(kind.startswith("aws_apigatewayv2_") for kind in template["resource"])


def test_outputs_of_the_deployment_become_those_of_the_stage(kept: Kept) -> None:
    assert kept("routes", FEATURES["routes"])["output"]["routes"]["value"] == {
        "EndpointURL": "${aws_api_gateway_stage.routes_rest_api.invoke_url}",
        "RestAPIId": "${aws_api_gateway_rest_api.routes_rest_api.id}",
    }


def test_references_to_the_api_and_its_stage_are_rewritten(kept: Kept) -> None:
    function = the(
        kept("environment", FEATURES["environment"]),
        "aws_lambda_function",
        "environment_api_handler",
    )
    variables = function["environment"]["variables"]
    assert variables["SELF"] == "${aws_api_gateway_rest_api.environment_rest_api.id}"
    assert variables["URL"] == "${aws_api_gateway_stage.environment_rest_api.invoke_url}"


def test_a_docstring_is_kept_as_it_is_whatever_looks_like_a_reference(kept: Kept) -> None:
    operation = document(kept("routes", FEATURES["routes"]), "routes")["paths"]["/books/{id}"][
        "get"
    ]
    assert operation["summary"] == "A docstring with $${what.looks} like a reference."
    assert operation["description"] == 'And "more" of it.'


def test_any_is_the_method_that_api_gateway_knows(kept: Kept) -> None:
    paths = document(kept("routes", FEATURES["routes"]), "routes")["paths"]
    assert list(paths["/files/{proxy+}"]) == ["x-amazon-apigateway-any-method"]


def test_api_keys_are_required_as_before(kept: Kept) -> None:
    name, template = rest_only(kept, "api-key")
    swagger = document(template, name)
    assert swagger["paths"]["/keyed"]["get"]["security"] == [{"api_key": []}]
    assert swagger["securityDefinitions"]["api_key"]["name"] == "x-api-key"


def test_scopes_of_any_authorizer_are_kept(kept: Kept) -> None:
    name, template = rest_only(kept, "authorizer-scopes")
    assert document(template, name)["paths"]["/scoped"]["get"]["security"] == [{"keys": ["read"]}]


def test_cors_stays_with_its_routes(kept: Kept) -> None:
    name, template = rest_only(kept, "cors-per-route")
    paths = document(template, name)["paths"]
    assert "options" in paths["/one"]
    assert "options" not in paths["/two"]


def test_identity_validation_expressions_are_kept(kept: Kept) -> None:
    name, template = rest_only(kept, "identity-validation")
    definition = document(template, name)["securityDefinitions"]["checked"]
    authorizer = definition["x-amazon-apigateway-authorizer"]
    assert authorizer["identityValidationExpression"] == "x.*"


def test_compression_is_kept_and_another_size_deploys_the_api_again(kept: Kept) -> None:
    name, template = rest_only(kept, "minimum-compression")
    api = the(template, "aws_api_gateway_rest_api", f"{name}_rest_api")
    assert api["minimum_compression_size"] == 100
    deployment = the(template, "aws_api_gateway_deployment", f"{name}_rest_api")
    assert deployment["triggers"]["minimum_compression_size"] == "100"


def test_a_private_endpoint_keeps_its_vpc_endpoints_and_its_policy(kept: Kept) -> None:
    name, template = rest_only(kept, "private-endpoint")
    api = the(template, "aws_api_gateway_rest_api", f"{name}_rest_api")
    assert api["endpoint_configuration"] == {
        "types": ["PRIVATE"],
        "vpc_endpoint_ids": [VPC_ENDPOINT],
    }
    assert VPC_ENDPOINT in api["policy"]
    assert document(template, name)["x-amazon-apigateway-endpoint-configuration"] == {
        "vpcEndpointIds": [VPC_ENDPOINT]
    }


def test_a_resource_policy_is_kept(kept: Kept) -> None:
    name, template = rest_only(kept, "resource-policy")
    policy = {"Version": "2012-10-17", "Statement": []}
    api = the(template, "aws_api_gateway_rest_api", f"{name}_rest_api")
    assert json.loads(api["policy"]) == policy
    assert document(template, name)["x-amazon-apigateway-policy"] == policy


def test_an_older_tls_version_is_kept(kept: Kept) -> None:
    name, template = rest_only(kept, "tls-version")
    domain = the(template, "aws_api_gateway_domain_name", f"{name}_api_gateway_custom_domain")
    assert domain["security_policy"] == "TLS_1_0"


def test_a_custom_domain_is_mapped_after_it_and_its_stage_exist(kept: Kept) -> None:
    template = kept("domain", FEATURES["domain"])
    name = "domain_api_gateway_custom_domain"
    domain = the(template, "aws_api_gateway_domain_name", name)
    assert domain["endpoint_configuration"] == {"types": ["REGIONAL"]}
    assert domain["tags"] == {"of": "api"}
    assert the(template, "aws_api_gateway_base_path_mapping", f"{name}_mapping") == {
        "api_id": "${aws_api_gateway_rest_api.domain_rest_api.id}",
        "domain_name": f"${{aws_api_gateway_domain_name.{name}.domain_name}}",
        "stage_name": "${aws_api_gateway_stage.domain_rest_api.stage_name}",
    }
    assert template["output"]["domain"]["value"]["AliasDomainName"] == (
        f"${{aws_api_gateway_domain_name.{name}.regional_domain_name}}"
    )


def test_a_custom_domain_in_two_apps_is_a_problem_that_names_both(packaged: Package) -> None:
    domain = packaged("domain", FEATURES["domain"])
    other = json.loads(json.dumps(domain.template).replace("app-domain", "app-other"))
    (problem,) = problems(domain, Source("other", other), api="rest")
    assert problem.startswith(
        "apps domain and other: two aws_api_gateway_domain_name resources have the same "
        "domain_name, api.example.com"
    )


def test_a_cognito_authorizer_needs_no_audience(kept: Kept) -> None:
    definitions = document(kept("cognito", FEATURES["cognito"]), "cognito")["securityDefinitions"]
    assert definitions["referred"]["x-amazon-apigateway-authorizer"] == {
        "type": "cognito_user_pools",
        "providerARNs": ["${aws_cognito_user_pool.people.arn}"],
    }


def test_a_built_in_authorizer_is_kept_with_its_permission(kept: Kept) -> None:
    template = kept("builtin", FEATURES["builtin"])
    definition = document(template, "builtin")["securityDefinitions"]["keys"]
    assert definition["x-amazon-apigateway-authorizer"] == {
        "type": "token",
        "authorizerUri": "${aws_lambda_function.builtin_keys.invoke_arn}",
        "authorizerResultTtlInSeconds": 60,
    }
    permission = the(template, "aws_lambda_permission", "builtin_keys_invoke")
    arn = "${aws_api_gateway_rest_api.builtin_rest_api.execution_arn}/*"
    assert permission["source_arn"] == arn


def test_a_quotation_mark_in_an_expression_can_be_read_by_terraform(kept: Kept) -> None:
    code = """
uri = '${replace("x", "x", aws_lambda_alias.live.invoke_arn)}'

@app.route("/quoted", authorizer=CustomAuthorizer("quoted", uri))
def view(): return {}
"""
    definitions = document(kept("quotes", ChaliceApp(code)), "quotes")["securityDefinitions"]
    assert definitions["quoted"]["x-amazon-apigateway-authorizer"]["authorizerUri"] == (
        '${replace("x", "x", aws_lambda_alias.live.invoke_arn)}'
    )


def test_the_same_route_in_two_apps_is_in_both_apis(packaged: Package) -> None:
    sources = [packaged(name, ChaliceApp(VIEW.format(name=""))) for name in ("left", "right")]
    template = merge(sources, Options(api="rest"))
    assert [list(document(template, name)["paths"]) for name in ("left", "right")] == [["/"], ["/"]]


def test_a_jwt_authorizer_is_a_problem(packaged: Package) -> None:
    (problem,) = problems(packaged("jwt", FEATURES["jwt"]), api="rest")
    assert problem == (
        "app jwt: authorizer tokens: REST APIs have no JWT authorizers; use --api http or "
        "http-per-app, or an authorizer of another type"
    )


def test_a_path_that_no_api_supports_is_a_problem(packaged: Package) -> None:
    app = ChaliceApp("@app.route('/x/{id}.json')\ndef view(id): return {}\n")
    (problem,) = problems(packaged("partial", app), api="rest")
    assert problem.startswith("app partial: /x/{id}.json: a path parameter must be a whole path")


def test_a_route_whose_authorizer_is_missing_is_a_problem(packaged: Package) -> None:
    source = packaged("iam", FEATURES["iam"])
    swagger = json.loads(source.template["locals"]["chalice_api_swagger"])
    del swagger["securityDefinitions"]
    template = {**source.template, "locals": {"chalice_api_swagger": json.dumps(swagger)}}
    (problem,) = problems(Source("iam", template), api="rest")
    assert problem.startswith("app iam: GET /iam: its authorizer sigv4 is not in the REST API; ")
