"""Deploys the functions of each app as zip files or container images, with log groups."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .app import App
from .context import Context
from .model import Block, JsonObject, Options, Problems, Resource
from .shared import RETENTION
from .zips import zip_arguments

_KEPT_IN_IMAGES = {
    "architectures",
    "environment",
    "function_name",
    "memory_size",
    "reserved_concurrent_executions",
    "role",
    "tags",
    "timeout",
    "tracing_config",
    "vpc_config",
}
_MANAGED_ROLE = re.compile(r"\$\{aws_iam_role\.([\w-]+)\.arn\}")


def check_images(options: Options, names: Sequence[str], problems: Problems) -> None:
    """Report ``--image`` for what no app is called, and where all apps are images already."""
    for name in sorted(options.images):
        if options.package == "image":
            problems.add(
                f"--image {name}",
                "with --package image all apps are images; remove one of the options",
            )
        elif name not in names:
            problems.add(f"--image {name}", "no app has this name; correct it or remove the option")


def function_blocks(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the function, as its app is packaged, and its log group."""
    name = resource.name
    function = _image(context, resource) if _is_image(context) else _zip(context, resource)
    # Otherwise Lambda creates the group at the first call, and keeps its content indefinitely.
    function["depends_on"] = [f"aws_cloudwatch_log_group.{name}"]
    log_group = {
        "name": f"/aws/lambda/{resource.body.get('function_name')}",
        "retention_in_days": f"${{var.{RETENTION}}}",
    }
    yield Resource(resource.kind, name, function).block()
    yield Resource("aws_cloudwatch_log_group", name, log_group).block()


def layer_blocks(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the layer that Chalice makes of an app's dependencies for its zip functions."""
    if _is_image(context):
        context.problems.refuse(
            "layers",
            context.where(resource),
            "container images do not support Lambda layers; set automatic_layer to false",
        )
        return
    yield resource.block(**zip_arguments(context, resource))


def _is_image(context: Context) -> bool:
    return context.app.packaging == "image"


def _zip(context: Context, resource: Resource) -> JsonObject:
    return resource.body | zip_arguments(context, resource)


def _image(context: Context, resource: Resource) -> JsonObject:
    body = resource.body
    if "layers" in body:
        context.problems.refuse(
            "layers",
            context.where(resource),
            "container images do not support Lambda layers; copy their content into the image",
        )
    return {key: value for key, value in body.items() if key in _KEPT_IN_IMAGES} | {
        "image_config": {"command": [body.get("handler")]},
        "image_uri": f"${{var.{context.app.name}_image}}",
        "package_type": "Image",
    }


def role_policies(app: App, function_arn: str) -> list[str]:
    """Return the addresses of the policies of a function's role, for ``depends_on``.

    ``function_arn`` is a reference to the function. A role that Chalice does not manage has none.
    """
    policies = app.of_type("aws_iam_role_policy")
    for name, body in app.of_type("aws_lambda_function").items():
        role = _MANAGED_ROLE.fullmatch(body["role"])
        if role and function_arn == f"${{aws_lambda_function.{name}.arn}}":
            return [f"aws_iam_role_policy.{role.group(1)}"] if role.group(1) in policies else []
    return []


def variable_blocks(apps: Sequence[App]) -> Iterator[Block]:
    """Return a variable for each app's image, if it has one."""
    for app in apps:
        if app.packaging == "image" and app.of_type("aws_lambda_function"):
            yield Block(
                ("variable", f"{app.name}_image"),
                _image_variable(app),
                why=f"the functions of {app.name} run this image",
            )


def _image_variable(app: App) -> JsonObject:
    condition = f'can(regex("^[^@ ]+@sha256:[0-9a-f]{{64}}$", var.{app.name}_image))'
    return {
        "description": f"Container image of the {app.name} functions, as REPOSITORY@sha256:DIGEST "
        "in Amazon ECR.",
        "nullable": False,
        "type": "string",
        "validation": [
            {
                "condition": f"${{{condition}}}",
                "error_message": f"{app.name}_image must name an image by its digest: "
                "REPOSITORY@sha256: and 64 hexadecimal digits.",
            }
        ],
    }
