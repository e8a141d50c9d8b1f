"""The Chalice app of a service: HEAD beside GET, preflights, one meaning of repeated headers."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from chalice.app import Response

from chalice_terraform.runtime.app import HTTPApp
from chalice_terraform.runtime.payloads import Event, Result, method_of
from core.adapters.http.handling import handle


class ServiceApp(HTTPApp):
    """A Chalice app that is a Lambda handler for both payload formats.

    Each of ``headers`` has all values of its name, joined as RFC 9110 (5.3) joins them, so both
    formats mean the same.
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

    def respond(self, event: dict[str, Any], context: Any) -> Result:
        """Return Chalice's result, in less time than Chalice takes."""
        return handle(self, event, context)

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        """Return the result in the format of ``event``; for HEAD, that for GET without its body."""
        several: Mapping[str, list[str]] = event.get("multiValueHeaders") or {}
        if several:
            joined = {name: ",".join(values) for name, values in several.items()}
            event = {**event, "headers": {**(event.get("headers") or {}), **joined}}
        result = super().__call__(event, context)
        return {**result, **_NO_BODY} if method_of(event) == "HEAD" else result


_NO_BODY: Mapping[str, Any] = {"body": "", "isBase64Encoded": False}
