"""The report accounts for everything: nothing in the sources is lost without a word, and nothing in
the stack comes from nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.merging import (
    Merged,
    Options,
    Source,
    merge_and_report,
    shared_template,
)
from chalice_terraform.merging.report import Entry
from harness.random_apps import EVERYTHING, RandomApp, RandomRoute, package_in_process
from harness.random_stacks import RandomStack, stacks

MISSING = object()
KINDS = ("http", "http-per-app", "rest")


def entries(of: Merged) -> Mapping[tuple[str, str], Entry]:
    found = {(entry.app, entry.thing): entry for entry in of.report.entries}
    assert len(found) == len(of.report.entries), "a thing has two entries"
    return found


def things(source: Source, app: RandomApp) -> Iterator[str]:
    """Yield what the source has, without the help of the code under test."""
    for section, value in source.template.items():
        if section in ("resource", "data"):
            prefix = "data." if section == "data" else ""
            yield from (f"{prefix}{kind}.{name}" for kind, named in value.items() for name in named)
        elif section == "output":
            yield from (f"output.{name}" for name in value)
        elif section == "terraform":
            yield from ("terraform.required_version",)
            yield from (f"terraform.required_providers.{it}" for it in value["required_providers"])
        else:
            assert section == "locals"
            yield from (f"local.{name}" for name in value)
    for route in app.routes:
        yield f"{route.method} {route.path}"
        if route.cors:
            yield f"OPTIONS {route.path}"
    for kind in {route.authorizer for route in app.routes} - {"public"}:
        yield f"authorizer {'sigv4' if kind == 'iam' else kind}"


def addresses(template: Mapping[str, Any]) -> Iterator[str]:
    """Yield the address of each block, and for resources with instances that of each instance."""
    yield "terraform"
    for kind, named in template.get("resource", {}).items():
        for name, body in named.items():
            if "for_each" in body:
                keys = template["locals"][body["for_each"][len("${local.") : -1]]
                yield from (f'{kind}.{name}["{key}"]' for key in keys)
            else:
                yield f"{kind}.{name}"
    for kind, named in template.get("data", {}).items():
        yield from (f"data.{kind}.{name}" for name in named)
    for section, prefix in (("locals", "local"), ("variable", "var"), ("output", "output")):
        yield from (f"{prefix}.{name}" for name in template.get(section, {}))


@given(stack=stacks(*KINDS))
def test_nothing_in_the_sources_is_unaccounted_for(stack: RandomStack) -> None:
    sources = stack.sources()
    found = entries(stack.merge_and_report(*sources))
    for source in sources:
        for thing in things(source, stack.apps[source.name]):
            entry = found[source.name, thing]
            assert bool(entry.addresses) != bool(entry.why), f"{thing}: what became of it?"


@given(stack=stacks(*KINDS), shared=st.booleans())
def test_nothing_in_the_stack_is_unexplained(stack: RandomStack, shared: bool) -> None:
    result = stack.merge_and_report(*stack.sources(), separate_shared=shared)
    explained = {address for entry in result.report.entries for address in entry.addresses}
    added = {addition.address for addition in result.report.additions if addition.why}
    assert not explained & added
    there = set(addresses(result.template))
    elsewhere = set(addresses(shared_template())) if shared else set()
    assert there <= explained | added <= there | elsewhere


@given(stack=stacks(*KINDS))
def test_the_arguments_that_differ_are_named(stack: RandomStack) -> None:
    sources = {source.name: source for source in stack.sources()}
    result = stack.merge_and_report(*sources.values())
    for (name, thing), entry in entries(result).items():
        kind, _, own = thing.partition(".")
        after = result.template.get("resource", {}).get(kind, {}).get(f"{name}_{own}")
        if entry.kind == "resource" and after is not None:
            before = sources[name].template["resource"][kind][own]
            for argument in {*before, *after}:
                values = before.get(argument, MISSING), after.get(argument, MISSING)
                # A reference differs by the new name of what it refers to.
                if "${" not in str(values) and argument != "depends_on":
                    assert (argument in entry.arguments) == (values[0] != values[1])
            assert entry.outcome == ("changed" if entry.arguments else "renamed")


@given(stack=stacks(*KINDS))
def test_the_report_does_not_depend_on_the_order_of_the_sources(stack: RandomStack) -> None:
    sources = stack.sources()
    there, back = (stack.merge_and_report(*of).report for of in (sources, sources[::-1]))
    assert there == back


def test_everything_that_chalice_writes_is_accounted_for() -> None:
    source = Source("one", package_in_process("shop", EVERYTHING))
    result = merge_and_report([source], Options(audiences={"cognito": ["web"]}))
    found = entries(result)
    for thing in things(source, EVERYTHING):
        entry = found["one", thing]
        assert bool(entry.addresses) != bool(entry.why), f"{thing}: what became of it?"


def test_a_reference_to_something_replaced_is_a_change() -> None:
    app = RandomApp((), {"work": "function"}, {"A": "${data.aws_region.chalice.name}"})
    result = merge_and_report([Source("one", package_in_process("shop", app))])
    assert "environment" in entries(result)["one", "aws_lambda_function.work"].arguments
    region = entries(result)["one", "data.aws_region.chalice"]
    assert (region.outcome, region.addresses) == ("replaced", ("data.aws_service.lambda",))


def test_a_reference_to_an_own_resource_is_no_change() -> None:
    app = RandomApp((), {"work": "function"}, {"A": "${aws_iam_role.default-role.arn}"})
    result = merge_and_report([Source("one", package_in_process("shop", app))])
    assert "environment" not in entries(result)["one", "aws_lambda_function.work"].arguments


def test_a_thing_that_is_dropped_says_so() -> None:
    source = Source("one", package_in_process("shop", RandomApp((), {"work": "function"}, {})))
    body = source.template["resource"]["aws_lambda_function"]["work"]
    body["layers"] = ["arn:aws:lambda:eu-west-1:123456789012:layer:l:1"]
    options = Options(package="image", allow_drop=frozenset({"layers"}))
    report = merge_and_report([source], options).report
    entry = next(it for it in report.entries if it.thing == "aws_lambda_function.work")
    assert (entry.outcome, entry.dropped) == ("changed", ("layers",))
    assert [loss.drop for loss in report.dropped] == ["layers"]


def test_the_preflight_response_of_a_path_becomes_the_configuration_of_the_http_api() -> None:
    route = RandomRoute("GET", "/items", "public", (), cors=True)
    source = Source("one", package_in_process("shop", RandomApp((route,), {}, {})))
    preflight = entries(merge_and_report([source]))["one", "OPTIONS /items"]
    assert (preflight.kind, preflight.outcome) == ("preflight", "replaced")
    assert preflight.addresses == ("aws_apigatewayv2_api.api",)


def test_an_authorizer_that_two_apps_share_is_of_both() -> None:
    sources = [
        Source(name, package_in_process(name, RandomApp((route,), {}, {})))
        for name, route in (
            ("one", RandomRoute("GET", "/first", "jwt1", ())),
            ("two", RandomRoute("GET", "/second", "jwt1", ())),
        )
    ]
    found = entries(merge_and_report(sources))
    for app in ("one", "two"):
        assert found[app, "authorizer jwt1"].addresses == ("aws_apigatewayv2_authorizer.jwt1",)


def test_a_block_that_replaces_what_the_source_lacks_is_added() -> None:
    app = RandomApp((), {"work": "function"}, {"A": "${data.aws_region.chalice.name}"})
    source = Source("one", package_in_process("shop", app))
    del source.template["data"]["aws_region"]
    additions = {it.address: it.why for it in merge_and_report([source]).report.additions}
    assert additions["data.aws_service.lambda"] == "the stack refers to the region"
