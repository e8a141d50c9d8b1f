"""The report accounts for everything: nothing in the sources is lost without a word, and nothing in
the stack comes from nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.merging import Merged, Options, Source, merge_and_report
from chalice_terraform.merging.report import Entry
from harness.random_apps import RandomApp, apps, package_in_process

MISSING = object()
first = apps("first")
second = apps("second")


ways = st.builds(
    Options,
    api=st.sampled_from(["http", "http-per-app", "rest"]),
    package=st.sampled_from(["zip", "image"]),
    images=st.sampled_from([frozenset(), frozenset({"one"})]),
)


def merged(one: RandomApp, two: RandomApp, way: Options) -> tuple[list[Source], Merged]:
    sources = [
        Source("one", package_in_process("shop", one)),
        Source("two", package_in_process("stock", two)),
    ]
    pools = any("cognito_user_pools" in json.dumps(source.template) for source in sources)
    named = pools and way.api != "rest"
    options = replace(way, audiences={"cognito": ["client"]} if named else {})
    return sources, merge_and_report(sources, options)


def fitting(app: RandomApp, way: Options) -> RandomApp:
    """Return the app with authorizers that its kind of API has."""
    if way.api != "rest":
        return app
    routes = [
        replace(route, authorizer="builtin", scopes=())
        if route.authorizer.startswith("jwt")
        else route
        for route in app.routes
    ]
    return replace(app, routes=tuple(routes))


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


@given(one=first, two=second, way=ways)
def test_nothing_in_the_sources_is_unaccounted_for(
    one: RandomApp, two: RandomApp, way: Options
) -> None:
    one, two = fitting(one, way), fitting(two, way)
    sources, result = merged(one, two, way)
    found = entries(result)
    for source, app in zip(sources, (one, two)):
        for thing in things(source, app):
            entry = found[source.name, thing]
            assert bool(entry.addresses) != bool(entry.why), f"{thing}: what became of it?"


@given(one=first, two=second, way=ways)
def test_nothing_in_the_stack_is_unexplained(one: RandomApp, two: RandomApp, way: Options) -> None:
    _, result = merged(fitting(one, way), fitting(two, way), way)
    explained = {address for entry in result.report.entries for address in entry.addresses}
    added = {addition.address for addition in result.report.additions if addition.why}
    assert set(addresses(result.template)) == explained | added
    assert not explained & added


@given(one=first, two=second, way=ways)
def test_the_arguments_that_differ_are_named(one: RandomApp, two: RandomApp, way: Options) -> None:
    sources, result = merged(fitting(one, way), fitting(two, way), way)
    for (name, thing), entry in entries(result).items():
        kind, _, own = thing.partition(".")
        source = next(source for source in sources if source.name == name)
        after = result.template.get("resource", {}).get(kind, {}).get(f"{name}_{own}")
        if entry.kind == "resource" and after is not None:
            before = source.template["resource"][kind][own]
            for argument in {*before, *after}:
                values = before.get(argument, MISSING), after.get(argument, MISSING)
                # A reference differs by the new name of what it refers to.
                if "${" not in str(values) and argument != "depends_on":
                    assert (argument in entry.arguments) == (values[0] != values[1])
            assert entry.outcome == ("changed" if entry.arguments else "renamed")


@given(one=first, two=second)
def test_the_report_does_not_depend_on_the_order_of_the_sources(
    one: RandomApp, two: RandomApp
) -> None:
    sources, result = merged(one, two, Options())
    audiences = {"cognito": ["client"]} if "cognito_user_pools" in str(sources) else {}
    assert merge_and_report(sources[::-1], Options(audiences=audiences)).report == result.report


def test_a_reference_to_something_replaced_is_a_change() -> None:
    app = RandomApp((), {"work": "function"}, {"A": "${data.aws_region.chalice.name}"})
    _, result = merged(app, RandomApp((), {}, {}), Options())
    assert "environment" in entries(result)["one", "aws_lambda_function.work"].arguments
    region = entries(result)["one", "data.aws_region.chalice"]
    assert (region.outcome, region.addresses) == ("replaced", ("data.aws_service.lambda",))


def test_a_reference_to_an_own_resource_is_no_change() -> None:
    app = RandomApp((), {"work": "function"}, {"A": "${aws_iam_role.default-role.arn}"})
    _, result = merged(app, RandomApp((), {}, {}), Options())
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
