"""Mends what Chalice writes of authorizers in blueprints.

``register_blueprint(..., name_prefix="bp_")`` gives an authorizer's function the name ``bp_g``, but
Chalice's Swagger document calls that of authorizer ``g`` still ``g``, which does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .app import App
from .model import JsonObject, Problems

_EXTENSION = "x-amazon-apigateway-authorizer"


def mend_authorizers(app: App, problems: Problems) -> App:
    """Return the app with the functions of its authorizers as Chalice names them.

    Reports an authorizer that may be that of several blueprints. One whose function no blueprint
    has stays: it may be in a hand-written file.
    """
    if app.swagger is None:
        return app
    declared: JsonObject = app.swagger.get("securityDefinitions", {})
    functions = app.of_type("aws_lambda_function")
    used = {_uri(definition) for definition in declared.values()}
    mended = {}
    for name, definition in declared.items():
        if name in functions or _uri(definition) != _reference(name):
            continue
        candidates = [
            function
            for function in _authorizers(app)
            if function.endswith(name) and _reference(function) not in used
        ]
        if len(candidates) == 1:
            extension = {**definition[_EXTENSION], "authorizerUri": _reference(candidates[0])}
            mended[name] = {**definition, _EXTENSION: extension}
        elif candidates:
            problems.add(
                app.where(f"authorizer {name}"),
                f"Chalice does not tell whether its function is {' or '.join(candidates)}; give "
                "the authorizers of blueprints different names",
            )
    swagger = {**app.swagger, "securityDefinitions": {**declared, **mended}}
    return replace(app, swagger=swagger) if mended else app


def _authorizers(app: App) -> list[str]:
    """Return the functions that the REST API may call as authorizers, sorted."""
    permissions = app.of_type("aws_lambda_permission")
    return sorted(
        function
        for function in app.of_type("aws_lambda_function")
        if function != "api_handler" and _on_api(permissions.get(f"{function}_invoke", {}))
    )


def _on_api(permission: Mapping[str, Any]) -> bool:
    return permission.get("source_arn") == "${aws_api_gateway_rest_api.rest_api.execution_arn}/*"


def _uri(definition: JsonObject) -> Any:
    return definition.get(_EXTENSION, {}).get("authorizerUri")


def _reference(function: str) -> str:
    return f"${{aws_lambda_function.{function}.invoke_arn}}"
