"""Every GET has its HEAD: the same response without its body (RFC 9110, section 9.1)."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest
from chalice.app import Chalice
from chalice.config import Config

from apps.local.http_server import listen
from apps.local.service import service_server
from core.adapters.http.problems import INTERNAL
from harness.gateway_events import HttpRequest, payload_1, payload_2
from tests.support.api import UNKNOWN, Api, load_app
from tests.support.example import BOOKS
from tests.support.gateway import ANN, Caller, Headers, HttpResponse
from tests.support.serving import serving

KNOWN = {"id": UNKNOWN, "name": INTERNAL.name, "asset": "docs.js"}
HISTORY = f"{BOOKS}/{{id}}/history"


def gets(*apps: Chalice) -> list[str]:
    return [path for app in apps for path, methods in app.routes.items() if "GET" in methods]


def both(
    api: Api, target: str, caller: Caller | None = ANN, headers: Headers | None = None
) -> tuple[HttpResponse, HttpResponse]:
    """Return the responses to GET and HEAD."""
    same = {"X-Correlation-Id": "one", **(headers or {})}
    get, head = (
        api.gateway.send(method, target, headers=same, caller=caller) for method in ("GET", "HEAD")
    )
    return get, head


def test_a_route_for_get_is_one_for_head_with_the_same_authorizer_and_view(api: Api) -> None:
    for app in api.gateway.apps:
        for methods in app.routes.values():
            assert ("GET" in methods) is ("HEAD" in methods)
            if "GET" in methods:
                get, head = methods["GET"], methods["HEAD"]
                assert head.view_function is get.view_function
                assert head.authorizer is get.authorizer


def test_head_gets_the_response_of_get_without_its_body(api: Api) -> None:
    paths = [path.format(**KNOWN) for path in gets(*api.gateway.apps)]
    assert BOOKS in paths
    for path in paths:
        get, head = both(api, path)
        assert (head.status, head.headers, head.text) == (get.status, get.headers, ""), path
        assert get.text != ""


@pytest.mark.parametrize("caller", [None, Caller("ann", scope="books:write")])
def test_head_needs_the_token_that_get_needs(api: Api, caller: Caller | None) -> None:
    get, head = both(api, HISTORY.format(**KNOWN), caller)

    assert get.status in {401, 403}
    assert (head.status, head.headers, head.text) == (get.status, get.headers, "")


def test_head_of_a_known_version_returns_304(api: Api) -> None:
    _, head = both(api, f"{BOOKS}/{api.added()}", headers={"If-None-Match": '"1"'})

    assert (head.status, head.headers["etag"]) == (304, '"1"')


@pytest.mark.parametrize("form", [payload_1, payload_2], ids=["1.0", "2.0"])
def test_head_is_served_in_both_payload_formats(api: Api, form: object) -> None:
    assert callable(form)
    result = api.gateway.apps[1](json.loads(json.dumps(form(HttpRequest("HEAD", BOOKS)))), None)

    assert (result["statusCode"], result["body"]) == (200, "")
    assert result["headers"]["Content-Type"] == "application/json"


def test_head_of_a_path_without_a_get_is_no_route(api: Api) -> None:
    command = api.gateway.apps[0]
    result = command(payload_1(HttpRequest("HEAD", BOOKS)), None)

    assert (result["statusCode"], result["body"]) == (405, "")
    assert result["headers"]["Allow"] == "POST"


@pytest.fixture
def query(environment: None) -> Iterator[HTTPConnection]:
    """Yield a connection to the query service as ``make run`` runs it."""
    listener = listen("127.0.0.1", 0)
    with ExitStack() as block:
        block.enter_context(serving(service_server(load_app("query"), Config.create(), listener)))
        connection = HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=30)
        block.callback(connection.close)
        yield connection


@pytest.mark.parametrize("target", [BOOKS, f"{BOOKS}/{UNKNOWN}", "/v1/catalog/openapi.json"])
def test_head_states_no_false_length_under_make_run_and_keeps_the_connection(
    query: HTTPConnection, target: str
) -> None:
    for method in ("HEAD", "GET", "HEAD"):
        query.request(method, target)
        response = query.getresponse()
        body = response.read()
        length = response.getheader("Content-Length")
        assert (length is None) is (method == "HEAD")
        assert (body == b"") is (method == "HEAD")
        assert not response.will_close
