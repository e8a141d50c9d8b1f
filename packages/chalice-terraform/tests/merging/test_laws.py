"""Properties of the merge that hold for any Chalice apps."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalice_terraform.command_line.files import as_text
from chalice_terraform.merging import Options, Source, merge
from chalice_terraform.merging.naming import prefixed
from harness.random_apps import (
    URI,
    RandomApp,
    RandomRoute,
    apps,
    package_in_process,
)
from harness.reference_checker import addresses, dangling, references

OUTSIDE = frozenset(
    {"var.issuer"}
)  # the issuer of random JWT authorizers, which a user would declare
CONSUMED = {"aws_api_gateway_rest_api", "aws_api_gateway_deployment"}
names = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
first = apps("first")
second = apps("second")


def sources(one: RandomApp, two: RandomApp) -> list[Source]:
    return [
        Source("one", package_in_process("shop", one)),
        Source("two", package_in_process("stock", two)),
    ]


def merged(*of: Source) -> dict[str, Any]:
    pools = any("cognito_user_pools" in json.dumps(source.template) for source in of)
    return merge(of, Options(audiences={"cognito": ["client"]} if pools else {}))


def resource(template: Mapping[str, Any], reference: str) -> dict[str, Any]:
    """Return the resource that ``${type.name.attribute}`` refers to."""
    kind, name, _ = reference.removeprefix("${").removesuffix("}").split(".")
    body = template["resource"][kind][name]
    assert isinstance(body, dict)
    return body


@given(one=first, two=second)
def test_every_route_is_kept_with_its_authorization(one: RandomApp, two: RandomApp) -> None:
    template = merged(*sources(one, two))
    for name, app in (("one", one), ("two", two)):
        found = template.get("locals", {}).get(f"{name}_routes", {})
        assert set(found) == {f"{route.method} {route.path}" for route in app.routes}
        for route in app.routes:
            instance = found[f"{route.method} {route.path}"]
            check_authorization(template, name, route, instance)


def check_authorization(
    template: dict[str, Any], app: str, route: RandomRoute, instance: dict[str, Any]
) -> None:
    kinds = {"public": "NONE", "iam": "AWS_IAM", "builtin": "CUSTOM", "custom": "CUSTOM"}
    assert instance["authorization_type"] == kinds.get(route.authorizer, "JWT")
    assert instance["authorization_scopes"] == (sorted(route.scopes) or None)
    if route.authorizer in ("public", "iam"):
        assert instance["authorizer_id"] is None
        return
    authorizer = resource(template, instance["authorizer_id"])
    expected: dict[str, Any] = {
        "builtin": ("authorizer_uri", f"${{aws_lambda_function.{app}_builtin.invoke_arn}}"),
        "custom": ("authorizer_uri", URI),
        "cognito": (
            "jwt_configuration",
            {
                "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC",
                "audience": ["client"],
            },
        ),
        "jwt1": (
            "jwt_configuration",
            {"issuer": "https://one.example.com/", "audience": ["books"]},
        ),
        "jwt2": ("jwt_configuration", {"issuer": "${var.issuer}", "audience": ["books"]}),
    }
    attribute, value = expected[route.authorizer]
    assert authorizer[attribute] == value


@given(one=first, two=second)
def test_no_reference_is_dangling(one: RandomApp, two: RandomApp) -> None:
    assert not dangling(merged(*sources(one, two)), OUTSIDE)


@given(one=first)
def test_every_resource_except_the_rest_api_is_kept_under_its_new_name(one: RandomApp) -> None:
    source = Source("one", package_in_process("shop", one))
    template = merged(source)
    kept = {
        f"{kind}.{prefixed('one', name)}"
        for kind, named in source.template["resource"].items()
        for name in named
        if kind not in CONSUMED
    }
    assert kept <= addresses(template)


@given(one=first, two=second, seed=st.integers())
def test_the_order_of_the_sources_does_not_change_a_byte(
    one: RandomApp, two: RandomApp, seed: int
) -> None:
    of = sources(one, two)
    chance = random.Random(seed)
    shuffled = [Source(source.name, shuffle(source.template, chance)) for source in of]
    chance.shuffle(shuffled)
    assert as_text(merged(*shuffled)) == as_text(merged(*of))


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


@given(one=first, two=second)
def test_the_sources_are_not_modified(one: RandomApp, two: RandomApp) -> None:
    of = sources(one, two)
    before = json.dumps([source.template for source in of])
    merged(*of)
    assert json.dumps([source.template for source in of]) == before


@given(one=first, two=second)
def test_an_app_merges_the_same_alone_and_beside_another(one: RandomApp, two: RandomApp) -> None:
    of = sources(one, two)
    both, alone = merged(*of), merged(of[0])
    for kind, named in alone.get("resource", {}).items():
        for name, body in named.items():
            other = both["resource"][kind][name]
            if kind == "aws_apigatewayv2_stage" and name == "api":
                assert set(body["depends_on"]) <= set(other["depends_on"])
            else:
                assert other == body
    assert alone.get("output", {}).items() <= both.get("output", {}).items()
    assert alone.get("variable", {}).items() <= both.get("variable", {}).items()


@given(one=first)
def test_another_app_name_changes_only_names(one: RandomApp) -> None:
    template = package_in_process("shop", one)
    renamed = as_text(merged(Source("qqone", template))).replace("qqone", "zztwo")
    assert json.loads(renamed) == merged(Source("zztwo", template))


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
@given(one=first.filter(lambda app: bool(app.handlers)))
def test_the_reference_checker_finds_a_dangling_reference(one: RandomApp) -> None:
    template = merged(Source("one", package_in_process("shop", one)))
    used = sorted(
        address for address in references(template) if address.startswith("aws_lambda_function.")
    )
    for address in used:
        kind, name = address.split(".")
        without = json.loads(json.dumps(template))
        del without["resource"][kind][name]
        assert address in dangling(without, OUTSIDE)
