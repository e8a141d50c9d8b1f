"""API Gateway's HTTP API in front of both services, as their handlers see it.

Events have payload format 1.0 (AWS, "Create AWS Lambda proxy integrations for HTTP APIs in API
Gateway"): the route in ``resource``, decoded path and query parameters, every header with all its
values in ``multiValueHeaders`` and the last one in ``headers``, bodies that are not text in base64,
and the claims of a verified token in ``authorizer``.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from chalice.app import Chalice

from core.adapters.http.operations import is_operation
from core.config import PROJECT_NAME

ISSUER = "http://127.0.0.1:8002"
AUDIENCE = PROJECT_NAME
REQUEST_ID = "JKJaXmPLvHcESHA="
TEXT_TYPES = ("application/json", "application/xml", "application/javascript", "text/")

Headers = Mapping[str, str | Sequence[str]]
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """The subject of a token that API Gateway has verified, and its claims."""

    subject: str
    scope: str = "books:write books:audit"
    issuer: str = ISSUER
    more: Mapping[str, str] = field(default_factory=dict)

    def authorizer(self) -> dict[str, Any]:
        """Return its part of the event, where every claim is a string."""
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": self.subject,
            "scope": self.scope,
            "exp": "4102444800",
            **self.more,
        }
        return {"claims": claims, "scopes": self.scope.split(" ")}


ANN = Caller("ann")
BOB = Caller("bob")
NOBODY = {"claims": None, "scopes": None}


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response as a client receives it; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """Return the parsed body."""
        return json.loads(self.text)

    @property
    def pointers(self) -> list[str]:
        """Return the JSON Pointers in a response to invalid input."""
        return [error["pointer"] for error in self.json["errors"]]


def event_of(
    route: str,
    method: str,
    target: str,
    headers: Headers | None = None,
    body: bytes | None = None,
    caller: Caller | None = None,
    path_parameters: Mapping[str, str] | None = None,
) -> Event:
    """Return the event of a request for ``target``, a path with its query, by ``route``."""
    path, _, query = target.partition("?")
    values = {name: [v] if isinstance(v, str) else list(v) for name, v in (headers or {}).items()}
    queried = parse_qs(query, keep_blank_values=True) or None
    text, encoded = _body_text(body, values)
    return {
        "version": "1.0",
        "resource": route,
        "path": path,
        "httpMethod": method,
        "headers": {name: several[-1] for name, several in values.items()},
        "multiValueHeaders": values,
        "queryStringParameters": queried and {name: vs[-1] for name, vs in queried.items()},
        "multiValueQueryStringParameters": queried,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "id",
            "authorizer": caller.authorizer() if caller else NOBODY,
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "extendedRequestId": "request-id",
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "user-agent"},
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": REQUEST_ID,
            "requestTime": "04/Mar/2020:19:15:17 +0000",
            "requestTimeEpoch": 1583349317135,
            "resourceId": None,
            "resourcePath": route,
            "stage": "$default",
        },
        "pathParameters": path_parameters or None,
        "stageVariables": None,
        "body": text,
        "isBase64Encoded": encoded,
    }


def _body_text(body: bytes | None, headers: Mapping[str, Sequence[str]]) -> tuple[str | None, bool]:
    if body is None:
        return None, False
    named = [vs[-1] for name, vs in headers.items() if name.lower() == "content-type" and vs]
    if named and named[-1].lower().startswith(TEXT_TYPES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return b64encode(body).decode(), True


def response_of(result: Mapping[str, Any]) -> HttpResponse:
    """Return the response that API Gateway makes of a handler's result."""
    headers = {name.lower(): value for name, value in result["headers"].items()}
    assert result["multiValueHeaders"] == {}, "no header here has several values"
    return HttpResponse(result["statusCode"], headers, result["body"])


Check = Callable[[str, str, HttpResponse], None]
"""Takes a route, the method of a request to it, and the response."""


def _unchecked(route: str, method: str, response: HttpResponse) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Gateway:
    """Routes requests to the handlers of ``apps``; ``check`` sees the responses of operations."""

    apps: Sequence[Chalice]
    check: Check = _unchecked

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Headers | None = None,
        body: bytes | None = None,
        caller: Caller | None = None,
    ) -> HttpResponse:
        """Return the response to a request; API Gateway's own 404 where it has no route."""
        path = target.partition("?")[0]
        for app in self.apps:
            for route, methods in app.routes.items():
                found = _pattern(route).fullmatch(path)
                if found and method in methods:
                    captured = {name: unquote(text) for name, text in found.groupdict().items()}
                    event = event_of(route, method, target, headers, body, caller, captured)
                    response = response_of(app(json.loads(json.dumps(event)), None))
                    if is_operation(methods[method].view_function):
                        self.check(route, method, response)
                    return response
        return HttpResponse(404, {"content-type": "application/json"}, '{"message":"Not Found"}')


def _pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(route)))
