"""How the merge translates a REST API: routes, authorizers and CORS, with a small app for each."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from chalice_terraform.merging import Source, merge
from harness.chalice_apps import CORS, ISSUER
from harness.packaging import ChaliceApp, Package
from harness.reading import Merged, routes, the

# One worker packages the apps for all tests.
pytestmark = pytest.mark.xdist_group("merge")


def test_routes_with_every_method_greedy_parameters_and_any_are_kept(
    merged: Merged,
) -> None:
    methods = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
    assert set(routes(merged("routes"), "routes")) == {
        "GET /",
        *(f"{method} /books/{{id}}" for method in methods),
        "ANY /files/{proxy+}",
    }


def test_the_rest_api_becomes_an_http_api_with_a_default_stage(merged: Merged) -> None:
    template = merged("routes")
    assert the(template, "aws_apigatewayv2_api", "api") == {"name": "api", "protocol_type": "HTTP"}
    stage = the(template, "aws_apigatewayv2_stage", "api")
    assert stage["name"] == "$default"
    assert stage["auto_deploy"] is True
    assert stage["depends_on"] == ["aws_apigatewayv2_route.routes"]
    assert the(template, "aws_apigatewayv2_integration", "routes") == {
        "api_id": "${aws_apigatewayv2_api.api.id}",
        "integration_type": "AWS_PROXY",
        "integration_uri": "${aws_lambda_function.routes_api_handler.invoke_arn}",
        "payload_format_version": "1.0",
    }
    permission = the(template, "aws_lambda_permission", "routes_rest_api_invoke")
    assert permission["source_arn"] == "${aws_apigatewayv2_api.api.execution_arn}/*"
    assert not any(kind.startswith("aws_api_gateway_") for kind in template["resource"])


def test_outputs_are_grouped_under_the_name_of_the_app(merged: Merged) -> None:
    assert merged("routes")["output"]["routes"]["value"] == {
        "EndpointURL": "${aws_apigatewayv2_api.api.api_endpoint}",
        "RestAPIId": "${aws_apigatewayv2_api.api.id}",
    }


def test_binary_types_need_no_setting_in_an_http_api(merged: Merged) -> None:
    assert "POST /binary" in routes(merged("binary"), "binary")
    assert "protobuf" not in json.dumps(merged("binary"))


def test_a_jwt_authorizer_checks_the_scopes_of_each_route(merged: Merged) -> None:
    template = merged("jwt")
    assert the(template, "aws_apigatewayv2_authorizer", "tokens") == {
        "api_id": "${aws_apigatewayv2_api.api.id}",
        "authorizer_type": "JWT",
        "identity_sources": ["$request.header.Authorization"],
        "jwt_configuration": {"audience": ["audit", "books"], "issuer": ISSUER},
        "name": "tokens",
    }
    authorizer = "${aws_apigatewayv2_authorizer.tokens.id}"
    assert routes(template, "jwt") == {
        "POST /jwt": {
            "authorization_type": "JWT",
            "authorizer_id": authorizer,
            "authorization_scopes": ["admin", "write"],
        },
        "GET /jwt": {
            "authorization_type": "JWT",
            "authorizer_id": authorizer,
            "authorization_scopes": None,
        },
        "GET /jwt/public": {
            "authorization_type": "NONE",
            "authorizer_id": None,
            "authorization_scopes": None,
        },
    }


def test_apps_with_one_issuer_and_audience_share_a_jwt_authorizer(
    feature: Callable[[str], Source],
) -> None:
    jwt = feature("jwt")
    other = json.loads(
        json.dumps(jwt.template).replace("app-jwt", "app-other").replace("/jwt", "/other")
    )
    template = merge([jwt, Source("other", other)])
    assert set(template["resource"]["aws_apigatewayv2_authorizer"]) == {"tokens"}
    assert routes(template, "other")["POST /other"] == routes(template, "jwt")["POST /jwt"]


def test_a_cognito_authorizer_becomes_a_jwt_authorizer_of_its_pool(merged: Merged) -> None:
    template = merged("cognito")
    pool = the(template, "aws_apigatewayv2_authorizer", "pool")
    assert pool["jwt_configuration"] == {
        "audience": ["client1"],
        "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC",
    }
    referred = the(template, "aws_apigatewayv2_authorizer", "referred")
    assert referred["identity_sources"] == ["$request.header.X-Token"]
    assert referred["jwt_configuration"]["issuer"] == (
        'https://cognito-idp.${split(":", aws_cognito_user_pool.people.arn)[3]}.'
        "${data.aws_partition.chalice.dns_suffix}"
        '/${split("/", aws_cognito_user_pool.people.arn)[1]}'
    )
    assert routes(template, "cognito")["GET /cognito"]["authorization_scopes"] == ["read"]


def test_an_iam_authorizer_needs_no_resource(merged: Merged) -> None:
    template = merged("iam")
    assert routes(template, "iam")["GET /iam"]["authorization_type"] == "AWS_IAM"
    assert "aws_apigatewayv2_authorizer" not in template["resource"]


def test_a_built_in_authorizer_keeps_its_function_cache_and_permission(merged: Merged) -> None:
    template = merged("builtin")
    keys = the(template, "aws_apigatewayv2_authorizer", "builtin_keys")
    assert keys["authorizer_type"] == "REQUEST"
    assert keys["authorizer_payload_format_version"] == "1.0"
    assert keys["enable_simple_responses"] is False
    assert keys["authorizer_result_ttl_in_seconds"] == 60
    assert keys["identity_sources"] == ["$request.header.X-Key"]
    assert keys["authorizer_uri"] == "${aws_lambda_function.builtin_keys.invoke_arn}"
    permission = the(template, "aws_lambda_permission", "builtin_keys_invoke")
    assert permission["source_arn"] == (
        "${aws_apigatewayv2_api.api.execution_arn}/authorizers/"
        "${aws_apigatewayv2_authorizer.builtin_keys.id}"
    )
    assert the(template, "aws_lambda_function", "builtin_keys")["handler"] == "app.keys"
    assert routes(template, "builtin")["GET /builtin"]["authorization_type"] == "CUSTOM"


def test_a_built_in_authorizer_may_have_a_role_and_the_default_cache_time(merged: Merged) -> None:
    roles = the(merged("builtin"), "aws_apigatewayv2_authorizer", "builtin_roles")
    assert roles["authorizer_credentials_arn"] == "arn:aws:iam::123456789012:role/caller"
    assert roles["authorizer_result_ttl_in_seconds"] == 300


def test_an_unused_built_in_authorizer_remains_a_function(merged: Merged) -> None:
    template = merged("builtin")
    assert "builtin_unused" in template["resource"]["aws_lambda_function"]
    assert "builtin_unused" not in template["resource"]["aws_apigatewayv2_authorizer"]


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("arn", "arn:aws:lambda:eu-west-1:123456789012:function:other"),
        ("name", "${aws_lambda_function.custom_mine.arn}"),
        (
            "alias",
            '${regex("/functions/(.+)/invocations", aws_lambda_alias.live.invoke_arn)[0]}',
        ),
    ],
)
def test_api_gateway_may_call_the_function_of_a_custom_authorizer(
    path: str, function: str, merged: Merged
) -> None:
    template = merged("custom")
    authorizer = routes(template, "custom")[f"GET /custom/{path}"]["authorizer_id"]
    assert {
        "action": "lambda:InvokeFunction",
        "function_name": function,
        "principal": "apigateway.amazonaws.com",
        "source_arn": f"${{aws_apigatewayv2_api.api.execution_arn}}/authorizers/{authorizer}",
    } in template["resource"]["aws_lambda_permission"].values()


def test_a_custom_authorizer_with_a_role_needs_no_permission(merged: Merged) -> None:
    template = merged("custom")
    role = the(template, "aws_apigatewayv2_authorizer", "custom_role")
    assert role["authorizer_credentials_arn"] == "arn:aws:iam::123456789012:role/caller"
    assert "function:third" not in json.dumps(template["resource"]["aws_lambda_permission"])


def test_a_custom_authorizer_keeps_a_cache_time_of_zero(merged: Merged) -> None:
    mine = the(merged("custom"), "aws_apigatewayv2_authorizer", "custom_mine")
    assert mine["authorizer_result_ttl_in_seconds"] == 0


def test_cors_of_the_paths_becomes_the_configuration_of_the_api(packaged: Package) -> None:
    template = merge([packaged("cors", ChaliceApp(CORS))])
    assert the(template, "aws_apigatewayv2_api", "api")["cors_configuration"] == {
        "allow_credentials": True,
        "allow_headers": [
            "Authorization",
            "Content-Type",
            "X-Amz-Date",
            "X-Amz-Security-Token",
            "X-Api-Key",
            "X-Trace",
        ],
        "allow_methods": ["DELETE", "GET", "OPTIONS", "PUT"],
        "allow_origins": ["https://web.example.com"],
        "expose_headers": ["ETag"],
        "max_age": 600,
    }
    assert set(routes(template, "cors")) == {"GET /cors", "PUT /cors", "DELETE /cors/{id}"}


def test_cors_on_any_method_allows_all_methods(packaged: Package) -> None:
    code = "@app.route('/', methods=['ANY'], cors=True)\ndef view(): return {}\n"
    template = merge([packaged("anycors", ChaliceApp(code))])
    cors = the(template, "aws_apigatewayv2_api", "api")["cors_configuration"]
    assert cors["allow_methods"] == ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
