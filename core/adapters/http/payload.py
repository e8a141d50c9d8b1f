"""API Gateway's two payload formats, converted to the one that Chalice reads.

An HTTP API sends payload format 2.0 unless its integration asks for 1.0; Chalice reads 1.0, as REST
APIs send it, and responds to anything else with "Unknown request." Both are described in AWS,
"Create AWS Lambda proxy integrations for HTTP APIs in API Gateway"
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).

What API Gateway has verified about the caller stays where it was, in ``requestContext.authorizer``.
Nothing of a request context comes from what a client can write: path, query, headers and body.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from chalice.app import Chalice, Response

Event = Mapping[str, Any]
Result = Mapping[str, Any]


class HttpApp(Chalice):
    """A Chalice app that is a Lambda handler for both payload formats.

    It inherits, because Lambda, ``chalice local`` and ``chalice package`` all want one object in
    the module's attribute ``app``: the handler, and the Chalice object with its routes.
    """

    _preflight: Callable[..., Response] | None = None

    def __init__(self, app_name: str) -> None:
        super().__init__(app_name)
        # What is not text says so itself (``assets``): Chalice would search its list of types three
        # times for each response.
        self.api.binary_types = []

    def allow_origins(self, origins: Collection[str]) -> None:
        """Let pages of these origins use the app, where API Gateway does not see to that.

        Call it before any route or middleware is registered.
        """
        if origins:
            from core.adapters.http.cors import cors_middleware, preflight_response

            self.register_middleware(cors_middleware(origins), "http")
            self._preflight = preflight_response

    def route(self, path: str, **options: Any) -> Callable[..., Any]:
        """Return the decorator of a view, which gets HEAD as well where it gets GET.

        RFC 9110, 9.1, requires both. The authorizer of the route is that of both.
        """
        if self._preflight is not None and "OPTIONS" not in self.routes[path]:
            super().route(path, methods=["OPTIONS"], content_types=[])(self._preflight)
        methods = options.get("methods", ["GET"])
        heads = ["HEAD"] if "GET" in methods else []
        return super().route(path, **{**options, "methods": [*methods, *heads]})

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        """Return the result in the format of ``event``; for no route, API Gateway's own 404.

        The result for HEAD is that for GET, without its body.
        """
        method = _method(event.get("requestContext") or {})
        if method is None:
            return super().__call__(event, context)  # not by HTTP: Chalice says so
        known = as_payload_1(event, self.routes)
        routed = known["resource"] is not None
        result = super().__call__(known, context) if routed else _NOT_FOUND
        if method == "HEAD":
            result = {**result, "body": "", "isBase64Encoded": False}
        return as_result_2(result) if _is_format_2(event) else dict(result)


def as_payload_1(event: Event, routes: Collection[str]) -> dict[str, Any]:
    """Return a copy of an event of either format in format 1.0, with all that Chalice reads.

    The route, in ``resource`` and ``requestContext.resourcePath``, is the one of ``routes`` that
    the event names, or else the one that its path fits (an API with a ``$default`` or a
    ``{proxy+}`` route names no route of ours); it is None where there is none. Each of ``headers``
    has all values of its name, joined as RFC 9110 (5.3) joins them, so both formats tell the same.
    """
    request_context: Mapping[str, Any] = event.get("requestContext") or {}
    http: Mapping[str, Any] = request_context.get("http") or {}
    method = _method(request_context)
    path = _path(event, request_context)
    route, path_parameters = _route(event, request_context, path, routes)
    query = _query(event)
    headers = _headers(event)
    return {
        **event,
        "version": "1.0",
        "resource": route,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": event.get("multiValueHeaders")
        or {name: [value] for name, value in headers.items()},
        "queryStringParameters": query and {name: values[-1] for name, values in query.items()},
        "multiValueQueryStringParameters": query,
        "pathParameters": path_parameters,
        "stageVariables": event.get("stageVariables"),
        "body": event.get("body"),
        "isBase64Encoded": bool(event.get("isBase64Encoded")),
        "requestContext": {
            "identity": {"sourceIp": http.get("sourceIp"), "userAgent": http.get("userAgent")},
            "path": path,
            "protocol": http.get("protocol"),
            "requestTime": request_context.get("time"),
            "requestTimeEpoch": request_context.get("timeEpoch"),
            **request_context,
            "resourcePath": route,
            "httpMethod": method,
        },
    }


def as_result_2(result: Result) -> dict[str, Any]:
    """Return a format 1.0 result in format 2.0 (``cookies``, no ``multiValueHeaders``)."""
    headers = dict(result.get("headers") or {})
    several: Mapping[str, list[str]] = result.get("multiValueHeaders") or {}
    headers |= {name: ",".join(values) for name, values in several.items()}
    cookies = {name: headers.pop(name) for name in list(headers) if name.lower() == "set-cookie"}
    return {
        "statusCode": result["statusCode"],
        "headers": headers,
        "cookies": [value for name in cookies for value in several.get(name, [cookies[name]])],
        "body": result["body"],
        "isBase64Encoded": bool(result.get("isBase64Encoded")),
    }


# API Gateway's own response where it has no route. It is needed where a $default route leads here.
_NOT_FOUND: Result = {
    "statusCode": 404,
    "headers": {"Content-Type": "application/json"},
    "multiValueHeaders": {},
    "body": '{"message":"Not Found"}',
}


def _is_format_2(event: Event) -> bool:
    return event.get("version") == "2.0"


def _method(request_context: Mapping[str, Any]) -> str | None:
    http: Mapping[str, Any] = request_context.get("http") or {}
    method: str | None = request_context.get("httpMethod") or http.get("method")
    return method


def _path(event: Event, request_context: Mapping[str, Any]) -> str:
    path: str = event.get("rawPath") or event.get("path") or request_context.get("path") or "/"
    stage = f"/{request_context.get('stage')}"
    # A stage other than $default is part of the path, in both formats.
    return path.removeprefix(stage) if path.startswith(f"{stage}/") else path


def _route(
    event: Event, request_context: Mapping[str, Any], path: str, routes: Collection[str]
) -> tuple[str | None, Mapping[str, str] | None]:
    """Return the route and its path parameters, None where there are none."""
    given: Mapping[str, str] = event.get("pathParameters") or {}
    key: str = event.get("routeKey") or ""  # "GET /things/{id}", or "$default"
    names = (key.rpartition(" ")[2], request_context.get("resourcePath"), event.get("resource"))
    for named in map(str, names):
        if named in routes and _pattern(named).groupindex.keys() <= given.keys():
            return named, given or None
    # As API Gateway does: the route with the fewest variable parts wins.
    for route in sorted(routes, key=lambda route: route.count("{")):
        if fits := _pattern(route).fullmatch(path):
            return route, fits.groupdict() or None
    return None, None


@cache
def _pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(route)))


def _query(event: Event) -> dict[str, list[str]] | None:
    if _is_format_2(event):
        given: str = event.get("rawQueryString") or ""
        return (given and parse_qs(given, keep_blank_values=True)) or None
    return event.get("multiValueQueryStringParameters") or None


def _headers(event: Event) -> dict[str, str]:
    headers = dict(event.get("headers") or {})
    for name, values in (event.get("multiValueHeaders") or {}).items():
        headers[name] = ",".join(values)
    if cookies := event.get("cookies"):
        headers["cookie"] = "; ".join(cookies)  # RFC 6265, 4.2.1
    return headers
