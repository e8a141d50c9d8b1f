"""What HTTP APIs do that ministack does not: payload format 1.0, and authorizers."""

import urllib.parse
from collections.abc import Callable
from typing import Any

from ministack.services import apigateway  # type: ignore[import-not-found]

JsonObject = dict[str, Any]


def authorizer_creation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Create JWT authorizers without a payload format, and others without a JWT configuration.

    ministack gives them "2.0" and an empty one, which each plan would remove.
    """

    def create(api_id: str, data: JsonObject) -> Any:
        is_jwt = data.get("authorizerType") == "JWT"
        lacking = {"authorizerPayloadFormatVersion": ""} if is_jwt else {"jwtConfiguration": None}
        return original(api_id, {**lacking, **data})

    return create


def authorizer_invocation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Give authorizers with payload format 1.0 the token, as an HTTP API does.

    See "Control access to HTTP APIs with AWS Lambda authorizers" in the API Gateway developer
    guide.
    """

    async def invoke(authorizer: JsonObject, event: JsonObject, *more: Any) -> Any:
        if authorizer["authorizerPayloadFormatVersion"] == "1.0":
            names = [source.rpartition(".")[2].lower() for source in authorizer["identitySource"]]
            token = ",".join(event["headers"].get(name, "") for name in names)
            more_of_it = {"version": "1.0", "identitySource": token, "authorizationToken": token}
            event = {**event, **more_of_it}
        return await original(authorizer, event, *more)

    return invoke


def execution(original: Callable[..., Any]) -> Callable[..., Any]:
    """Send payload format 1.0 to functions whose integration asks for it.

    ministack sends 2.0 to all. See "Create AWS Lambda proxy integrations for HTTP APIs in API
    Gateway" in the API Gateway developer guide.
    """

    def execute(function: JsonObject, event: JsonObject, *more: Any, **named: Any) -> Any:
        if _payload_format(event) == "1.0":
            event = _in_format_1(event)
        return original(function, event, *more, **named)

    return execute


def _payload_format(event: Any) -> str:
    """Return the format that the integration of a request's route asks for."""
    is_request = isinstance(event, dict) and "routeKey" in event and "type" not in event
    if not is_request or event.get("version") != "2.0":
        return ""
    api_id = event["requestContext"]["apiId"]
    for route in apigateway._routes.get(api_id, {}).values():
        if route.get("routeKey") == event["routeKey"]:
            identifier = str(route.get("target")).rpartition("/")[2]
            integration = apigateway._integrations.get(api_id, {}).get(identifier, {})
            return str(integration.get("payloadFormatVersion"))
    return ""


def _in_format_1(event: JsonObject) -> JsonObject:
    context = event["requestContext"]
    resource = event["routeKey"].partition(" ")[2]
    query = urllib.parse.parse_qs(event["rawQueryString"], keep_blank_values=True)
    method, path = context["http"]["method"], context["http"]["path"]
    return {
        "version": "1.0",
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": event["headers"],
        "multiValueHeaders": {name: [value] for name, value in event["headers"].items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": event["pathParameters"] or None,
        "stageVariables": None,
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
        "requestContext": {
            **{name: context[name] for name in ("accountId", "apiId", "domainName", "requestId")},
            "authorizer": _authorizer_in_format_1(context.get("authorizer", {})),
            "domainPrefix": context["apiId"],
            "extendedRequestId": context["requestId"],
            "httpMethod": method,
            "identity": {name: context["http"][name] for name in ("sourceIp", "userAgent")},
            "path": path,
            "protocol": context["http"]["protocol"],
            "requestTime": context["time"],
            "requestTimeEpoch": context["timeEpoch"],
            "resourceId": None,
            "resourcePath": resource,
            "stage": context["stage"],
        },
    }


def _authorizer_in_format_1(authorizer: JsonObject) -> JsonObject:
    if "jwt" in authorizer:
        return dict(authorizer["jwt"])
    return {"claims": None, "scopes": None, **(authorizer.get("lambda") or {})}
