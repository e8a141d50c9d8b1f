"""Properties of the merge that hold for any Chalice apps."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalice_terraform.command_line.files import as_text
from chalice_terraform.merging import Source, shared_template
from chalice_terraform.merging.naming import prefixed
from harness.random_apps import URI, RandomRoute
from harness.random_stacks import RandomStack, stacks
from harness.reference_checker import addresses, dangling, references

OUTSIDE = frozenset({"var.issuer", "var.stage"})  # which a user would declare
HTTP = ("http", "http-per-app")
ALL = (*HTTP, "rest")
POOL_ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC"
names = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)

# What no kind of API keeps as it is.
REPLACED: Mapping[str, frozenset[str]] = {
    "http": frozenset({"aws_api_gateway_rest_api", "aws_api_gateway_deployment"}),
    "http-per-app": frozenset({"aws_api_gateway_rest_api", "aws_api_gateway_deployment"}),
    "rest": frozenset(),
}


def resource(template: Mapping[str, Any], reference: str) -> dict[str, Any]:
    """Return the resource that ``${type.name.attribute}`` refers to."""
    kind, name, _ = reference.removeprefix("${").removesuffix("}").split(".")
    body = template["resource"][kind][name]
    assert isinstance(body, dict)
    return body


@given(stack=stacks(*HTTP))
def test_an_http_api_keeps_every_route_with_its_authorization(stack: RandomStack) -> None:
    template = stack.merge(*stack.sources())
    for name, app in stack.apps.items():
        api = f"${{aws_apigatewayv2_api.{name if stack.api == 'http-per-app' else 'api'}.id}}"
        found = template.get("locals", {}).get(f"{name}_routes", {})
        assert set(found) == {f"{route.method} {route.path}" for route in app.routes}
        if found:
            assert template["resource"]["aws_apigatewayv2_route"][name]["api_id"] == api
            assert template["resource"]["aws_apigatewayv2_integration"][name]["api_id"] == api
        for route in app.routes:
            instance = found[f"{route.method} {route.path}"]
            check_authorization(template, name, api, route, instance)


def check_authorization(
    template: dict[str, Any], app: str, api: str, route: RandomRoute, instance: dict[str, Any]
) -> None:
    kinds = {"public": "NONE", "iam": "AWS_IAM", "builtin": "CUSTOM", "custom": "CUSTOM"}
    assert instance["authorization_type"] == kinds.get(route.authorizer, "JWT")
    assert instance["authorization_scopes"] == (sorted(route.scopes) or None)
    if route.authorizer in ("public", "iam"):
        assert instance["authorizer_id"] is None
        return
    authorizer = resource(template, instance["authorizer_id"])
    assert authorizer["api_id"] == api
    issuers = {
        "cognito": (POOL_ISSUER, "client"),
        "jwt1": ("https://one.example.com/", "books"),
        "jwt2": ("${var.issuer}", "books"),
    }
    if route.authorizer in issuers:
        issuer, audience = issuers[route.authorizer]
        assert authorizer["jwt_configuration"] == {"issuer": issuer, "audience": [audience]}
    else:
        own = f"${{aws_lambda_function.{app}_builtin.invoke_arn}}"
        assert authorizer["authorizer_uri"] == (own if route.authorizer == "builtin" else URI)


@given(stack=stacks("rest"))
def test_a_rest_api_keeps_every_route_with_its_authorization(stack: RandomStack) -> None:
    template = stack.merge(*stack.sources())
    for name, app in stack.apps.items():
        paths = template.get("locals", {}).get(f"{name}_chalice_api_swagger", {}).get("paths", {})
        operations = {
            (method, path): operation
            for path, operations in paths.items()
            for method, operation in operations.items()
            if operation["x-amazon-apigateway-integration"]["type"] != "mock"
        }
        any_method = {"any": "x-amazon-apigateway-any-method"}
        assert set(operations) == {
            (any_method.get(route.method.lower(), route.method.lower()), route.path)
            for route in app.routes
        }
        for route in app.routes:
            method = any_method.get(route.method.lower(), route.method.lower())
            operation = operations[method, route.path]
            schemes = [{"sigv4" if key == "iam" else key: value} for key, value in wanted(route)]
            assert operation.get("security", []) == schemes
            assert ("options" in paths[route.path]) == route.cors


def wanted(route: RandomRoute) -> list[tuple[str, list[str]]]:
    """Return the security schemes of a route, with their scopes."""
    key: list[tuple[str, list[str]]] = [("api_key", [])] if route.api_key else []
    return [
        *key,
        *([(route.authorizer, list(route.scopes))] if route.authorizer != "public" else []),
    ]


@given(stack=stacks("rest"))
def test_a_rest_api_is_kept_whole(stack: RandomStack) -> None:
    of = stack.sources()
    template = stack.merge(*of)
    for source in of:
        text = source.template.get("locals", {}).get("chalice_api_swagger")
        if text is None:
            continue
        name = f"{source.name}_rest_api"
        local = f"{source.name}_chalice_api_swagger"
        assert template["locals"][local] == document(source.name, json.loads(text))
        written = source.template["resource"]["aws_api_gateway_rest_api"]["rest_api"]
        kept = dict(template["resource"]["aws_api_gateway_rest_api"][name])
        endpoints = json.loads(text).get("x-amazon-apigateway-endpoint-configuration")
        if endpoints:
            configuration = dict(kept["endpoint_configuration"])
            assert configuration.pop("vpc_endpoint_ids") == endpoints["vpcEndpointIds"]
            kept["endpoint_configuration"] = configuration
        assert kept == {**written, "body": f"${{jsonencode(local.{local})}}"}
        deployed = source.template["resource"]["aws_api_gateway_deployment"]["rest_api"]
        stage = template["resource"]["aws_api_gateway_stage"][name]
        assert stage == {
            "deployment_id": f"${{aws_api_gateway_deployment.{name}.id}}",
            "rest_api_id": f"${{aws_api_gateway_rest_api.{name}.id}}",
            "stage_name": deployed["stage_name"],
        }
        triggers = template["resource"]["aws_api_gateway_deployment"][name]["triggers"]
        assert triggers.pop("body") == f"${{sha1(aws_api_gateway_rest_api.{name}.body)}}"
        assert triggers == {
            key: str(value) for key, value in written.items() if key == "minimum_compression_size"
        }


def document(app: str, swagger: Any) -> Any:
    """Return the Swagger document that an app should have, by two patterns over its text."""
    for operations in swagger["paths"].values():
        for operation in operations.values():
            for prose in {"summary", "description"} & set(operation):
                operation[prose] = re.sub(r"([$%])\{", r"\1\1{", operation[prose])
        if "any" in operations:
            operations["x-amazon-apigateway-any-method"] = operations.pop("any")
    text = re.sub(r"(?<!\$)\$\{(aws_lambda_function)\.", rf"${{\1.{app}_", json.dumps(swagger))
    return json.loads(text)


@given(stack=stacks(*ALL))
def test_no_reference_is_dangling(stack: RandomStack) -> None:
    assert not dangling(stack.merge(*stack.sources()), OUTSIDE)


@given(stack=stacks(*ALL))
def test_every_resource_but_a_replaced_rest_api_is_kept_under_its_new_name(
    stack: RandomStack,
) -> None:
    of = stack.sources()
    template = stack.merge(*of)
    kept = {
        f"{kind}.{prefixed(source.name, name)}"
        for source in of
        for kind, named in source.template["resource"].items()
        for name in named
        if kind not in REPLACED[stack.api]
    }
    assert kept <= addresses(template)


@given(stack=stacks(*ALL))
def test_every_permission_is_kept_for_the_same_function(stack: RandomStack) -> None:
    of = stack.sources()
    template = stack.merge(*of)
    for source in of:
        for name, body in source.template["resource"].get("aws_lambda_permission", {}).items():
            kept = template["resource"]["aws_lambda_permission"][prefixed(source.name, name)]
            function = body["function_name"].replace("tion.", f"tion.{source.name}_")
            assert kept["function_name"] == function
            assert kept["principal"] == body["principal"]
            assert kept["action"] == body["action"]
            if stack.api == "rest" and "rest_api" in body["source_arn"]:
                arn = body["source_arn"].replace(".rest_api.", f".{source.name}_rest_api.")
                assert kept["source_arn"] == arn


@given(stack=stacks(*ALL), seed=st.integers())
def test_the_order_of_the_sources_does_not_change_a_byte(stack: RandomStack, seed: int) -> None:
    of = stack.sources()
    chance = random.Random(seed)
    shuffled = [Source(source.name, shuffle(source.template, chance)) for source in of]
    chance.shuffle(shuffled)
    assert as_text(stack.merge(*shuffled)) == as_text(stack.merge(*of))


def shuffle(value: Any, chance: random.Random) -> Any:
    """Return equal JSON with its objects' members in another order, the Swagger string included."""
    if isinstance(value, dict):
        members = [(key, shuffle(member, chance)) for key, member in value.items()]
        chance.shuffle(members)
        swagger = {"chalice_api_swagger"} & set(value)
        return {
            key: json.dumps(shuffle(json.loads(member), chance)) if key in swagger else member
            for key, member in members
        }
    return [shuffle(item, chance) for item in value] if isinstance(value, list) else value


