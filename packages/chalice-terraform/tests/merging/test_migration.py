"""What exists of an app comes into the stack: nothing is lost, and nothing is skipped silently."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.merging import (
    Merged,
    MergeError,
    Options,
    Source,
    merge,
    merge_and_report,
)
from chalice_terraform.merging.import_ids import IMPORT_IDS
from chalice_terraform.merging.model import Evidence
from chalice_terraform.merging.naming import prefixed
from harness.deploying import deploy_in_process
from harness.random_apps import RandomApp, RandomRoute, apps, package_in_process
from harness.reference_checker import addresses

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0"
DOMAINS = {
    "api_gateway_endpoint_type": "REGIONAL",
    "api_gateway_custom_domain": {
        "domain_name": "api.example.com",
        "certificate_arn": CERTIFICATE,
    },
    "websocket_api_custom_domain": {
        "domain_name": "ws.example.com",
        "certificate_arn": CERTIFICATE,
    },
}
SHOP = RandomApp(
    routes=(RandomRoute("GET", "/a", "builtin", ()),),
    handlers={
        "queue": "sqs",
        "topic": "sns",
        "table": "dynamodb",
        "stream": "kinesis",
        "ws": "ws",
        "hourly": "schedule",
        "event": "cw",
    },
    variables={},
    settings={**DOMAINS, "automatic_layer": True},
)
PLAIN = replace(SHOP, handlers={"queue": "sqs"}, settings={})
DEPLOYED = deploy_in_process("shop", PLAIN)
ROUTES = {"Items": [{"RouteId": "r1", "RouteKey": "$default", "Target": "integrations/i1"}]}
DROPS = frozenset({"layers"})
shapes = st.sampled_from(
    [(api, package) for api in ("http", "rest", "http-per-app") for package in ("zip", "image")]
)


def options(source: Source, *evidence: Evidence, **given: Any) -> Options:
    """Return the options, with which the features that only images lack may be lost."""
    pools = given.get("api") != "rest" and "cognito_user_pools" in json.dumps(source.template)
    layers = given.get("package") == "image" and "layers" in json.dumps(source.template)
    return Options(
        audiences={"cognito": ["client"]} if pools else {},
        allow_drop=DROPS if layers else frozenset(),
        migrate=evidence,
        **given,
    )


def without_tokens(app: RandomApp) -> RandomApp:
    """Return the app without what a REST API lacks."""
    return replace(
        app, routes=tuple(each for each in app.routes if not each.authorizer.startswith("jwt"))
    )


def in_moves(template: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["from"], each["to"]) for each in template.get("moved", [])]


def imported(template: dict[str, Any]) -> dict[str, str]:
    return {each["to"]: each["id"] for each in template.get("import", [])}


def notes(merged: Merged) -> list[str]:
    return [str(note) for note in merged.report.migration]


def old_addresses(source: Source) -> Iterator[tuple[str, str]]:
    for kind, named in source.template["resource"].items():
        yield from ((kind, name) for name in named)


@given(app=apps("first").map(without_tokens), shape=shapes)
def test_each_old_address_is_moved_or_forgotten_or_named(
    app: RandomApp, shape: tuple[str, str]
) -> None:
    source = Source("one", package_in_process("shop", app))
    api, package = shape
    merged = merge_and_report(
        [source], options(source, Evidence("one", "terraform"), api=api, package=package)
    )
    moves = in_moves(merged.template)
    forgotten = {each["from"] for each in merged.template.get("removed", [])}
    assert len({to for _, to in moves}) == len(moves) == len({old for old, _ in moves})
    assert {to for _, to in moves} | set(imported(merged.template)) <= addresses(merged.template)
    assert not {old for old, _ in moves} & addresses(merged.template)
    assert all(re.fullmatch(r"\w+\.[\w-]+", old) for old, _ in moves)  # as Terraform has it
    for kind, name in old_addresses(source):
        old = f"{kind}.{name}"
        named = any(f": {old}: " in line for line in notes(merged))
        assert [old in dict(moves), old in forgotten, named].count(True) == 1
        if old in dict(moves):
            assert dict(moves)[old] == f"{kind}.{prefixed('one', name)}"
        if kind == "aws_api_gateway_rest_api":
            assert (old in dict(moves)) == (api == "rest")


@given(app=apps("first").map(without_tokens), shape=shapes)
def test_each_thing_that_chalice_deployed_is_imported_or_named(
    app: RandomApp, shape: tuple[str, str]
) -> None:
    source = Source("one", package_in_process("shop", app))
    deployed = deploy_in_process("shop", app)
    api, package = shape
    given_ = options(
        source,
        Evidence("one", "dev.json", deployed),
        Evidence("one", "routes.json", ROUTES),
        api=api,
        package=package,
    )
    merged = merge_and_report([source], given_)
    found = imported(merged.template)
    assert set(found) <= addresses(merged.template)
    for record in deployed["resources"]:
        ids = {value for key, value in record.items() if key not in ("name", "resource_type")}
        thing = f"{record['resource_type']} {record['name']}"
        known = any(set(name.split("/")) & ids or name in ids for name in found.values())
        functions = {str(value).rpartition(":")[2] for value in ids}
        assert known or functions & set(found.values()) or any(thing in it for it in notes(merged))
        if record["resource_type"] != "rest_api" or api == "rest":
            assert not any(f": {thing}: " in line for line in notes(merged))


@given(app=apps("first").map(without_tokens))
def test_each_resource_of_another_state_is_imported(app: RandomApp) -> None:
    source = Source("one", package_in_process("shop", app))
    merged = merge_and_report(
        [source], options(source, Evidence("one", "old.tfstate", state(source)), api="rest")
    )
    found = imported(merged.template)
    assert set(found) <= addresses(merged.template)
    assert any("old.tfstate: the stack that has this state would" in it for it in notes(merged))
    for kind, name in old_addresses(source):
        body = source.of_type(kind)[name]
        by_chance = kind == "aws_lambda_permission" and "statement_id" not in body
        if kind != "aws_api_gateway_deployment":
            assert (f"{kind}.{prefixed('one', name)}" in found) != by_chance
        if by_chance:
            assert any("permissions to call functions: the plan adds" in it for it in notes(merged))
    if source.of_type("aws_api_gateway_rest_api"):
        assert found["aws_api_gateway_stage.one_rest_api"] == "rest_api_id/api"


def state(source: Source, module: str | None = None) -> dict[str, Any]:
    """Return a state with the resources of the source, whose attributes have their own names."""
    return {
        "version": 4,
        "lineage": "x",
        "resources": [
            {
                "mode": "managed",
                "type": kind,
                "name": name,
                **({"module": module} if module else {}),
                "instances": [{"attributes": attributes(kind, source.of_type(kind)[name])}],
            }
            for kind, name in old_addresses(source)
        ],
    }


def attributes(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    names = (
        "api_id arn bucket domain_name id name rest_api_id rule statement_id target_id uuid role"
    )
    texts = {
        key: value for key, value in body.items() if isinstance(value, str) and "${" not in value
    }
    return {**{name: name for name in names.split()}, "function_name": "f", **texts}


def test_a_data_source_of_a_state_is_not_imported() -> None:
    source = Source("shop", package_in_process("shop", PLAIN))
    looked_up = {
        "mode": "data",
        "type": "aws_iam_role",
        "name": "default-role",
        "instances": [{"attributes": {"name": "another"}}],
    }
    before = state(source)
    before["resources"].append(looked_up)
    template = merge([source], Options(migrate=[Evidence("shop", "old.tfstate", before)]))
    assert imported(template)["aws_iam_role.shop_default-role"] == "shop-dev"


def test_every_type_that_chalice_writes_can_be_imported() -> None:
    source = Source("one", package_in_process("shop", SHOP))
    kinds = {kind for kind, _ in old_addresses(source)} - {"aws_api_gateway_deployment"}
    assert kinds <= set(IMPORT_IDS)


def deployed_app(**settings: Any) -> tuple[Source, dict[str, Any]]:
    app = replace(SHOP, settings={**SHOP.settings, **settings})
    return Source("shop", package_in_process("shop", app)), deploy_in_process("shop", app)


def mappings(deployed: dict[str, Any]) -> dict[str, Any]:
    """Return the API mappings of both domains of the app, as API Gateway lists them."""
    ids = {each["name"]: each for each in deployed["resources"]}
    return {
        "Items": [
            {"ApiMappingId": "m1", "ApiId": ids["rest_api"]["rest_api_id"], "ApiMappingKey": ""},
            {"ApiMappingId": "m2", "ApiId": ids["websocket_api"]["websocket_api_id"]},
            {"ApiMappingId": "m3", "ApiId": "another"},
            {"ApiMappingId": "m4", "ApiId": ids["rest_api"]["rest_api_id"], "ApiMappingKey": "v1"},
        ]
    }


def test_all_that_chalice_deployed_is_imported_by_the_ids_that_aws_knows() -> None:
    source, deployed = deployed_app()
    rest, websocket = (
        next(each[key] for each in deployed["resources"] if key in each)
        for key in ("rest_api_id", "websocket_api_id")
    )
    evidence = [("dev", deployed), ("routes", ROUTES), ("mappings", mappings(deployed))]
    given_ = Options(api="rest", migrate=[Evidence("shop", *each) for each in evidence])
    template = merge([source], given_)
    found = {to.replace(".shop_", "."): id_ for to, id_ in imported(template).items()}
    uuids = [value for to, value in found.items() if "event_source_mapping" in to]
    assert sorted(uuids) == sorted(
        each["event_uuid"] for each in deployed["resources"] if "event_uuid" in each
    )
    expected = {
        "aws_api_gateway_base_path_mapping.api_gateway_custom_domain_mapping": "api.example.com/",
        "aws_api_gateway_domain_name.api_gateway_custom_domain": "api.example.com",
        "aws_api_gateway_rest_api.rest_api": rest,
        "aws_api_gateway_stage.rest_api": f"{rest}/api",
        "aws_apigatewayv2_api.websocket_api": websocket,
        "aws_apigatewayv2_api_mapping.websocket_api_custom_domain_mapping": "m2/ws.example.com",
        "aws_apigatewayv2_domain_name.websocket_api_custom_domain": "ws.example.com",
        "aws_apigatewayv2_integration.websocket_message_api_integration": f"{websocket}/i1",
        "aws_apigatewayv2_route.websocket_message_route": f"{websocket}/r1",
        "aws_apigatewayv2_stage.websocket_api_stage": f"{websocket}/api",
        "aws_cloudwatch_event_rule.hourly-event": "shop-dev-hourly-event",
        "aws_cloudwatch_event_target.hourly-event": "shop-dev-hourly-event/1",
        "aws_iam_role.default-role": "shop-dev",
        "aws_iam_role_policy.default-role": "shop-dev:shop-dev",
        "aws_lambda_function.api_handler": "shop-dev",
        "aws_lambda_function.queue": "shop-dev-queue",
    }
    assert expected.items() <= found.items()


def test_the_domain_of_a_deployed_rest_api_becomes_that_of_the_http_api() -> None:
    source, deployed = deployed_app()
    evidence = [("dev", deployed), ("routes", ROUTES), ("mappings", mappings(deployed))]
    merged = merge_and_report(
        [source], Options(migrate=[Evidence("shop", *each) for each in evidence])
    )
    found = imported(merged.template)
    domain = "shop_api_gateway_custom_domain"
    assert found[f"aws_apigatewayv2_domain_name.{domain}"] == "api.example.com"
    assert found[f"aws_apigatewayv2_api_mapping.{domain}_mapping"] == "m1/api.example.com"
    assert not any("domain_name" in line for line in notes(merged))


def test_the_domain_of_a_state_is_forgotten_as_a_rest_apis_and_imported_as_an_http_apis() -> None:
    source, deployed = deployed_app()
    evidence = [Evidence("shop", "terraform"), Evidence("shop", "m.json", mappings(deployed))]
    template = merge([source], Options(migrate=evidence))
    assert [each["from"] for each in template["removed"]] == [
        "aws_api_gateway_base_path_mapping.api_gateway_custom_domain_mapping",
        "aws_api_gateway_domain_name.api_gateway_custom_domain",
    ]
    assert all(each["lifecycle"] == {"destroy": False} for each in template["removed"])
    assert template["terraform"]["required_version"] == ">= 1.7"
    domain = "aws_apigatewayv2_domain_name.shop_api_gateway_custom_domain"
    assert imported(template)[domain] == "api.example.com"


def test_a_rest_api_keeps_its_stage_which_its_old_deployment_would_delete() -> None:
    source = Source("shop", package_in_process("shop", replace(SHOP, settings={})))
    template = merge([source], Options(api="rest", migrate=[Evidence("shop", "terraform")]))
    assert [each["from"] for each in template["removed"]] == ["aws_api_gateway_deployment.rest_api"]
    api = "${aws_api_gateway_rest_api.shop_rest_api.id}"
    assert imported(template) == {"aws_api_gateway_stage.shop_rest_api": f"{api}/api"}
    assert template["terraform"]["required_version"] == ">= 1.7"


def test_the_policy_that_chalice_deployed_is_replaced_before_it_is_destroyed() -> None:
    """Its name changes; without it, the functions could do nothing for a while."""
    source = Source("shop", package_in_process("shop", PLAIN))
    template = merge([source], Options(migrate=[Evidence("shop", "dev.json", DEPLOYED)]))
    body = template["resource"]["aws_iam_role_policy"]["shop_default-role"]
    assert body["lifecycle"] == {"create_before_destroy": True}
    template = merge([source], Options(migrate=[Evidence("shop", "terraform")]))
    assert "lifecycle" not in template["resource"]["aws_iam_role_policy"]["shop_default-role"]
    assert template["terraform"]["required_version"] == ">= 1.5"


@pytest.mark.parametrize("origin", ["none", "terraform"])
def test_log_groups_that_exist_are_imported(origin: str) -> None:
    source = Source("shop", package_in_process("shop", replace(SHOP, settings={})))
    groups = {"logGroups": [{"logGroupName": f"/aws/lambda/{it}"} for it in ("shop-dev", "other")]}
    evidence = [Evidence("shop", "groups.json", groups)]
    if origin != "none":
        evidence.append(Evidence("shop", origin))
    merged = merge_and_report([source], Options(migrate=evidence))
    group = "aws_cloudwatch_log_group.shop_api_handler"
    assert imported(merged.template) == {group: "/aws/lambda/shop-dev"}
    assert not any("log groups" in line for line in notes(merged))


def test_log_groups_that_may_exist_are_named() -> None:
    source = Source("shop", package_in_process("shop", replace(SHOP, settings={})))
    merged = merge_and_report([source], Options(migrate=[Evidence("shop", "terraform")]))
    (line,) = (line for line in notes(merged) if "log groups" in line)
    assert "aws logs describe-log-groups" in line


def test_apps_move_out_of_the_modules_that_had_them() -> None:
    two = Source("two", package_in_process("stock", replace(SHOP, settings={})))
    evidence = [Evidence("one", "module.shop"), Evidence("two", "module.stock")]
    one = Source("one", package_in_process("shop", replace(SHOP, settings={})))
    moves = in_moves(merge([one, two], Options(api="rest", migrate=evidence)))
    pair = ("module.stock.aws_lambda_function.queue", "aws_lambda_function.two_queue")
    assert pair in moves
    assert len({to for _, to in moves}) == len(moves)


def test_an_app_in_a_module_may_have_any_names() -> None:
    app = replace(PLAIN, handlers={"q": "function", "shop_q": "function"})
    source = Source("shop", package_in_process("shop", app))
    template = merge([source], Options(migrate=[Evidence("shop", "module.old")]))
    moves = dict(in_moves(template))
    assert moves["module.old.aws_lambda_function.q"] == "aws_lambda_function.shop_q"
    assert moves["module.old.aws_lambda_function.shop_q"] == "aws_lambda_function.shop_shop_q"


def test_a_note_names_what_is_deployed_and_not_in_the_stack() -> None:
    source = Source("shop", package_in_process("shop", PLAIN))
    before = replace(PLAIN, handlers={"queue": "sqs", "gone": "sqs"})
    deployed = deploy_in_process("shop", before)
    merged = merge_and_report([source], Options(migrate=[Evidence("shop", "dev.json", deployed)]))
    lines = "\n".join(notes(merged))
    assert "lambda_function gone: the stack has none, so shop-dev-gone stays as it is" in lines
    assert "sqs_event gone-sqs-event-source" in lines
    assert "delete it when no client uses its URL: aws apigateway delete-rest-api" in lines


TWO_MODULES = state(Source("shop", package_in_process("shop", PLAIN)), "module.a")
TWO_MODULES["resources"] += state(Source("shop", package_in_process("shop", PLAIN)))["resources"]
EDGE = {**DOMAINS, "api_gateway_endpoint_type": "EDGE"}


@pytest.mark.parametrize(
    ("app", "evidence", "expected"),
    [
        (PLAIN, [("stock", "terraform")], "--migrate stock=terraform: no source has this name"),
        (PLAIN, [("shop", "f.json", {"a": 1})], "--migrate f.json: it is neither a record of"),
        (PLAIN, [("shop", "f.json", [])], "--migrate f.json: it is neither a record of"),
        (
            PLAIN,
            [("shop", "f.json", {**DEPLOYED, "schema_version": "1.0"})],
            "f.json: its schema_version 1.0 is not 2.0; deploy the app once",
        ),
        (
            PLAIN,
            [("shop", "f.json", deploy_in_process("prod", PLAIN))],
            "its function queue is prod-dev-queue, and that of the stack shop-dev-queue; give",
        ),
        (
            PLAIN,
            [("shop", "f.json", {"schema_version": "2.0", "resources": [{"resource_type": "x"}]})],
            "f.json: the merge does not know x None; import it by hand",
        ),
        (
            PLAIN,
            [
                (
                    "shop",
                    "f.json",
                    {"schema_version": "2.0", "resources": [{"resource_type": "iam_role"}]},
                )
            ],
            "f.json: iam_role None is not as Chalice writes it",
        ),
        (
            PLAIN,
            [("shop", "terraform"), ("shop", "f.json", DEPLOYED)],
            "--migrate gives f.json and terraform; give one of them",
        ),
        (PLAIN, [("shop", "r.json", ROUTES)], "--migrate gives only a listing; give as well"),
        (PLAIN, [("shop", "f.tfstate", TWO_MODULES)], "pull the state of one stack of this app"),
        (
            replace(PLAIN, settings=EDGE),
            [("shop", "terraform")],
            "custom domain api.example.com: it is an EDGE domain, which an HTTP API cannot have",
        ),
        (
            replace(PLAIN, settings=DOMAINS),
            [("shop", "terraform")],
            "FILE with the output of `aws apigatewayv2 get-api-mappings --domain-name api.example",
        ),
        (
            replace(PLAIN, handlers={"ws": "ws"}),
            [("shop", "f.json", deploy_in_process("shop", replace(PLAIN, handlers={"ws": "ws"})))],
            "FILE with the output of `aws apigatewayv2 get-routes --api-id create_websocket_api-",
        ),
        (
            replace(PLAIN, handlers={"q": "function", "shop_q": "function"}),
            [("shop", "terraform")],
            "aws_lambda_function.shop_q: the stack has another resource of this name",
        ),
    ],
)
def test_a_mistake_is_a_problem_that_says_what_to_do(
    app: RandomApp, evidence: list[tuple[Any, ...]], expected: str
) -> None:
    source = Source("shop", package_in_process("shop", app))
    with pytest.raises(MergeError) as raised:
        merge([source], Options(migrate=[Evidence(*each) for each in evidence]))
    assert expected in str(raised.value)


def test_two_apps_cannot_come_from_the_same_addresses_of_one_state() -> None:
    two = [Source(name, package_in_process(name, PLAIN)) for name in ("one", "two")]
    with pytest.raises(MergeError) as raised:
        merge(two, Options(api="rest", migrate=[Evidence(it.name, "terraform") for it in two]))
    assert "apps one and two: both would come from aws_lambda_function.queue of one state" in str(
        raised.value
    )


def test_a_stack_without_a_migration_has_no_such_blocks() -> None:
    template = merge([Source("shop", package_in_process("shop", PLAIN))])
    assert not {"import", "moved", "removed"} & set(template)
