"""Which service a request is for."""

import pytest
from chalice.app import Chalice

from apps.local.gateway_routes import by_route
from apps.local.http_messages import Request

ROUTES = {
    "writer": {"/v1/things": ["POST"], "/v1/things/{id}": ["PATCH", "DELETE"], "/v1/up": ["GET"]},
    "reader": {"/v1/things": ["GET"], "/v1/things/{id}": ["GET"], "/v1/things/latest": ["GET"]},
}


def app(name: str) -> Chalice:
    made = Chalice(name)
    for path, methods in ROUTES[name].items():
        made.route(path, methods=methods, name=path)(lambda **_: None)
    return made


service_of = by_route({name: app(name) for name in ROUTES})


@pytest.mark.parametrize(
    ("method", "target", "service"),
    [
        ("POST", "/v1/things", "writer"),
        ("GET", "/v1/things", "reader"),
        ("GET", "/v1/things?q=/v1/up", "reader"),
        ("PATCH", "/v1/things/7", "writer"),
        ("DELETE", "/v1/things/a%2Fb", "writer"),
        ("PATCH", "/v1/things/latest", "writer"),
        ("GET", "/v1/things/latest", "reader"),
        ("GET", "/v1/up", "writer"),
    ],
)
def test_a_request_is_for_the_service_that_has_its_route(
    method: str, target: str, service: str
) -> None:
    assert service_of(Request(method, target, {})) == service


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", "/v1/things"),
        ("get", "/v1/things"),
        ("POST", "/v1/things/7"),
        ("GET", "/v1/things/7/more"),
        ("GET", "/v1/thing"),
        ("GET", "/v1/THINGS"),
        ("OPTIONS", "/v1/things"),
    ],
)
def test_no_service_has_another_route(method: str, target: str) -> None:
    assert service_of(Request(method, target, {})) is None


@pytest.mark.parametrize(
    ("requested", "service"),
    [("POST", "writer"), ("GET", "reader"), ("PUT", None)],
)
def test_a_preflight_is_for_the_service_of_the_request_that_it_announces(
    requested: str, service: str | None
) -> None:
    preflight = Request("OPTIONS", "/v1/things", {"access-control-request-method": requested})

    assert service_of(preflight) == service
