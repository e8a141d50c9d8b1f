"""What functions are deployed as: zip files or container images, and apps of both in one stack."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from chalice_terraform.merging import Options, Source, merge
from chalice_terraform.merging.naming import prefixed
from harness.chalice_apps import LAYERED
from harness.packaging import Package
from harness.random_apps import RandomApp, apps, layered, package_in_process
from harness.reading import Merged, problems, the

pytestmark = pytest.mark.xdist_group("merge")

LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:l:1"


def located(path: str) -> dict[str, str]:
    """Return the arguments that name a zip file at this path."""
    return {
        "filename": f"${{path.module}}/{path}",
        "source_code_hash": f'${{filebase64sha256("${{path.module}}/{path}")}}',
    }


@given(one=layered(apps("first")))
def test_a_zip_function_keeps_all_that_chalice_wrote_but_its_path(one: RandomApp) -> None:
    template = package_in_process("shop", one)
    zips = {"deployment.zip": "out/one.zip", "layer-deployment.zip": "out/layers/one.zip"}
    audiences = {"cognito": ["client"]} if "cognito_user_pools" in str(template) else {}
    merged = merge([Source("one", template, zips)], Options(audiences=audiences))
    for kind, path in (
        ("aws_lambda_function", "out/one.zip"),
        ("aws_lambda_layer_version", "out/layers/one.zip"),
    ):
        written = template["resource"].get(kind, {})
        found = merged.get("resource", {}).get(kind, {})
        assert set(found) == {prefixed("one", name) for name in written}
        for name, body in written.items():
            kept = the(merged, kind, prefixed("one", name))
            assert comparable(kept) == comparable({**body, **located(path)})
    assert not any(name.endswith("_image") for name in merged.get("variable", {}))


def comparable(body: dict[str, Any]) -> dict[str, Any]:
    """Return a function without what a merge adds, renames or, in variables, rewrites."""
    kept = {k: v for k, v in body.items() if k not in ("depends_on", "environment")}
    variables = sorted(body.get("environment", {}).get("variables", {}))
    unnamed = json.loads(json.dumps(kept).replace(".one_", "."))
    return {**unnamed, "variables": variables}


def test_the_zip_files_of_an_app_are_beside_the_stack_by_default(merged: Merged) -> None:
    template = merge([Source("shop", package_in_process("shop", WORKER))])
    assert located("shop.zip").items() <= the(template, "aws_lambda_function", "shop_work").items()
    layer = the(template, "aws_lambda_layer_version", "shop_managed-layer")
    assert located("shop-layer.zip").items() <= layer.items()


WORKER = RandomApp((), {"work": "function"}, {}, {"automatic_layer": True})


def test_a_function_uses_the_layer_of_its_own_app(packaged: Package) -> None:
    template = merge([packaged(name, app) for name, app in LAYERED.items()])
    layers = {n: body["layers"] for n, body in template["resource"]["aws_lambda_function"].items()}
    assert layers == {
        "layers_work": [LAYER],
        "managed_work": ["${aws_lambda_layer_version.managed_managed-layer.arn}", LAYER],
    }
    layer = the(template, "aws_lambda_layer_version", "managed_managed-layer")
    assert layer["layer_name"] == "app-managed-dev-managed-layer"


def test_a_path_is_written_as_terraform_reads_it() -> None:
    path = 'a "b" \\c/${d}/%{e}.zip'
    template = package_in_process("shop", WORKER)
    merged = merge([Source("shop", template, {"deployment.zip": path})])
    function = the(merged, "aws_lambda_function", "shop_work")
    assert function["filename"] == '${path.module}/a "b" \\c/$${d}/%%{e}.zip'
    assert function["source_code_hash"] == (
        '${filebase64sha256("${path.module}/a \\"b\\" \\\\c/$${d}/%%{e}.zip")}'
    )


def test_single_apps_can_be_images(packaged: Package) -> None:
    sources = [packaged(name, app) for name, app in LAYERED.items()]
    images = [Source("web", package_in_process("web", RandomApp((), {"work": "function"}, {})))]
    template = merge([*sources, *images], Options(images=frozenset({"web"})))
    functions = template["resource"]["aws_lambda_function"]
    assert {name for name, body in functions.items() if "image_uri" in body} == {"web_work"}
    assert {name for name, body in functions.items() if "filename" in body} == {
        "layers_work",
        "managed_work",
    }
    assert set(template["variable"]) == {"web_image", "log_retention_in_days"}
    for name, body in functions.items():
        assert body["depends_on"] == [f"aws_cloudwatch_log_group.{name}"]


def test_only_an_image_loses_its_layers(packaged: Package) -> None:
    sources = [packaged(name, app) for name, app in LAYERED.items()]
    (problem,) = problems(*sources, images=frozenset({"layers"}))
    assert problem.startswith("app layers: aws_lambda_function.work: container images do not")
    options = Options(images=frozenset({"layers"}), allow_drop=frozenset({"layers"}))
    template = merge(sources, options)
    assert "layers" not in the(template, "aws_lambda_function", "layers_work")
    assert len(the(template, "aws_lambda_function", "managed_work")["layers"]) == 2


def test_single_images_among_images_are_a_problem(packaged: Package) -> None:
    source = packaged("layers", LAYERED["layers"])
    (problem,) = problems(source, package="image", images=frozenset({"layers"}))
    assert problem == (
        "--image layers: with --package image all apps are images; remove one of the options"
    )


def test_an_image_of_an_unknown_app_is_a_problem(packaged: Package) -> None:
    source = packaged("layers", LAYERED["layers"])
    (problem,) = problems(source, images=frozenset({"web"}))
    assert problem == "--image web: no app has this name; correct it or remove the option"