@given(stack=stacks(*ALL))
def test_the_sources_are_not_modified(stack: RandomStack) -> None:
    of = stack.sources()
    before = json.dumps([source.template for source in of])
    stack.merge(*of)
    assert json.dumps([source.template for source in of]) == before


@given(stack=stacks(*ALL))
def test_an_app_merges_the_same_alone_and_beside_another(stack: RandomStack) -> None:
    of = stack.sources()
    both, alone = stack.merge(*of), stack.merge(of[0])
    for kind, named in alone.get("resource", {}).items():
        for name, body in named.items():
            other = both["resource"][kind][name]
            if stack.api == "http" and kind == "aws_apigatewayv2_stage" and name == "api":
                assert set(body["depends_on"]) <= set(other["depends_on"])
            else:
                assert other == body
    for section in ("locals", "output", "variable"):
        assert alone.get(section, {}).items() <= both.get(section, {}).items()


@given(stack=stacks(*ALL))
def test_another_app_name_changes_only_names(stack: RandomStack) -> None:
    template = stack.sources()[0].template
    renamed = as_text(stack.merge(Source("qqone", template))).replace("qqone", "zztwo")
    assert json.loads(renamed) == stack.merge(Source("zztwo", template))


@given(here=stacks(*ALL), there=stacks(*ALL))
def test_outputs_of_one_module_share_no_block_but_those_in_a_file_of_its_own(
    here: RandomStack, there: RandomStack
) -> None:
    name = {"api_name": "other"} if there.api == "http" else {}
    templates = [
        here.merge(here.sources()[0], separate_shared=True),
        there.merge(there.sources()[1], separate_shared=True, **name),
        shared_template(),
    ]
    blocks = [block for template in templates for block in paths(template)]
    assert len(set(blocks)) == len(blocks)
    found = {address for template in templates for address in addresses(template)}
    used = {address for template in templates for address in references(template)}
    assert used <= found | OUTSIDE


