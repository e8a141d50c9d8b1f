"""What REST APIs do that ministack does not: imports, patches, and refusals."""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import apigateway_v1  # type: ignore[import-not-found]

JsonObject = dict[str, Any]


def request(original: Callable[..., Any]) -> Callable[..., Any]:
    """Import the OpenAPI document of a REST API, which ministack does for CloudFormation only.

    ``chalice deploy`` creates its API so (ImportRestApi), and Terraform gives it the body so
    (PutRestApi).
    """

    async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        parts = path.strip("/").split("/")
        if parts == ["restapis"] and method == "POST" and "import" in _values(query, "mode"):
            return apigateway_v1._v1_response(_imported(json.loads(body), query), 201)
        if parts[0] == "restapis" and len(parts) == 2 and method == "PUT":
            return _replaced(parts[1], json.loads(body))
        return await original(method, path, headers, body, query)

    return handle


def _imported(document: JsonObject, query: Any) -> Any:
    types = _values(query, "endpointConfigurationTypes") or ["EDGE"]
    base = {
        "binaryMediaTypes": document.get("x-amazon-apigateway-binary-media-types", []),
        "endpointConfiguration": {"types": types},
    }
    api_id = apigateway_v1._import_rest_api(document, base)
    return apigateway_v1._rest_api_view(apigateway_v1._rest_apis[api_id])


def _replaced(api_id: str, document: JsonObject) -> Any:
    if api_id not in apigateway_v1._rest_apis:
        return apigateway_v1._get_rest_api(api_id)
    resources = apigateway_v1._resources[api_id]
    root = next(each for each in resources.values() if each["path"] == "/")
    apigateway_v1._resources[api_id] = {root["id"]: {**root, "resourceMethods": {}}}
    apigateway_v1._authorizers_v1[api_id] = {}
    schemes = apigateway_v1._import_security_schemes(api_id, document)
    for path, item in document.get("paths", {}).items():
        apigateway_v1._import_path_item(api_id, path, item, schemes, document.get("security"))
    return apigateway_v1._get_rest_api(api_id)


def _values(query: Any, name: str) -> list[str]:
    value = query.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def update(original: Callable[..., Any]) -> Callable[..., Any]:
    """Add and remove items of a list, which ministack takes for members of an object.

    And compress nothing if the size is empty, as ``chalice deploy`` sets it.
    """

    def update(api_id: str, data: JsonObject) -> Any:
        api = apigateway_v1._rest_apis.get(api_id)
        left = []
        for operation in data.get("patchOperations", []):
            _, member, *item = operation["path"].split("/")
            if member == "minimumCompressionSize":
                size = operation.get("value")
                left.append({**operation, "value": int(size) if size else None})
            elif api is None or member != "binaryMediaTypes" or not item:
                left.append(operation)
            else:
                value = item[0].replace("~1", "/").replace("~0", "~")
                kept = [each for each in api["binaryMediaTypes"] if each != value]
                api["binaryMediaTypes"] = kept + ([value] if operation["op"] == "add" else [])
        return original(api_id, {**data, "patchOperations": left})

    return update


def stage_creation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a stage that exists, as API Gateway does; ministack replaces it.

    A new one has no settings of an access log, where ministack gives it empty ones, which each plan
    would remove.
    """

    def create(api_id: str, data: JsonObject) -> Any:
        if data.get("stageName") in apigateway_v1._stages_v1.get(api_id, {}):
            return apigateway_v1._v1_error("ConflictException", "Stage already exists", 409)
        return original(api_id, {"accessLogSettings": None, **data})

    return create


def deployment_deletion(original: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse to delete the deployment of a stage, as API Gateway does."""

    def delete(api_id: str, deployment_id: str) -> Any:
        stages = apigateway_v1._stages_v1.get(api_id, {}).values()
        if any(stage["deploymentId"] == deployment_id for stage in stages):
            message = "Active stages pointing to this deployment must be moved or deleted"
            return apigateway_v1._v1_error("BadRequestException", message, 400)
        return original(api_id, deployment_id)

    return delete
