"""Keeps the REST API of each app, in the form that current Terraform and AWS provider take.

The Swagger document becomes a local value, whose strings are Terraform's templates: as Chalice
writes it, as one string of JSON, a quotation mark inside ``${...}`` could not be parsed. A
deployment has no stage of its own any more, so the stage is a resource beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import websockets
from .app import App
from .chalice_output import SWAGGER
from .contents import of_api
from .context import Context
from .limits import check_cache
from .model import Block, JsonObject, Options, Problems, Resource
from .renaming import Replacements
from .rest_api import ANY, check_path
from .schemes import is_jwt
from .translation import Translation, keep

_ANY_METHOD = "x-amazon-apigateway-any-method"
_ENDPOINT = "x-amazon-apigateway-endpoint-configuration"
_DOCUMENT = "{app}_chalice_api_swagger"
_ENCODED = f"jsonencode(local.{_DOCUMENT})"
_STAGE = "aws_api_gateway_stage.{name}"


def replacements(_: Options) -> Replacements:
    """Return what replaces the stage of a deployment, and the document as a string."""
    return Replacements(
        attributes={
            ("aws_api_gateway_deployment", "execution_arn"): f"{_STAGE}.execution_arn",
            ("aws_api_gateway_deployment", "invoke_url"): f"{_STAGE}.invoke_url",
            ("aws_api_gateway_deployment", "stage_name"): f"{_STAGE}.stage_name",
        },
        swagger=_ENCODED,
    )


def translate(apps: Sequence[App], _: Options, problems: Problems) -> Translation:
    """Translate the REST APIs of the apps. Reports what a REST API cannot express."""
    return Translation(
        handlers={
            "aws_api_gateway_base_path_mapping": _mapping,
            "aws_api_gateway_deployment": _deployment_and_stage,
            "aws_api_gateway_domain_name": keep,
            "aws_api_gateway_rest_api": _rest_api,
            "aws_lambda_permission": websockets.permission_blocks,
        },
        blocks=[_document(app, app.swagger, problems) for app in apps if app.swagger is not None],
    )


def _document(app: App, swagger: JsonObject, problems: Problems) -> Block:
    _check_authorizers(app, swagger, problems)
    paths: JsonObject = {}
    for path, operations in swagger.get("paths", {}).items():
        check_path(app, path, operations, problems)
        paths[path] = {
            _ANY_METHOD if method in ANY else method: operation
            for method, operation in operations.items()
        }
    things = (f"local.{SWAGGER}", *(thing.name for thing in of_api(swagger)))
    origins = tuple(app.where(thing) for thing in things)
    return Block(("locals", _DOCUMENT.format(app=app.name)), {**swagger, "paths": paths}, origins)


def _check_authorizers(app: App, swagger: JsonObject, problems: Problems) -> None:
    """Report JWT authorizers, and routes that would be open because theirs is not declared."""
    declared = swagger.get("securityDefinitions", {})
    for name, definition in declared.items():
        extension = definition.get("x-amazon-apigateway-authorizer", {})
        check_cache(
            app.where(f"authorizer {name}"),
            extension.get("authorizerResultTtlInSeconds"),
            problems,
        )
        if is_jwt(definition):
            problems.add(
                app.where(f"authorizer {name}"),
                "REST APIs have no JWT authorizers; use --api http or http-per-app, or an "
                "authorizer of another type",
            )
    for path, operations in swagger.get("paths", {}).items():
        for method, operation in operations.items():
            for requirement in operation.get("security", []):
                for name in sorted(set(requirement) - set(declared)):
                    problems.add(
                        app.where(f"{method.upper()} {path}"),
                        f"its authorizer {name} is not in the REST API; package the app again",
                    )


def _rest_api(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the API, whose body is the local value.

    What is set in the document is set as an argument too, as Chalice does: otherwise Terraform
    would remove the VPC endpoints.
    """
    endpoints = (context.app.swagger or {}).get(_ENDPOINT, {}).get("vpcEndpointIds")
    if not endpoints:
        yield resource.block()
        return
    configuration = resource.body.get("endpoint_configuration", {})
    yield resource.block(endpoint_configuration={**configuration, "vpc_endpoint_ids": endpoints})


def _deployment_and_stage(context: Context, resource: Resource) -> Iterator[Block]:
    """Return a deployment for each state of the API, and the stage, which stays.

    The deployment names all that takes effect only when the API is deployed again.
    """
    body = resource.body
    triggers = {"body": f"${{sha1(aws_api_gateway_rest_api.{context.app.api}.body)}}"}
    for rest_api in context.app.of_type("aws_api_gateway_rest_api").values():
        if "minimum_compression_size" in rest_api:
            triggers["minimum_compression_size"] = str(rest_api["minimum_compression_size"])
    deployment = {
        "lifecycle": {"create_before_destroy": True},
        "rest_api_id": body.get("rest_api_id"),
        "triggers": triggers,
    }
    stage = {
        "deployment_id": f"${{aws_api_gateway_deployment.{resource.name}.id}}",
        "rest_api_id": body.get("rest_api_id"),
        "stage_name": body.get("stage_name"),
    }
    yield Resource(resource.kind, resource.name, deployment).block()
    yield Resource("aws_api_gateway_stage", resource.name, stage).block()


def _mapping(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the mapping of a custom domain, after the domain and the stage that it maps to.

    Chalice names both, so Terraform would create them in any order.
    """
    domain = resource.name.removesuffix("_mapping")
    yield resource.block(
        domain_name=f"${{aws_api_gateway_domain_name.{domain}.domain_name}}",
        stage_name=f"${{{_STAGE.format(name=context.app.api)}.stage_name}}",
    )
