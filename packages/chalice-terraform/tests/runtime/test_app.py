"""``HTTPApp`` is Chalice for the events of REST APIs, and responds alike to those of HTTP APIs.

Chalice itself is the oracle: the same app is made of its class and of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from chalice.app import Chalice
from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.runtime import HTTPApp
from harness.gateway_events import (
    Event,
    HttpRequest,
    local_form,
    payload_1,
    payload_2,
    rest_event,
)
from harness.http_app import (
    BINARY_TYPES,
    OF_EACH_KIND,
    ROUTES,
    USUAL,
    build,
    outcome,
    requests,
    response,
)

APPS = [(build(Chalice, types), build(HTTPApp, types)) for types in BINARY_TYPES]
CHALICE, OURS = APPS[0]
apps = st.sampled_from(APPS)


@given(apps, requests(repeated=True))
def test_a_rest_apis_event_gets_the_result_that_chalice_gives(
    both: tuple[Chalice, Chalice], request: HttpRequest
) -> None:
    chalice, ours = both
    event = rest_event(request)

    assert outcome(ours, event) == outcome(chalice, event)


@given(requests(repeated=True))
def test_an_event_of_chalice_local_gets_the_result_that_chalice_gives(
    request: HttpRequest,
) -> None:
    routes = [route for route in CHALICE.routes if route in ROUTES]
    quoted = {name: quote(value, "") for name, value in (request.path_parameters or {}).items()}
    event = local_form(replace(request, path_parameters=quoted), routes)
    if isinstance(event["body"], bytes):  # which JSON, and so Lambda, has not
        event["body"] = event["body"].decode("latin-1")

    assert outcome(OURS, event) == outcome(CHALICE, event)


@given(apps, requests(repeated=False))
@pytest.mark.parametrize("form", [payload_1, payload_2], ids=["1.0", "2.0"])
def test_an_http_apis_event_gets_the_response_that_a_rest_apis_gets(
    form: Callable[[HttpRequest], Event], both: tuple[Chalice, Chalice], request: HttpRequest
) -> None:
    chalice, ours = both
    event = {**form(request), "stageVariables": None}
    expected = response(outcome(chalice, rest_event(request)))

    assert response(outcome(ours, event)) == expected


@pytest.mark.parametrize("both", APPS, ids=range(len(APPS)))
@pytest.mark.parametrize("request_", OF_EACH_KIND, ids=str)
def test_what_a_view_or_a_middleware_may_do_gets_the_result_that_chalice_gives(
    both: tuple[Chalice, Chalice], request_: HttpRequest
) -> None:
    chalice, ours = both
    event = rest_event(request_)

    assert outcome(ours, event) == outcome(chalice, event)
    two = {**payload_2(request_), "stageVariables": None}
    assert response(outcome(ours, two)) == response(outcome(ours, event))


def test_a_response_of_an_own_class_writes_itself() -> None:
    event = rest_event(HttpRequest("GET", "/fails/{how}", {"how": "own-response"}))

    assert outcome(OURS, event) == outcome(CHALICE, event)
    assert outcome(OURS, event)["types"] == USUAL


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": {}},
        {"Records": []},
        {"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/orders"},
        {"requestContext": {"routeKey": "$connect", "connectionId": "x", "apiId": "y"}},
        {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event"},
        {"requestContext": None},
        [],
        None,
        "text",
    ],
    ids=str,
)
def test_an_event_that_is_not_an_http_request_gets_what_chalice_gives(event: Any) -> None:
    assert outcome(OURS, event) == outcome(CHALICE, event)


@pytest.mark.parametrize("form", [payload_1, payload_2, rest_event])
def test_a_path_without_a_route_returns_api_gateways_own_404(
    form: Callable[[HttpRequest], Event],
) -> None:
    status, headers, _, body = response(outcome(OURS, form(HttpRequest("GET", "/nothing"))))

    assert (status, headers, body) == (
        404,
        [("content-type", "application/json")],
        {"message": "Not Found"},
    )


def test_a_function_url_reaches_the_route_of_its_path() -> None:
    event = payload_2(HttpRequest("GET", "/extra/items/1/parts/2", query=[("q", "x")]))
    event["routeKey"] = event["requestContext"]["routeKey"] = "$default"

    assert response(outcome(OURS, event))[3] == ["1", "2", "x"]


def test_the_authorizers_of_an_app_are_lambda_functions_as_before() -> None:
    authorizer: Any = OURS.routes["/orders/{id}"]["GET"].authorizer

    policy = authorizer(
        {"type": "REQUEST", "methodArn": "arn:a/b/GET/x", "authorizationToken": "t"}, None
    )

    assert policy["principalId"] == "ann"
