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
from chalice_terraform.merging import MergeError, Options, Source, merge, merge_and_report
from chalice_terraform.merging.model import Evidence
from chalice_terraform.merging.naming import prefixed
from chalice_terraform.merging.references import references_in
from harness.chalice_apps import FEATURES
from harness.hand_written import AUDIENCES
from harness.mutations import Mutation, changed, mutations, packed, unpacked
from harness.packaging import JsonObject
from harness.random_apps import EVERYTHING, RandomApp, package_in_process
from harness.reading import problems
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
        lambda api, package, prefix, migrate: Options(
            api=api,
            package=package,
            stage_prefix=None if api == "rest" else prefix,
            audiences={} if api == "rest" else {"cognito": ["client"]},
            migrate=[Evidence("shop", "terraform")] if migrate else [],
        ),
        api=st.sampled_from(sorted(BASES)),
        package=st.sampled_from(["zip", "image"]),
        prefix=st.sampled_from([None, "dev"]),
        migrate=st.booleans(),
    )


def check(unpacked_template: JsonObject, options: Options) -> None:
    """Merge the template, and check the result or the problems."""
    template = json.loads(json.dumps(packed(unpacked_template)))
    try:
        merged = merge_and_report([Source("shop", template)], options)
    except MergeError as error:
        for problem in error.problems:
            assert str(problem).isprintable()
            assert problem.remedy
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
    # The addresses of what exists already are not references.
    existing = ("moved", "import", "removed")
    of_stack = {key: value for key, value in merged.items() if key not in existing}
    assert not dangling(of_stack) - outside
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


# What the tests above have found: each was a traceback or a result that Terraform cannot read.


def reported(template: JsonObject, **options: Any) -> list[str]:
    audiences = {} if options.get("api") == "rest" else {"cognito": ["client"]}
    return problems(Source("shop", packed(template)), audiences=audiences, **options)


def test_a_problem_is_one_line_whatever_is_in_a_name() -> None:
    template = changed(packed(BASE), "resource", "aws_iam_role", "line\nline", to={})
    assert "app shop: aws_iam_role.line\\nline: name is missing; package the app again" in (
        reported(unpacked(template))
    )


def test_a_file_name_with_a_reference_in_it_is_a_problem() -> None:
    path = ["resource", "aws_lambda_function", "function", "filename"]
    (problem,) = reported(unpacked(changed(packed(BASE), *path, to="${a.b}.zip")))
    assert "its file must be one of deployment.zip, " in problem


def test_an_output_that_terraform_cannot_name_is_a_problem() -> None:
    (problem,) = reported(unpacked(changed(packed(BASE), "output", "${", "value", to="x")))
    assert problem == "app shop: output.${: no output can have this name; package the app again"


def test_the_document_of_an_app_without_an_api_is_a_problem() -> None:
    variables = {"A": "${local.chalice_api_swagger}"}
    app = RandomApp((), {"work": "function"}, variables)
    (problem,) = reported(unpacked(package_in_process("shop", app)), api="rest")
    assert "local.chalice_api_swagger is not in the stack; " in problem


def test_the_name_of_a_stage_may_be_a_reference() -> None:
    path = ["data", "null_data_source", "chalice", "inputs", "stage"]
    template = changed(packed(BASE), *path, to="${data.aws_region.chalice.name}")
    merged = merge([Source("shop", template)], Options(audiences={"cognito": ["client"]}))
    rule = merged["resource"]["aws_cloudwatch_event_rule"]["shop_cw-event"]
    assert rule["name"] == "shop-${data.aws_service.lambda.region}-cw-event"
