"""Which service a request is for, by the apps' own tables of routes."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from chalice.app import Chalice
from chalice.local import RouteMatcher

from apps.local.http_messages import Request

Service = TypeVar("Service")


def by_route(apps: Mapping[Service, Chalice]) -> Callable[[Request], Service | None]:
    """Return a function from a request to the service that has its route, or None.

    A preflight (OPTIONS) goes where the request goes that it is for.
    """
    owners: dict[str, dict[str, Service]] = {}  # by method and route
    for service, app in apps.items():
        for route, methods in app.routes.items():
            for method in methods:
                owners.setdefault(method, {})[route] = service

    def service_of(request: Request) -> Service | None:
        routes = owners.get(_method(request), {})
        try:
            return routes[RouteMatcher(list(routes)).match_route(request.path).route]
        except ValueError:
            return None

    return service_of


def _method(request: Request) -> str:
    if request.method == "OPTIONS":
        return request.headers.get("access-control-request-method", "OPTIONS")
    return request.method
