"""API Gateway's two payload formats: events in format 1.0 for Chalice, results in either.

An HTTP API sends payload format 2.0 unless its integration asks for 1.0; Chalice reads 1.0, as REST
APIs send it, and responds to anything else with "Unknown request." Both are described in AWS,
"Create AWS Lambda proxy integrations for HTTP APIs in API Gateway"
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).

What API Gateway has verified about the caller stays in ``requestContext.authorizer``. Nothing of a
request context comes from what a client can write: path, query, headers and body.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from .claims import rest_form

if TYPE_CHECKING:
    from .routing import Routes

Event = Mapping[str, Any]
Result = Mapping[str, Any]


def method_of(event: object) -> str | None:
    """Return the method of the HTTP request that an event is; None for any other event."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    if not isinstance(context, dict):
        return None
    method: str | None = context.get("httpMethod") or (context.get("http") or {}).get("method")
    return method


def is_format_2(event: Event) -> bool:
    """Return whether the event is in payload format 2.0, and its result should be."""
    return event.get("version") == "2.0"


def for_chalice(event: Event, routes: Routes) -> dict[str, Any] | None:
    """Return a copy of an event of either format as a REST API would send it; None without a route.

    The route is the one of ``routes`` that the event names, or else the one that its path fits. A
    REST API's own event, and one of ``chalice local``, keep what they have. For an HTTP API:

    - Each claim of a JWT is in ``requestContext.authorizer.claims`` in the form of a REST API
      (``rest_form``), and in ``requestContext.authorizer.jwt.claims`` as the HTTP API wrote it.
    - ``path`` is without the name of the stage, which ``requestContext.path`` has.
    - In format 2.0, what a Lambda authorizer has added is in ``requestContext.authorizer`` itself,
      and the caller of an IAM authorizer in ``requestContext.identity``. A header that was sent
      several times has all values, joined by commas; format 1.0 has the last one in ``headers``.
    """
    context: Mapping[str, Any] = event["requestContext"]
    two, by_http_api = is_format_2(event), event.get("version") is not None
    raw_path: str = (event.get("rawPath") if two else event.get("path")) or "/"
    path = _without_stage(raw_path, context) if by_http_api else raw_path
    found = _route(event, context, path, routes)
    if found is None:
        return None
    route, path_parameters = found
    known_context = {**context, "resourcePath": route}
    known = {
        **event,
        "resource": route,
        "pathParameters": path_parameters,
        "requestContext": known_context,
    }
    if by_http_api:
        known["path"] = path
        if "authorizer" in context:
            known_context["authorizer"] = _authorizer(context["authorizer"])
    if two:
        known |= _fields_1(event, context)
        known_context |= _context_1(context, raw_path)
    return known


def as_format_2(result: Result) -> dict[str, Any]:
    """Return a format 1.0 result in format 2.0 (``cookies``, no ``multiValueHeaders``)."""
    headers: dict[str, str] = dict(result.get("headers") or {})
    several: Mapping[str, list[str]] = result.get("multiValueHeaders") or {}
    if several:
        headers |= {name: ",".join(values) for name, values in several.items() if values}
    cookies: list[str] = []
    for name in [name for name in headers if name.lower() == "set-cookie"]:
        one = headers.pop(name)
        cookies += several.get(name, [one])
    return {
        "statusCode": result["statusCode"],
        "headers": headers,
        "cookies": cookies,
        "body": result["body"],
        "isBase64Encoded": bool(result.get("isBase64Encoded")),
    }


def _without_stage(path: str, context: Mapping[str, Any]) -> str:
    # A stage other than $default is part of the path, in both formats.
    stage = f"/{context.get('stage')}"
    return path[len(stage) :] if path.startswith(f"{stage}/") else path


def _route(
    event: Event, context: Mapping[str, Any], path: str, routes: Routes
) -> tuple[str, Mapping[str, str] | None] | None:
    """Return the route and its path parameters, None where there is no route."""
    given: Mapping[str, str] | None = event.get("pathParameters")
    key: str = event.get("routeKey") or ""  # "GET /things/{id}", or "$default"
    for named in (key.rpartition(" ")[2], context.get("resourcePath"), event.get("resource")):
        if named in routes:
            return str(named), given
    from .routing import matching_route

    match = matching_route(path, str(method_of(event)), routes)
    return None if match is None else (match.route, match.path_parameters or None)


def _fields_1(event: Event, context: Mapping[str, Any]) -> dict[str, Any]:
    headers = dict(event.get("headers") or {})
    if cookies := event.get("cookies"):
        headers["cookie"] = "; ".join(cookies)  # RFC 6265, 4.2.1
    raw_query: str = event.get("rawQueryString") or ""
    query = (raw_query and parse_qs(raw_query, keep_blank_values=True)) or None
    return {
        "version": "1.0",
        "httpMethod": context["http"]["method"],
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query and {name: values[-1] for name, values in query.items()},
        "multiValueQueryStringParameters": query,
        "stageVariables": event.get("stageVariables"),
        "body": event.get("body"),
        "isBase64Encoded": bool(event.get("isBase64Encoded")),
    }


def _context_1(context: Mapping[str, Any], raw_path: str) -> dict[str, Any]:
    http: Mapping[str, Any] = context["http"]
    return {
        "httpMethod": http["method"],
        "identity": {
            **_caller(context.get("authorizer")),
            "clientCert": (context.get("authentication") or {}).get("clientCert"),
            "sourceIp": http.get("sourceIp"),
            "userAgent": http.get("userAgent"),
        },
        "path": raw_path,
        "protocol": http.get("protocol"),
        "requestTime": context.get("time"),
        "requestTimeEpoch": context.get("timeEpoch"),
    }


_NOBODY: Mapping[str, Any] = {
    "accessKey": None,
    "accountId": None,
    "caller": None,
    "cognitoIdentityId": None,
    "cognitoIdentityPoolId": None,
    "principalOrgId": None,
    "user": None,
    "userArn": None,
}


def _caller(authorizer: Any) -> Mapping[str, Any]:
    """Return the caller of an IAM authorizer as a REST API writes it into ``identity``."""
    iam = authorizer.get("iam") if isinstance(authorizer, dict) else None
    if not isinstance(iam, dict):
        return _NOBODY
    cognito: Mapping[str, Any] = iam.get("cognitoIdentity") or {}
    return {
        "accessKey": iam.get("accessKey"),
        "accountId": iam.get("accountId"),
        "caller": iam.get("callerId"),
        "cognitoIdentityId": cognito.get("identityId"),
        "cognitoIdentityPoolId": cognito.get("identityPoolId"),
        "principalOrgId": iam.get("principalOrgId"),
        "user": iam.get("userId"),
        "userArn": iam.get("userArn"),
    }


_OF_API_GATEWAY = frozenset({"claims", "iam", "jwt", "lambda", "scopes"})
"""What API Gateway writes itself: a Lambda authorizer cannot replace it."""


def _authorizer(given: Any) -> Any:
    """Return an HTTP API's ``authorizer`` with all that a REST API's has."""
    if not isinstance(given, Mapping):
        return given
    holder = given.get("jwt", given)
    claims = holder.get("claims") if isinstance(holder, Mapping) else None
    if isinstance(claims, Mapping):
        scopes = holder.get("scopes")
        both = {"claims": rest_form(claims), "jwt": {"claims": claims, "scopes": scopes}}
        return {**given, "scopes": scopes, **both}
    added = given.get("lambda")
    if isinstance(added, Mapping):
        own = {name: value for name, value in added.items() if name not in _OF_API_GATEWAY}
        return {**own, **given}
    return given
