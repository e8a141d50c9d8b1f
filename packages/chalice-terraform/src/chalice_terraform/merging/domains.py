"""Custom domain names: those of REST APIs become the HTTP API's, those of WebSocket APIs stay."""

from __future__ import annotations

from collections.abc import Iterator

from .context import Context
from .model import Block, JsonObject, Resource
from .renaming import REGION

_DOMAIN = "aws_apigatewayv2_domain_name"
_TLS = "TLS_1_2"  # the only policy that domains of HTTP APIs and WebSocket APIs support


def domain_blocks(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the domain name of a REST API as that of an HTTP API, which is regional."""
    body = resource.body
    if body.get("security_policy", _TLS) != _TLS:
        context.problems.refuse(
            "tls-version",
            context.app.where(f"custom domain {body.get('domain_name')}"),
            f"an HTTP API's domain supports {_TLS} only; set tls_version to it",
        )
    certificate = body.get("regional_certificate_arn", body.get("certificate_arn"))
    domain: JsonObject = {
        "domain_name": body.get("domain_name"),
        "domain_name_configuration": {
            "certificate_arn": certificate,
            "endpoint_type": "REGIONAL",
            "security_policy": _TLS,
        },
    }
    if "tags" in body:
        domain["tags"] = body["tags"]
    if "certificate_arn" in body:  # an EDGE domain, with a certificate of us-east-1
        domain["lifecycle"] = {"precondition": [_same_region(str(certificate))]}
    yield Resource(_DOMAIN, resource.name, domain).block()


def mapping_blocks(context: Context, resource: Resource) -> Iterator[Block]:
    """Return the mapping of a custom domain to the HTTP API."""
    api = context.app.api
    domain = resource.name.removesuffix("_mapping")
    body = {
        "api_id": f"${{aws_apigatewayv2_api.{api}.id}}",
        "domain_name": f"${{{_DOMAIN}.{domain}.id}}",
        "stage": f"${{aws_apigatewayv2_stage.{api}.id}}",
    }
    yield Resource("aws_apigatewayv2_api_mapping", resource.name, body).block()


def websocket_domain_blocks(_: Context, resource: Resource) -> Iterator[Block]:
    """Add the security policy that the AWS provider requires and Chalice leaves out."""
    configuration = resource.body.get("domain_name_configuration", {})
    yield resource.block(domain_name_configuration={"security_policy": _TLS} | configuration)


def _same_region(certificate: str) -> JsonObject:
    return {
        "condition": f'${{split(":", "{certificate}")[3] == {REGION}}}',
        "error_message": "An HTTP API's domain needs a certificate of its own region, and this "
        "one is for an EDGE endpoint: use another, or set api_gateway_endpoint_type to REGIONAL.",
    }
