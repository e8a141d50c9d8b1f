"""Renames an app's resources for the stack, and rewrites every reference to them.

References to what the merge replaces, such as the REST API, become references to its replacement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .app import App, Resources
from .model import JsonObject, Problems, Where
from .naming import prefixed
from .references import TemplateError, replace_references

REGION = "data.aws_service.lambda.region"
"""The region, from a data source that does not call AWS.

Not ``data.aws_region``: its ``name`` and ``id`` are deprecated in AWS provider 6, and version 5 has
no ``region``.
"""

ACCOUNT_ID = "local.chalice_account_id"
PARTITION = "data.aws_partition.chalice"

_DOMAIN = "aws_apigatewayv2_domain_name.{name}"
_ENDPOINT = f"{_DOMAIN}.domain_name_configuration[0]"
_API = "aws_apigatewayv2_api.{api}"

# From type and attribute of what is replaced to the replacement.
_MOVED: Mapping[tuple[str, str], str] = {
    ("aws_api_gateway_rest_api", "id"): f"{_API}.id",
    ("aws_api_gateway_rest_api", "arn"): f"{_API}.arn",
    ("aws_api_gateway_rest_api", "name"): f"{_API}.name",
    ("aws_api_gateway_rest_api", "execution_arn"): f"{_API}.execution_arn",
    ("aws_api_gateway_deployment", "invoke_url"): f"{_API}.api_endpoint",
    ("aws_api_gateway_domain_name", "id"): f"{_DOMAIN}.id",
    ("aws_api_gateway_domain_name", "domain_name"): f"{_DOMAIN}.domain_name",
    ("aws_api_gateway_domain_name", "cloudfront_domain_name"): f"{_ENDPOINT}.target_domain_name",
    ("aws_api_gateway_domain_name", "cloudfront_zone_id"): f"{_ENDPOINT}.hosted_zone_id",
    ("aws_api_gateway_domain_name", "regional_domain_name"): f"{_ENDPOINT}.target_domain_name",
    ("aws_api_gateway_domain_name", "regional_zone_id"): f"{_ENDPOINT}.hosted_zone_id",
    ("data.aws_region", "name"): REGION,
    ("data.aws_region", "id"): REGION,
    ("data.aws_caller_identity", "account_id"): ACCOUNT_ID,
}
_GONE = {kind for kind, _ in _MOVED} | {
    "aws_api_gateway_base_path_mapping",
    "data.null_data_source",
}
_NOT_REWRITTEN = {"aws_api_gateway_rest_api", "aws_api_gateway_deployment"}


def rename(app: App, api: str, problems: Problems) -> App:
    """Return the app with its names in the stack. ``api`` is the name of the HTTP API.

    Reports references to what the stack does not have, and templates that Terraform cannot read.
    """
    renaming = _Renaming(app, api, problems)
    return replace(
        app,
        resources={
            kind: {
                prefixed(app.name, name): renaming.rewritten(f"{kind}.{name}", body)
                if kind not in _NOT_REWRITTEN
                else body
                for name, body in named.items()
            }
            for kind, named in app.resources.items()
        },
        swagger=renaming.rewritten("the REST API", _without_prose(app.swagger)),
        outputs={
            name: renaming.rewritten(f"output {name}", value) for name, value in app.outputs.items()
        },
    )


class _Renaming:
    """Rewrites the references in one app's JSON values."""

    def __init__(self, app: App, api: str, problems: Problems) -> None:
        self._app = app
        self._api = api
        self._problems = problems
        self._own = _addresses(app.resources)

    def rewritten(self, thing: str, value: Any) -> Any:
        """Return the value with its references rewritten. ``thing`` names it in problems.

        A value that Terraform cannot read becomes empty, so that later problems are found too.
        """
        where = self._app.where(thing)
        try:
            return replace_references(value, lambda traversal: self._replace(where, traversal))
        except TemplateError as error:
            self._problems.add(where, f"Terraform cannot parse it: {error}")
            return {}

    def _replace(self, where: Where, traversal: str) -> str:
        kind, name, attribute = _split(traversal)
        if not name:
            return traversal
        if kind in _GONE and (name == "chalice" or (kind, name) in self._own):
            return self._moved(where, traversal, kind, prefixed(self._app.name, name), attribute)
        if traversal.startswith("local.chalice_api_swagger"):
            self._problems.add(where, f"{traversal} is not in the stack; do not refer to it")
        if (kind, name) not in self._own:
            return traversal
        renamed = f"{kind}.{prefixed(self._app.name, name)}"
        return f"{renamed}.{attribute}" if attribute else renamed

    def _moved(self, where: Where, traversal: str, kind: str, name: str, attribute: str) -> str:
        target = _MOVED.get((kind, attribute))
        if target is None:
            self._problems.add(
                where,
                f"{traversal} is not in the stack, and nothing replaces it; define what you need "
                "in a hand-written .tf file and refer to that",
            )
            return traversal
        return target.format(api=self._api, name=name)


def _split(traversal: str) -> tuple[str, str, str]:
    """Return type, name and attribute; the type of a data source starts with ``data.``."""
    parts = traversal.split(".")
    start = 2 if parts[0] == "data" else 1
    kind = ".".join(parts[:start])
    name = parts[start] if len(parts) > start else ""
    return kind, name, ".".join(parts[start + 1 :])


def _addresses(resources: Resources) -> frozenset[tuple[str, str]]:
    return frozenset((kind, name) for kind, named in resources.items() for name in named)


def _without_prose(swagger: JsonObject | None) -> JsonObject | None:
    """Return the API without its views' docstrings, in which ``${`` is not a reference."""
    if swagger is None:
        return None
    return {
        **swagger,
        "paths": {
            path: {
                method: {
                    key: value
                    for key, value in operation.items()
                    if key not in ("summary", "description")
                }
                for method, operation in operations.items()
            }
            for path, operations in swagger.get("paths", {}).items()
        },
    }
