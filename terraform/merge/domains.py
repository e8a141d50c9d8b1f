"""Custom domain names: of the REST API, which become the HTTP API's, and of websockets."""

from collections.abc import Iterator

from .app import App
from .model import Block, JsonObject, Problems, resource
from .renaming import REGION

_DOMAIN = "aws_apigatewayv2_domain_name"
_KNOWN = {"domain_name", "tags", "endpoint_configuration", "security_policy"}
_CERTIFICATES = {"certificate_arn", "regional_certificate_arn"}
_TLS = "TLS_1_2"  # the only policy that an HTTP API's or websocket API's domain takes


def domain_blocks(app: App, name: str, body: JsonObject, problems: Problems) -> Iterator[Block]:
    """The domain of a REST API as that of an HTTP API, which is regional."""
    where = app.where(f"custom domain {body.get('domain_name')}")
    for attribute in sorted(set(body) - _KNOWN - _CERTIFICATES):
        problems.add(where, f"the merge does not know its {attribute}")
    if body.get("security_policy", _TLS) != _TLS:
        problems.refuse(
            "tls-version", where, f"an HTTP API's domain takes {_TLS} only; set tls_version to it"
        )
    certificate = body.get("regional_certificate_arn", body.get("certificate_arn"))
    domain: JsonObject = {
        "domain_name": body.get("domain_name"),
        "domain_name_configuration": _configuration(certificate),
    }
    if "tags" in body:
        domain["tags"] = body["tags"]
    if "certificate_arn" in body:  # an EDGE domain, with a certificate of us-east-1
        domain["lifecycle"] = {"precondition": [_same_region(str(certificate))]}
    yield resource(_DOMAIN, name, domain)


def mapping_blocks(
    app: App, name: str, body: JsonObject, api: str, problems: Problems
) -> Iterator[Block]:
    """What leads from a custom domain to the HTTP API."""
    where = app.where_is("aws_api_gateway_base_path_mapping", name)
    for attribute in sorted(set(body) - {"stage_name", "domain_name", "api_id"}):
        problems.add(where, f"the merge does not know its {attribute}")
    domain = name.removesuffix("_mapping")
    yield resource(
        "aws_apigatewayv2_api_mapping",
        name,
        {
            "api_id": f"${{aws_apigatewayv2_api.{api}.id}}",
            "domain_name": f"${{{_DOMAIN}.{domain}.id}}",
            "stage": f"${{aws_apigatewayv2_stage.{api}.id}}",
        },
    )


def websocket_domain_blocks(name: str, body: JsonObject) -> Iterator[Block]:
    """Chalice writes it without the security policy, which the AWS provider asks for."""
    configuration = body.get("domain_name_configuration", {})
    yield resource(
        _DOMAIN,
        name,
        body | {"domain_name_configuration": {"security_policy": _TLS} | configuration},
    )


def _configuration(certificate: str | None) -> JsonObject:
    return {
        "certificate_arn": certificate,
        "endpoint_type": "REGIONAL",
        "security_policy": _TLS,
    }


def _same_region(certificate: str) -> JsonObject:
    return {
        "condition": f'${{split(":", "{certificate}")[3] == {REGION}}}',
        "error_message": "An HTTP API's domain needs a certificate of its own region, and this "
        "one was for an EDGE endpoint: set another, or set api_gateway_endpoint_type REGIONAL.",
    }
