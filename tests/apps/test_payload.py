"""Both payload formats of API Gateway, and the events of ``chalice local``, get equal responses."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chalice.test import Client

from core.adapters.http.app import ServiceApp
from core.bootstrap import process
from harness.gateway_events import Event, HttpRequest, local_form, payload_1, payload_2
from tests.support.api import UNKNOWN, Api, json_bytes, load_app
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import AUDIENCE, ISSUER
from tests.support.identity import Identity, running_identity

BOOK = BOOKS + "/{id}"
ANN = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "scope": "books:write books:audit"}
FORMATS = [payload_1, payload_2]
Format = Callable[[HttpRequest], Event]

both_formats = pytest.mark.parametrize("form", FORMATS, ids=["1.0", "2.0"])


def get(route: str, **about: Any) -> HttpRequest:
    return HttpRequest("GET", route, **about)


def add(**about: Any) -> HttpRequest:
    headers = (("content-type", "application/json"), ("idempotency-key", "one"))
    return HttpRequest(
        "POST", BOOKS, **{"headers": headers, "body": json_bytes(EMMA), "claims": ANN, **about}
    )


def response_to(app: Any, event: Event) -> tuple[int, dict[str, str], Any]:
    """Return status, headers and body of the response, without what is of one request alone."""
    response = json.loads(json.dumps(app(json.loads(json.dumps(event)), None)))
    headers = {name.lower(): value for name, value in response["headers"].items()}
    headers.pop("x-correlation-id", None)
    body = response["body"]
    if headers.get("content-type", "").endswith("json"):
        body = json.loads(body)
        body.pop("instance", None)
    return response["statusCode"], headers, body


@pytest.fixture
def identity() -> Iterator[Identity]:
    with running_identity() as identity:
        yield identity


REQUESTS = {
    "an unknown book": get(BOOK, path_parameters={"id": UNKNOWN}),
    "an empty page": get(BOOKS, query=[("q", "Émile & co +"), ("limit", "1")]),
    "a parameter twice": get(BOOKS, query=[("limit", "1"), ("limit", "2")]),
    "a blank parameter": get(BOOKS, query=[("limit", "")]),
    "health": get("/v1/catalog/health/query"),
    "no token": get(f"{BOOK}/history", path_parameters={"id": UNKNOWN}),
    "a token that is none": get(
        f"{BOOK}/history",
        path_parameters={"id": UNKNOWN},
        headers=[("authorization", "Bearer nonsense")],
    ),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_equal_requests_get_equal_responses_from_the_query_service(
    environment: None, request_: HttpRequest
) -> None:
    app = load_app("query")
    local = local_form(request_, list(app.routes)) | {"body": ""}

    one, two, three = (
        response_to(app, e) for e in (payload_1(request_), payload_2(request_), local)
    )

    assert one == two == three


@pytest.mark.parametrize(
    "request_",
    [
        add(),
        add(body=b'{"title": 1}'),
        add(body=b"{"),
        add(body=None),
        add(claims={**ANN, "scope": "books:audit"}),
        add(headers=[("content-type", "text/plain")]),
        HttpRequest(
            "PATCH",
            BOOK,
            {"id": UNKNOWN},
            headers=[("content-type", "application/merge-patch+json"), ("if-match", '"1"')],
            body=b'{"title": "Emma"}',
            claims=ANN,
        ),
        HttpRequest("DELETE", BOOK, {"id": UNKNOWN}, claims=ANN),
        HttpRequest("DELETE", BOOK, {"id": UNKNOWN}),
    ],
    ids=repr,
)
def test_equal_requests_get_equal_responses_from_the_command_service(
    api: Api, request_: HttpRequest
) -> None:
    [command, _] = api.gateway.apps

    one, two = (response_to(command, form(request_)) for form in FORMATS)
    one[1].pop("idempotent-replayed", None)
    two[1].pop("idempotent-replayed", None)

    assert one == two


TWICE = {
    "idempotency-key": (add(), 201),
    "x-correlation-id": (add(), 201),
    "content-type": (add(), 415),
    "if-match": (
        HttpRequest("DELETE", BOOK, {"id": UNKNOWN}, headers=[("if-match", '"1"')], claims=ANN),
        404,
    ),
    "authorization": (add(headers=[*add().headers, ("authorization", "Bearer a.b.c")]), 401),
}


@pytest.mark.parametrize("name", TWICE)
@pytest.mark.parametrize("second", [None, "another"], ids=["equal", "different"])
def test_a_header_sent_twice_has_one_meaning_in_both_formats(
    api: Api, name: str, second: str | None
) -> None:
    once, status = TWICE[name]
    first = dict(once.headers).get(name, "some")
    request_ = replace(once, headers=[*once.headers, (name, first), (name, second or first)])
    [command, _] = api.gateway.apps

    one, two = (response_to(command, form(request_)) for form in FORMATS)
    for _, headers, _ in (one, two):
        headers.pop("idempotent-replayed", None)

    assert one == two
    assert one[0] == (400 if (name, second) == ("if-match", "another") else status)


def test_a_token_and_api_gateways_claims_get_the_same_response(
    environment: None, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_ISSUER", identity.issuer)
    process.settings.cache_clear()
    command = load_app("command")
    token = identity.token(ANN["scope"], "ann")
    with_token = add(headers=[*add().headers, ("authorization", f"Bearer {token}")])
    local = local_form(with_token, list(command.routes))
    local["body"] = local["body"].decode()

    first = response_to(command, payload_2(add(claims={**ANN, "iss": identity.issuer})))
    again = response_to(command, local)

    assert (first[0], first[2]) == (again[0], again[2])
    assert again[1]["idempotent-replayed"] == "true"


@both_formats
def test_an_unknown_path_returns_api_gateways_own_404(environment: None, form: Format) -> None:
    event = form(get("/v1/catalog/nothing"))

    status, headers, body = response_to(load_app("query"), event)

    assert (status, headers, body) == (
        404,
        {"content-type": "application/json"},
        {"message": "Not Found"},
    )


def test_an_event_that_is_not_an_http_request_is_left_to_chalice(environment: None) -> None:
    assert response_to(load_app("query"), {})[0] == 500


def test_chalices_test_client_still_works(environment: None) -> None:
    app = load_app("query")

    with Client(app, project_dir=str(Path(__file__).parents[2] / "apps" / "query")) as client:
        response = client.http.get("/v1/catalog/health/query")

    assert isinstance(app, ServiceApp)
    assert (response.status_code, response.json_body) == (200, {"status": "ok"})
