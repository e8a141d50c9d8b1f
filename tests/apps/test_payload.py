"""Both payload formats of API Gateway, and the events of ``chalice local``, get equal responses."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Response
from chalice.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core import bootstrap
from core.adapters.http.payload import HttpApp, as_payload_1, as_result_2
from tests.support.api import UNKNOWN, Api, json_bytes, load_app
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import AUDIENCE, ISSUER
from tests.support.gateway_events import Event, HttpRequest, local_form, payload_1, payload_2
from tests.support.identity import Identity, running_identity

BOOK = BOOKS + "/{id}"
ROUTES = (BOOKS, BOOK, f"{BOOK}/history", "/v1/catalog/health/query")
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


# --- what Chalice is given ------------------------------------------------------------------


@both_formats
def test_chalice_finds_the_route_that_api_gateway_chose(form: Format) -> None:
    known = as_payload_1(form(get(BOOK, path_parameters={"id": "x"})), ROUTES)

    assert known["requestContext"]["resourcePath"] == known["resource"] == BOOK
    assert known["pathParameters"] == {"id": "x"}


@both_formats
@pytest.mark.parametrize("key", ["$default", "ANY /{proxy+}"])
def test_a_catch_all_route_is_replaced_by_the_one_that_matches_the_path(
    form: Format, key: str
) -> None:
    event = form(get(f"{BOOK}/history", path_parameters={"id": "x"}))
    path = key.rpartition(" ")[2]
    named = {"routeKey": key} if event["version"] == "2.0" else {"resource": path}
    context = {**event["requestContext"], **({"resourcePath": path} if "resource" in named else {})}
    event |= {**named, "requestContext": context, "pathParameters": {"proxy": event.get("path")}}

    known = as_payload_1(event, ROUTES)

    assert known["resource"] == f"{BOOK}/history"
    assert known["pathParameters"] == {"id": "x"}


def test_the_resource_is_used_when_the_resource_path_is_the_path_itself() -> None:
    event = payload_1(get(BOOK, path_parameters={"id": "x"}))
    event["requestContext"]["resourcePath"] = event["path"]

    assert as_payload_1(event, ROUTES)["resource"] == BOOK


def test_the_path_is_matched_when_the_resource_is_the_path_itself() -> None:
    event = payload_1(get(BOOK, path_parameters={"id": "x"}))
    event |= {"resource": event["path"], "pathParameters": None}
    event["requestContext"]["resourcePath"] = event["path"]

    known = as_payload_1(event, ROUTES)

    assert (known["resource"], known["pathParameters"]) == (BOOK, {"id": "x"})


@both_formats
def test_the_stage_in_the_path_is_not_part_of_the_route(form: Format) -> None:
    event = form(get(BOOKS))
    event["requestContext"]["stage"] = "v1"
    for name in ("path", "rawPath"):
        event |= {name: f"/v1{event[name]}"} if name in event else {}
    event |= {"resource": "$default"} if "resource" in event else {"routeKey": "$default"}
    event["requestContext"].pop("resourcePath", None)

    assert as_payload_1(event, ROUTES)["resource"] == BOOKS


def test_an_unknown_path_has_no_resource() -> None:
    event = payload_2(get("/v1/catalog/nothing")) | {"routeKey": "$default"}

    assert as_payload_1(event, ROUTES)["resource"] is None


@both_formats
def test_claims_stay_where_api_gateway_wrote_them(form: Format) -> None:
    event = form(add())

    authorizer = as_payload_1(event, ROUTES)["requestContext"]["authorizer"]

    assert authorizer == event["requestContext"]["authorizer"]


def test_nothing_that_a_client_sends_reaches_the_request_context() -> None:
    lie = json.dumps({"jwt": {"claims": ANN}, "claims": ANN})
    names = ("authorizer", "requestContext", "claims", "jwt")
    request = get(
        BOOKS,
        query=[(name, lie) for name in names],
        headers=[(name, lie) for name in names],
        body=json_bytes({"requestContext": {"authorizer": {"claims": ANN}}}),
    )
    # Format 2.0 has no authorizer on a public route.
    context = as_payload_1(payload_2(request), ROUTES)["requestContext"]

    assert "authorizer" not in context
    assert "ann" not in json.dumps(context)


def test_cookies_become_a_header() -> None:
    request = get(BOOKS, headers=[("cookie", "a=1; b=2")])

    assert as_payload_1(payload_2(request), ROUTES)["headers"] == {"cookie": "a=1; b=2"}


@both_formats
def test_the_given_event_is_not_changed(form: Format) -> None:
    event = form(add())
    before = json.dumps(event)

    as_payload_1(event, ROUTES)

    assert json.dumps(event) == before


@both_formats
def test_fields_may_be_null_or_missing(form: Format) -> None:
    event = form(get(BOOKS))
    event.pop("rawQueryString", None)
    optional = ("headers", "multiValueHeaders", "body", "pathParameters", "stageVariables")
    nulls = as_payload_1({**event, **dict.fromkeys((*optional, "isBase64Encoded"))}, ROUTES)
    for name in (*optional, "isBase64Encoded", "multiValueQueryStringParameters"):
        event.pop(name, None)

    assert as_payload_1(event, ROUTES) == nulls


# --- laws -------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
pairs = st.lists(st.tuples(st.sampled_from(["q", "sort", ""]) | texts, texts), max_size=6)
tokens = st.text("abc-0", min_size=1, max_size=5)
fields = st.lists(st.tuples(tokens, st.text(" !~azAZ09;=\"'", max_size=8)), max_size=6)


@given(pairs)
def test_both_formats_give_the_same_query(query: list[tuple[str, str]]) -> None:
    one, two = (as_payload_1(form(get(BOOKS, query=query)), ROUTES) for form in FORMATS)

    for name in ("queryStringParameters", "multiValueQueryStringParameters"):
        assert one[name] == two[name]


@given(fields)
def test_both_formats_give_the_same_headers(headers: list[tuple[str, str]]) -> None:
    one, two = (as_payload_1(form(get(BOOKS, headers=headers)), ROUTES) for form in FORMATS)

    assert one["headers"] == two["headers"]


@given(st.binary(max_size=20), st.sampled_from(["image/png", "application/merge-patch+json"]))
def test_both_formats_give_the_same_body(body: bytes, content_type: str) -> None:
    request = HttpRequest("POST", BOOKS, headers=[("content-type", content_type)], body=body)
    one, two = (as_payload_1(form(request), ROUTES) for form in FORMATS)

    assert (one["body"] or "", bool(one["isBase64Encoded"])) == (
        two["body"] or "",
        bool(two["isBase64Encoded"]),
    )


@given(st.dictionaries(tokens, st.text("az, ", max_size=5) | st.lists(st.text("az", min_size=1))))
def test_a_response_in_format_2_keeps_every_header(headers: dict[str, str | list[str]]) -> None:
    response = as_result_2(Response("", headers, 200).to_dict())

    assert response["headers"] == {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in headers.items()
    }


def test_cookies_of_a_response_have_their_own_field() -> None:
    several: dict[str, str | list[str]] = {"Set-Cookie": ["a=1", "b=2"], "ETag": '"1"'}

    response = as_result_2(Response("", several, 200).to_dict())

    assert (response["cookies"], response["headers"]) == (["a=1", "b=2"], {"ETag": '"1"'})


def test_a_response_in_format_2_has_exactly_the_fields_of_awss_sample() -> None:
    response = as_result_2(
        Response(b"\x00", {"Content-Type": "image/png"}, 200).to_dict(["image/png"])
    )

    assert response == {
        "cookies": [],
        "isBase64Encoded": True,
        "statusCode": 200,
        "headers": {"Content-Type": "image/png"},
        "body": "AA==",
    }


# --- equal responses ------------------------------------------------------------------------------


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
    bootstrap.settings.cache_clear()
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

    assert isinstance(app, HttpApp)
    assert (response.status_code, response.json_body) == (200, {"status": "ok"})
