"""A request as it reaches an app: from a REST API, an HTTP API in both formats, ``chalice local``.

The two formats have every field of AWS's samples ("Create AWS Lambda proxy integrations for HTTP
APIs in API Gateway", read in November 2026), filled as that page says: names of headers in lower
case; in 2.0 repeated headers and query parameters joined with commas, cookies in a field of their
own, and missing values omitted; in 1.0 all values in the multi-value fields, one of each in the
others, and null for missing values. ``resourcePath`` has the route's path and ``resourceId`` its
key, as in events of real HTTP APIs with a route by variables.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from chalice.local import LambdaEventConverter, RouteMatcher

Event = dict[str, Any]
Pairs = Sequence[tuple[str, str]]

CERTIFICATE = {
    "clientCertPem": "CERT_CONTENT",
    "subjectDN": "www.example.com",
    "issuerDN": "Example issuer",
    "serialNumber": "a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1",
    "validity": {"notBefore": "May 28 12:30:02 2019 GMT", "notAfter": "Aug  5 09:36:04 2021 GMT"},
}
NOBODY = dict.fromkeys(
    (
        "accessKey",
        "accountId",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
        "user",
        "userArn",
    )
)
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


@dataclass(frozen=True)
class HttpRequest:
    """A request, the path of its route, and the claims of a token that API Gateway has verified."""

    method: str
    route: str
    path_parameters: Mapping[str, str] | None = None
    query: Pairs = ()
    headers: Pairs = ()
    body: bytes | None = None
    claims: Mapping[str, str] | None = None

    @property
    def path(self) -> str:
        return self.route.replace("+}", "}").format(**(self.path_parameters or {}))


def payload_1(request: HttpRequest) -> Event:
    """Return the event in payload format 1.0."""
    headers, query = _grouped(request.headers), _grouped(request.query)
    body, encoded = _body(request)
    return {
        "version": "1.0",
        "resource": request.route,
        "path": request.path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {n: values[0] for n, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "id",
            "authorizer": {"claims": request.claims, "scopes": None},
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "extendedRequestId": "request-id",
            "httpMethod": request.method,
            "identity": {
                **NOBODY,
                "sourceIp": "192.0.2.1",
                "userAgent": "user-agent",
                "clientCert": CERTIFICATE,
            },
            "path": request.path,
            "protocol": "HTTP/1.1",
            "requestId": "id=",
            "requestTime": "04/Mar/2020:19:15:17 +0000",
            "requestTimeEpoch": 1583349317135,
            "resourceId": f"{request.method} {request.route}",
            "resourcePath": request.route,
            "stage": "$default",
        },
        "pathParameters": request.path_parameters,
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": encoded,
    }


def rest_event(request: HttpRequest) -> Event:
    """Return the event of a REST API, which takes the body for text unless it is of a binary type.

    See AWS, "Lambda proxy integrations in API Gateway", the input format.
    """
    event = payload_1(request)
    del event["version"]
    context = event["requestContext"]
    context.update({"stage": "api", "path": f"/api{request.path}", "resourceId": "abc123"})
    claims = request.claims
    if claims is None:
        del context["authorizer"]
    else:
        context["authorizer"] = {"claims": dict(claims)}
    return event


def payload_2(request: HttpRequest) -> Event:
    """Return the event in payload format 2.0."""
    headers, query = _grouped(request.headers), _grouped(request.query)
    cookies = headers.pop("cookie", [])
    body, encoded = _body(request)
    key = f"{request.method} {request.route}"
    optional: Event = {
        "cookies": [cookie for line in cookies for cookie in line.split("; ")],
        "queryStringParameters": {name: ",".join(values) for name, values in query.items()},
        "pathParameters": request.path_parameters,
        "body": body,
    }
    authorizer = {"authorizer": {"jwt": {"claims": request.claims, "scopes": None}}}
    return {
        "version": "2.0",
        "routeKey": key,
        "rawPath": request.path,
        "rawQueryString": urlencode(request.query),
        "headers": {name: ",".join(values) for name, values in headers.items()},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api-id",
            "authentication": {"clientCert": CERTIFICATE},
            **(authorizer if request.claims is not None else {}),
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": "id=",
            "routeKey": key,
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1583348638390,
        },
        "isBase64Encoded": encoded,
        "stageVariables": {"stageVariable1": "value1"},
        **{name: value for name, value in optional.items() if value},
    }


def local_form(request: HttpRequest, routes: Sequence[str]) -> Event:
    """Return the event that ``chalice local`` makes; it has no claims, whatever the token."""
    converter = LambdaEventConverter(RouteMatcher(list(routes)))
    query = f"?{urlencode(request.query)}" if request.query else ""
    event: Event = converter.create_lambda_event(
        request.method, request.path + query, dict(request.headers), request.body or b""
    )
    return event


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _body(request: HttpRequest) -> tuple[str | None, bool]:
    if request.body is None:
        return None, False
    if dict(request.headers).get("content-type", "").startswith(_TEXT_TYPES):
        return request.body.decode(), False
    return b64encode(request.body).decode(), True
