"""From an event of a REST API to its result, as Chalice's own handler does it, in less time.

Chalice looks up the content type of each response three times, each time in a new mapping, and
searches its list of binary types for it twice. Here that is done once for each content type, and
whatever is out of the ordinary is left to Chalice. The results are the same: the tests compare them
with Chalice's, errors included. It uses names that are Chalice's own, whose version is locked.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from chalice.app import (
    CaseInsensitiveMapping,
    Chalice,
    Request,
    Response,
    RestAPIEventHandler,
    _matches_content_type,
)

Respond = Callable[[Request], Response]


def handle(app: Chalice, event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the result that ``Chalice.__call__`` returns for an event that names a route."""
    app.lambda_context = context
    request = Request(event, context)
    request.headers = _Headers(request.headers)
    app.current_request = request
    handler = _Handler(app.routes, app.api, app.log, app.debug)
    handler.current_request = request
    respond: Respond = handler.respond
    for middleware in reversed(list(app._get_middleware_handlers("http"))):
        respond = _around(middleware, respond)
    response = handler._global_error_handler(request, respond)
    binary_types = app.api.binary_types
    if type(response) is Response and not _is_binary(response, binary_types):
        return response.to_dict()
    return response.to_dict(binary_types)


class _Headers(CaseInsensitiveMapping):
    """Chalice's mapping, without the exception that its ``get`` raises and catches."""

    def __init__(self, same: CaseInsensitiveMapping) -> None:
        self._dict = same._dict

    def get(self, key: str, default: Any = None) -> Any:
        return self._dict.get(key.lower(), default)


def _around(middleware: Callable[[Request, Respond], Response], respond: Respond) -> Respond:
    return lambda request: middleware(request, respond)


class _Handler(RestAPIEventHandler):
    _response: Response | None = None

    def respond(self, _: Request) -> Response:
        """Return the view's response to the event's request, whatever a middleware passes on."""
        request = self.current_request
        assert request is not None
        event = request.to_original_event()
        context = event["requestContext"]
        route = self.routes[context["resourcePath"]].get(context["httpMethod"])
        self._response = None
        if route is not None and _has_type(request, route.content_types):
            arguments = {name: event["pathParameters"][name] for name in route.view_args}
            response = self._get_view_function_response(route.view_function, arguments)
            if not _is_binary(response, self.api.binary_types):
                if route.cors is not None:
                    self._add_cors_headers(response, self._get_cors_headers(route.cors))
                return response
        return self._main_rest_api_handler(event, request.lambda_context)

    def _get_view_function_response(
        self, view_function: Callable[..., Any], function_args: dict[str, Any]
    ) -> Response:
        if self._response is None:
            self._response = super()._get_view_function_response(view_function, function_args)
        return self._response


def _has_type(request: Request, content_types: list[str]) -> bool:
    if not content_types:
        return True
    content_type = request.headers.get("content-type", "application/json")
    return _matches(content_type, tuple(content_types))


def _is_binary(response: Response, binary_types: list[str]) -> bool:
    """Return whether Chalice has to look at the response's content type."""
    content_type: object = "application/json"
    for name, value in response.headers.items():
        if name.lower() == "content-type":
            content_type = value
    return not isinstance(content_type, str) or _matches(content_type, tuple(binary_types))


@lru_cache(maxsize=256)
def _matches(content_type: str, content_types: tuple[str, ...]) -> bool:
    return _matches_content_type(content_type, list(content_types))
