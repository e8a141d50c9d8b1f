"""Whatever is not as Chalice writes it is a clear problem or a right result, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.command_line.files import as_text
from chalice_terraform.merging import MergeError, Options, Source, merge_and_report
from chalice_terraform.merging.naming import prefixed
from chalice_terraform.merging.references import references_in
from harness.chalice_apps import FEATURES
from harness.hand_written import AUDIENCES
from harness.mutations import Mutation, mutations, packed, unpacked
from harness.packaging import JsonObject
from harness.random_apps import EVERYTHING, package_in_process
from harness.reference_checker import addresses, dangling, references

BASE = unpacked(package_in_process("shop", EVERYTHING))
# A REST API has no JWT authorizers.
KEPT = replace(EVERYTHING, routes=tuple(it for it in EVERYTHING.routes if it.authorizer != "jwt2"))
BASES = {"rest": unpacked(package_in_process("shop", KEPT)), "http": BASE, "http-per-app": BASE}
REST_API = {"aws_api_gateway_rest_api", "aws_api_gateway_deployment"}
DOMAIN = {"aws_api_gateway_domain_name", "aws_api_gateway_base_path_mapping"}


def options() -> st.SearchStrategy[Options]:
    """Return the options of all kinds of API and packages."""
    return st.builds(
        lambda api, package, prefix: Options(
            api=api,
            package=package,
            stage_prefix=None if api == "rest" else prefix,
            audiences={} if api == "rest" else {"cognito": ["client"]},
        ),
        api=st.sampled_from(sorted(BASES)),
        package=st.sampled_from(["zip", "image"]),
        prefix=st.sampled_from([None, "dev"]),
    )


def check(unpacked_template: JsonObject, options: Options) -> None:
    """Merge the template, and check the result or the problems."""
    template = json.loads(json.dumps(packed(unpacked_template)))
    try:
        merged = merge_and_report([Source("shop", template)], options)
    except MergeError as error:
        for problem in error.problems:
            assert str(problem).isprintable()
            assert problem.remedy, str(problem)
            assert problem.where.apps or problem.where.thing
        return
    check_result(template, merged.template, options)
    assert all(bool(entry.addresses) != bool(entry.why) for entry in merged.report.entries)


def check_result(template: JsonObject, merged: JsonObject, options: Options) -> None:
    """Check that the result has all of the template, and nothing that Terraform cannot read."""
    written = json.loads(as_text(merged), parse_constant=pytest.fail)
    assert written == merged
    references_in(merged)
    source = unpacked(template)
    outside = references(source) - addresses(source)
    outside |= references({"clients": list(options.audiences.values())})
    assert not dangling(merged) - outside
    replaced = set() if options.api == "rest" else REST_API | DOMAIN
    for kind, named in source.get("resource", {}).items():
        for name, body in named.items():
            if kind not in replaced:
                check_resource(
                    kind, body, merged["resource"][kind][prefixed("shop", name)], options
                )
    if "chalice_api_swagger" in source.get("locals", {}):
        routes = set(_routes(source["locals"]["chalice_api_swagger"]))
        if options.api == "rest":
            assert set(_routes(merged["locals"]["shop_chalice_api_swagger"])) == routes
        else:
            assert set(merged["locals"]["shop_routes"]) == routes


def check_resource(kind: str, body: JsonObject, kept: JsonObject, options: Options) -> None:
    """Check that a resource has the arguments that it had."""
    changed = {"aws_api_gateway_deployment": {"stage_description", "stage_name"}}
    zip_only = {"filename", "handler", "layers", "runtime", "source_code_hash"}
    lost = changed.get(kind, set()) | (zip_only if options.package == "image" else set())
    # A rule has no description if it is null.
    assert {key for key, value in body.items() if value is not None} - lost <= set(kept)


def _routes(swagger: JsonObject) -> Iterator[str]:
    for path, operations in swagger["paths"].items():
        for method, operation in operations.items():
            integration = operation.get("x-amazon-apigateway-integration", {})
            if method != "options" or integration.get("type") != "mock":
                name = method.replace("x-amazon-apigateway-any-method", "any").upper()
                yield f"{name} {path}"


@given(options=options(), changes=st.lists(mutations(), min_size=1, max_size=3))
def test_a_changed_template_is_a_problem_or_a_right_result(
    options: Options, changes: Sequence[Mutation]
) -> None:
    template = BASES[options.api]
    for change in changes:
        template = change.applied(template)
    check(template, options)


@pytest.mark.xdist_group("merge")
@given(
    name=st.sampled_from(sorted(FEATURES)),
    package=st.sampled_from(["zip", "image"]),
    changes=st.lists(mutations(), min_size=1, max_size=2),
)
def test_a_changed_feature_is_a_problem_or_a_right_result(
    name: str, package: Any, changes: Sequence[Mutation], feature: Callable[[str], Source]
) -> None:
    template = unpacked(feature(name).template)
    for change in changes:
        template = change.applied(template)
    audiences = AUDIENCES if name == "cognito" else {}
    check(template, Options(audiences=audiences, package=package))
