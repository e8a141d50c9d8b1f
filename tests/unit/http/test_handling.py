"""``handle`` gives the results of Chalice's own handler, which is the oracle."""

from typing import Any

import pytest
from chalice.app import Chalice
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.http.handling import handle
from harness.gateway_events import HttpRequest, rest_event
from harness.http_app import BINARY_TYPES, OF_EACH_KIND, USUAL, build, outcome, requests


class Ours(Chalice):
    """Chalice with our handler."""

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        return handle(self, event, context)


APPS = [(build(Chalice, types), build(Ours, types)) for types in BINARY_TYPES]
Both = tuple[Chalice, Chalice]


@given(st.sampled_from(APPS), requests(repeated=True))
def test_any_request_gets_the_result_that_chalice_gives(both: Both, request: HttpRequest) -> None:
    chalice, ours = both
    event = rest_event(request)

    assert outcome(ours, event) == outcome(chalice, event)


@pytest.mark.parametrize("both", APPS, ids=range(len(APPS)))
@pytest.mark.parametrize("request_", OF_EACH_KIND, ids=str)
def test_what_a_view_or_a_middleware_may_do_gets_the_result_that_chalice_gives(
    both: Both, request_: HttpRequest
) -> None:
    chalice, ours = both
    event = rest_event(request_)

    assert outcome(ours, event) == outcome(chalice, event)


def test_a_response_of_an_own_class_writes_itself() -> None:
    chalice, ours = APPS[0]
    event = rest_event(HttpRequest("GET", "/fails/{how}", {"how": "own-response"}))

    assert outcome(ours, event) == outcome(chalice, event)
    assert outcome(ours, event)["types"] == USUAL


def test_headers_are_read_as_chalice_reads_them() -> None:
    app = build(Ours, [])
    event = rest_event(HttpRequest("GET", "/orders", headers=[("X-One", "1")]))

    app(event, None)

    assert app.current_request is not None
    headers = app.current_request.headers
    assert (headers.get("x-ONE"), headers["x-one"], headers.get("none")) == ("1", "1", None)
    assert (headers.get("none", "2"), dict(headers), "X-ONE" in headers) == (
        "2",
        {"x-one": "1"},
        True,
    )