def paths(template: dict[str, Any]) -> set[tuple[str, ...]]:
    """Return the paths of all blocks."""
    return {
        (section, kind, *([name] if section in ("data", "resource") else []))
        for section, kinds in template.items()
        if section != "//"
        for kind, named in kinds.items()
        for name in (named if section in ("data", "resource") else [""])
    }


@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["a", "ab"]), st.text(alphabet="ab_-.$", min_size=1, max_size=3)),
        unique=True,
    )
)
def test_renaming_keeps_names_distinct(pairs: list[tuple[str, str]]) -> None:
    renamed = {prefixed(app, name) for app, name in pairs}
    assert len(renamed) == len(pairs)


@given(app=names, name=st.text(alphabet="ab_-.$/{} é", min_size=1, max_size=12))
def test_new_names_are_valid_terraform_identifiers(app: str, name: str) -> None:
    renamed = prefixed(app, name)
    assert renamed.replace("-", "_").isidentifier()
    assert renamed.isascii()


@settings(max_examples=10)
@given(stack=stacks(*ALL))
def test_the_reference_checker_finds_a_dangling_reference(stack: RandomStack) -> None:
    template = stack.merge(*stack.sources())
    used = sorted(
        address for address in references(template) if address.startswith("aws_lambda_function.")
    )
    for address in used:
        kind, name = address.split(".")
        without = json.loads(json.dumps(template))
        del without["resource"][kind][name]
        assert address in dangling(without, OUTSIDE)
