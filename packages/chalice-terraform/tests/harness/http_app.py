"""A Chalice app that uses what Chalice has for HTTP, any request to it, and what comes of one."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from chalice.app import (
    AuthResponse,
    BadRequestError,
    Blueprint,
    Chalice,
    ChaliceUnhandledError,
    CORSConfig,
    NotFoundError,
    Request,
    Response,
)
from hypothesis import strategies as st

from harness.gateway_events import Event, HttpRequest

CLAIMS = {"iss": "https://issuer.test", "sub": "ann", "cognito:groups": "admins"}


def octets(request: Request) -> bytes:
    body = request.raw_body
    return body if isinstance(body, bytes) else body.encode()


def signed(response: Response, by: str) -> Response:
    """Return the response with the mark of a middleware, in the order of all marks."""
    response.headers["X-Marks"] = f"{response.headers.get('X-Marks', '')}; {by}"
    return response


class Own(Response):
    """A response that Lambda gets in another form."""

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:
        return {**super().to_dict(binary_types), "statusCode": 202, "types": binary_types}


class Refused(Exception):
    """What a middleware of the app turns into a response."""


def build(kind: type[Chalice], binary_types: list[str]) -> Chalice:  # noqa: C901 - a list of views
    """Return an app that uses what Chalice has for HTTP, as a ``kind`` of app."""
    app = kind(app_name="orders", configure_logs=False)
    app.api.binary_types = binary_types
    app.log.disabled = True

    def seen() -> dict[str, Any]:
        request = app.current_request
        assert request is not None
        query = request.query_params
        return {
            "method": request.method,
            "path": request.path,
            "query": None if query is None else {name: query.getlist(name) for name in query},
            "last": None if query is None else dict(query),
            "headers": dict(request.headers),
            "uri": request.uri_params,
            "body": b64encode(octets(request)).decode(),
            "json": request.json_body,
            "stage_vars": request.stage_vars,
            "claims": (request.context.get("authorizer") or {}).get("claims"),
            "source": request.context["identity"]["sourceIp"],
            "event": sorted(set(request.to_dict()) - {"context"}),
            "calls": request.context.setdefault("calls", []).append(1) or request.context["calls"],
            "lambda": [app.lambda_context, request.lambda_context],
        }

    @app.middleware("http")
    def mark(request: Any, get_response: Callable[[Any], Response]) -> Response:
        if request.headers.get("x-refuse"):
            return Response("no", {"X-By": ["a", "b"], "Content-Type": ["text/plain"]}, 403)
        try:
            response = get_response(request)
            if request.headers.get("x-again"):
                response = get_response(request)
        except Refused as error:
            return Response(str(error), {"Content-Type": "text/plain"}, 418)
        return signed(response, f"marked {request.path}")

    @app.middleware("all")
    def around(request: Any, get_response: Callable[[Any], Response]) -> Response:
        return signed(get_response(request), "around")

    @app.authorizer()
    def allow(request: Any) -> AuthResponse:
        return AuthResponse(routes=["*"], principal_id="ann")

    @app.route("/orders", methods=["GET", "POST"], cors=True)
    def orders() -> dict[str, Any]:
        return seen()

    @app.route("/orders/{id}", methods=["GET", "PUT"], authorizer=allow)
    def order(id: str) -> dict[str, Any]:  # noqa: A002 - Chalice wants the variable's name
        return {"id": id, **seen()}

    @app.route("/files/{path+}", methods=["GET", "HEAD"])
    def files() -> dict[str, Any]:
        return seen()

    @app.route(
        "/pictures",
        methods=["POST"],
        content_types=["image/png", "application/x-orders"],
        cors=CORSConfig(allow_origin="https://a.test", max_age=5, allow_credentials=True),
    )
    def picture() -> Response:
        assert app.current_request is not None
        return Response(octets(app.current_request), {"Content-Type": "image/png"})

    @app.route("/cookies")
    def cookies() -> Response:
        several: dict[str, str | list[str]] = {
            "Set-Cookie": ["a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2"],
            "Link": ["<a>", "<b>"],
            "X-Empty": [],
        }
        return Response("", several, 204)

    @app.route("/fails/{how}")
    def fail(how: str) -> Any:
        if how == "view":
            raise BadRequestError("no")
        if how == "missing":
            raise NotFoundError("none")
        if how == "unhandled":
            raise ChaliceUnhandledError("for the middleware")
        if how == "own":
            raise Refused("teapot")
        if how == "own-response":
            return Own("", {"Content-Type": "text/plain"})
        if how == "types":
            return Response("x", {"Content-Type": ["image/png", "text/plain"]})
        if how == "header":
            return Response("", {"X-Bad": "a\nb"})
        if how == "no-json":
            return {"set": object()}
        raise RuntimeError("bug")

    extra = Blueprint("extra")

    @extra.route("/items/{id}/parts/{part}")
    def part(id: str, part: str) -> Any:  # noqa: A002
        query = extra.current_request.query_params
        return [id, part, query.get("q") if query else None]

    app.register_blueprint(extra, url_prefix="/extra")
    return app


USUAL = ["application/octet-stream", "application/x-orders", "image/png"]
BINARY_TYPES = [USUAL, ["application/json", *USUAL], ["*/*"], []]


Outcome = Any


def outcome(app: Chalice, event: Event) -> Outcome:
    """Return the result that Lambda would send, or the type of what is raised."""
    try:
        return json.loads(json.dumps(app(json.loads(json.dumps(event)), "context")))
    except Exception as error:  # noqa: BLE001 - whatever is raised is compared
        return type(error)


def response(result: Outcome) -> Outcome:
    """Return status, headers and body as a client gets them, from a result of either format."""
    if isinstance(result, type):
        return result
    headers = [(name.lower(), value) for name, value in result["headers"].items()]
    cookies = [("set-cookie", value) for value in result.get("cookies", [])]
    for name, values in result.get("multiValueHeaders", {}).items():
        if name.lower() == "set-cookie":
            cookies += [("set-cookie", value) for value in values]
        elif values:
            headers.append((name.lower(), ",".join(values)))
    body = result["body"]
    octets = b64decode(body) if result.get("isBase64Encoded") else body.encode()
    return result["statusCode"], sorted(headers), cookies, without_headers(octets)


def without_headers(body: bytes) -> Any:
    """Return the body; what the app has seen is compared without the headers that differ."""
    try:
        return json.loads(body)
    except ValueError:
        return body


texts = st.text(st.characters(codec="utf-8", exclude_characters="{}"), min_size=1, max_size=6)
values = st.text("azAZ09 ;=\"'!~", max_size=8)
TYPES = ["application/json", "application/json;charset=utf-8", "text/plain", "image/png", "*/*"]
ACCEPTS = ["*/*", "image/png", "application/json", "application/x-orders"]
names = st.sampled_from(["x-one", "x-again", "x-refuse", "user-agent", "cookie"])
once = st.dictionaries(names, values.filter(bool), max_size=3).map(lambda found: [*found.items()])
ROUTES: dict[str, list[str]] = {
    "/orders": ["GET", "POST", "DELETE"],
    "/orders/{id}": ["GET", "PUT"],
    "/files/{path+}": ["GET", "HEAD", "POST"],
    "/pictures": ["POST"],
    "/cookies": ["GET"],
    "/fails/{how}": ["GET"],
    "/extra/items/{id}/parts/{part}": ["GET"],
}
FAILURES = ["view", "missing", "unhandled", "own", "header", "no-json", "bug", "types"]
HOW = st.sampled_from(FAILURES)
BODIES = st.none() | st.binary(max_size=12) | st.sampled_from([b"{}", b'{"a":[1]}', b"[", b"1"])


@st.composite
def requests(draw: Callable[..., Any], repeated: bool) -> HttpRequest:
    route = draw(st.sampled_from(sorted(ROUTES)))
    variables = [part[1:].rstrip("+}") for part in route.split("/") if part.startswith("{")]
    headers = draw(once)
    for name, choices in (("content-type", TYPES), ("accept", ACCEPTS)):
        headers += draw(st.sampled_from([[], *([(name, choice)] for choice in choices)]))
    if repeated:
        headers += draw(once)
    body = draw(BODIES)
    if body is not None and dict(headers).get("content-type", "").startswith(("text", "app")):
        body = draw(st.text("é{}[]1", max_size=5)).encode()
    return HttpRequest(
        draw(st.sampled_from(ROUTES[route])),
        route,
        {v: draw(HOW if v == "how" else texts) for v in variables} or None,
        draw(st.lists(st.tuples(texts, texts | st.just("")), max_size=3)),
        headers,
        body,
        draw(st.sampled_from([None, CLAIMS])),
    )


OF_EACH_KIND = [
    *(HttpRequest("GET", "/fails/{how}", {"how": how}) for how in FAILURES),
    HttpRequest("GET", "/orders", headers=[("x-again", "1")]),
    HttpRequest("GET", "/orders", headers=[("x-refuse", "1")]),
    HttpRequest("DELETE", "/orders"),
    HttpRequest("POST", "/pictures", headers=[("content-type", "text/plain")], body=b"x"),
    *(
        HttpRequest("POST", "/pictures", headers=[("content-type", "image/png"), accept], body=b"x")
        for accept in [("accept", "*/*"), ("accept", "image/png"), ("accept", "text/plain")]
    ),
]
