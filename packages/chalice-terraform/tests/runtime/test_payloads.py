"""Events of HTTP APIs in both payload formats, as a REST API would have sent them to Chalice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from chalice.app import Response
from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.runtime.payloads import as_format_2, for_chalice
from harness.gateway_events import Event, HttpRequest, payload_1, payload_2, rest_event

ALL = "/v1/orders"
ONE = f"{ALL}/{{id}}"
ROUTES = {
    ALL: {"GET", "POST"},
    ONE: {"GET"},
    f"{ONE}/history": {"GET"},
    f"{ALL}/latest/{{part}}": {"POST"},
    "/files/{path+}": {"GET"},
    "/files/readme": {"GET"},
    "/notes/{path+}": {"GET"},
    "/notes/{name}": {"GET"},
}
CLAIMS = {"iss": "https://issuer.test", "sub": "ann", "cognito:groups": "[admins editors]"}
FORMATS = [payload_1, payload_2]
Format = Callable[[HttpRequest], Event]

both_formats = pytest.mark.parametrize("form", FORMATS, ids=["1.0", "2.0"])


def get(route: str, **about: Any) -> HttpRequest:
    return HttpRequest("GET", route, **about)


def converted(event: Event) -> dict[str, Any]:
    known = for_chalice(event, ROUTES)
    assert known is not None
    return known


def by_catch_all(form: Format, path: str, key: str = "$default", method: str = "GET") -> Event:
    """Return the event of a request that a route of the API, and not of the app, lets through."""
    event = form(HttpRequest(method, path.replace("{", "").replace("}", "")))
    route = key.rpartition(" ")[2]
    if event["version"] == "2.0":
        return {**event, "routeKey": key, "pathParameters": {"proxy": "x"}}
    context = {**event["requestContext"], "resourcePath": route}
    return {**event, "resource": route, "pathParameters": None, "requestContext": context}


# --- routes ---------------------------------------------------------------------------------


@both_formats
def test_the_route_is_the_one_that_api_gateway_chose(form: Format) -> None:
    known = converted(form(get(ONE, path_parameters={"id": "x"})))

    assert known["requestContext"]["resourcePath"] == known["resource"] == ONE
    assert known["pathParameters"] == {"id": "x"}


@both_formats
@pytest.mark.parametrize("key", ["$default", "ANY /{proxy+}"])
@pytest.mark.parametrize(
    ("path", "route", "parameters"),
    [
        (f"{ALL}/7/history", f"{ONE}/history", {"id": "7"}),
        (ALL, ALL, None),
        ("/files/a/b.txt", "/files/{path+}", {"path": "a/b.txt"}),
        ("/files/readme", "/files/readme", None),
        ("/files/a\nb/c", "/files/{path+}", {"path": "a\nb/c"}),
        ("/notes/x", "/notes/{name}", {"name": "x"}),
        ("/notes/x/y", "/notes/{path+}", {"path": "x/y"}),
        (f"{ALL}/latest/history", f"{ONE}/history", {"id": "latest"}),
    ],
)
def test_a_catch_all_route_is_replaced_by_the_one_that_fits_the_path(
    form: Format, key: str, path: str, route: str, parameters: dict[str, str] | None
) -> None:
    known = converted(by_catch_all(form, path, key))

    assert (known["resource"], known["pathParameters"]) == (route, parameters)


@both_formats
def test_of_routes_that_fit_the_path_the_one_with_the_method_wins(form: Format) -> None:
    known = converted(by_catch_all(form, f"{ALL}/latest/history", method="POST"))

    assert known["resource"] == f"{ALL}/latest/{{part}}"


@both_formats
def test_a_route_without_the_method_is_better_than_none(form: Format) -> None:
    assert converted(by_catch_all(form, ALL, method="DELETE"))["resource"] == ALL


@both_formats
def test_a_path_that_fits_no_route_has_none(form: Format) -> None:
    assert for_chalice(by_catch_all(form, "/nothing"), ROUTES) is None


def test_a_greedy_variable_has_the_rest_of_the_path() -> None:
    parameters = {"path": "a/b c"}
    event = payload_2(get("/files/{path+}", path_parameters=parameters))

    assert converted(event)["pathParameters"] == parameters


def test_the_resource_is_used_when_the_resource_path_is_the_path_itself() -> None:
    event = payload_1(get(ONE, path_parameters={"id": "x"}))
    event["requestContext"]["resourcePath"] = event["path"]

    assert converted(event)["resource"] == ONE


def test_the_path_is_matched_when_the_resource_is_the_path_itself() -> None:
    event = payload_1(get(ONE, path_parameters={"id": "x"}))
    event |= {"resource": event["path"], "pathParameters": None}
    event["requestContext"]["resourcePath"] = event["path"]

    known = converted(event)

    assert (known["resource"], known["pathParameters"]) == (ONE, {"id": "x"})


@both_formats
def test_the_stage_is_in_the_path_of_the_context_alone(form: Format) -> None:
    event = by_catch_all(form, ALL)
    event["requestContext"] = {**event["requestContext"], "stage": "api", "path": f"/api{ALL}"}
    event["rawPath" if "rawPath" in event else "path"] = f"/api{ALL}"

    known = converted(event)

    assert (known["resource"], known["path"]) == (ALL, ALL)
    assert known["requestContext"]["path"] == f"/api{ALL}"


def test_a_rest_apis_path_has_no_stage_to_remove() -> None:
    event = rest_event(get("/v1/orders"))
    event["requestContext"].update({"stage": "v1", "resourcePath": "/{proxy+}"})
    event |= {"resource": "/{proxy+}", "pathParameters": {"proxy": "v1/orders"}}

    assert converted(event)["resource"] == ALL


# --- what API Gateway knows of the caller --------------------------------------------------


@both_formats
def test_claims_have_the_form_of_a_rest_api_and_that_of_the_http_api(form: Format) -> None:
    known = converted(form(get(ALL, claims=CLAIMS)))

    authorizer = known["requestContext"]["authorizer"]
    assert authorizer["claims"] == {**CLAIMS, "cognito:groups": "admins,editors"}
    assert authorizer["jwt"] == {"claims": CLAIMS, "scopes": None}


@pytest.mark.parametrize("claims", [None, {}, {"sub": "root"}])
@pytest.mark.parametrize("jwt", [None, {}, {"claims": None}, "text", ["claims"]])
def test_claims_are_not_taken_from_beside_those_of_the_jwt(jwt: Any, claims: Any) -> None:
    event = payload_1(get(ALL))
    event["requestContext"]["authorizer"] = {"jwt": jwt, "claims": claims}

    assert converted(event)["requestContext"]["authorizer"] == {"jwt": jwt, "claims": claims}


def test_what_a_lambda_authorizer_adds_is_where_a_rest_api_has_it() -> None:
    added = {"principalId": "ann", "tenant": "7", "claims": {"sub": "root"}, "jwt": {"claims": {}}}
    event = payload_2(get(ALL))
    event["requestContext"]["authorizer"] = {"lambda": added}

    assert converted(event)["requestContext"]["authorizer"] == {
        "lambda": added,
        "principalId": "ann",
        "tenant": "7",
    }


def test_the_caller_of_an_iam_authorizer_is_where_a_rest_api_has_it() -> None:
    """The sample is of AWS, "Control access to HTTP APIs with IAM authorization", and the like."""
    event = payload_2(get(ALL))
    event["requestContext"]["authorizer"] = {
        "iam": {
            "accessKey": "ASIA",
            "accountId": "123456789012",
            "callerId": "AROA:me",
            "cognitoIdentity": {"amr": ["x"], "identityId": "id", "identityPoolId": "pool"},
            "principalOrgId": "org",
            "userArn": "arn:aws:sts::123456789012:assumed-role/r/me",
            "userId": "AROA:me",
        }
    }

    identity = converted(event)["requestContext"]["identity"]

    assert identity == {
        "accessKey": "ASIA",
        "accountId": "123456789012",
        "caller": "AROA:me",
        "clientCert": event["requestContext"]["authentication"]["clientCert"],
        "cognitoIdentityId": "id",
        "cognitoIdentityPoolId": "pool",
        "principalOrgId": "org",
        "sourceIp": "192.0.2.1",
        "user": "AROA:me",
        "userAgent": "agent",
        "userArn": "arn:aws:sts::123456789012:assumed-role/r/me",
    }


def test_nothing_that_a_client_sends_reaches_the_request_context() -> None:
    lie = json.dumps({"jwt": {"claims": CLAIMS}, "claims": CLAIMS})
    names = ("authorizer", "requestContext", "claims", "jwt")
    request = get(
        ALL,
        query=[(name, lie) for name in names],
        headers=[(name, lie) for name in names],
        body=json.dumps({"requestContext": {"authorizer": {"claims": CLAIMS}}}).encode(),
    )
    # Format 2.0 has no authorizer on a public route.
    context = converted(payload_2(request))["requestContext"]

    assert "authorizer" not in context
    assert "ann" not in json.dumps(context)


# --- the rest -----------------------------------------------------------------------------------


def test_cookies_become_a_header() -> None:
    known = converted(payload_2(get(ALL, headers=[("cookie", "a=1; b=2")])))

    assert known["headers"] == {"cookie": "a=1; b=2"}
    assert known["multiValueHeaders"] == {"cookie": ["a=1; b=2"]}


@pytest.mark.parametrize("form", [payload_1, payload_2, rest_event])
def test_the_given_event_is_not_changed(form: Format) -> None:
    event = form(get(ALL, claims=CLAIMS, query=[("a", "b")]))
    before = json.dumps(event)

    converted(event)["requestContext"]["new"] = True

    assert json.dumps(event) == before


def test_fields_of_format_2_may_be_null_or_missing() -> None:
    event = payload_2(get(ALL))
    optional = ("headers", "body", "pathParameters", "stageVariables", "isBase64Encoded", "cookies")
    names = (*optional, "rawQueryString")
    nulls = converted({**event, **dict.fromkeys(names)})
    for name in names:
        event.pop(name, None)

    missing = converted(event)

    assert {**missing, **dict.fromkeys(names)} == {**nulls, **dict.fromkeys(names)}
    assert {name: missing[name] for name in optional[:-1]} == {
        "headers": {},
        "body": None,
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": False,
    }


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
pairs = st.lists(st.tuples(st.sampled_from(["q", "sort", ""]) | texts, texts), max_size=6)
tokens = st.text("abc-0", min_size=1, max_size=5)


@given(pairs)
def test_both_formats_give_the_same_query(query: list[tuple[str, str]]) -> None:
    one, two = (converted(form(get(ALL, query=query))) for form in FORMATS)

    name = "multiValueQueryStringParameters"
    assert one[name] == two[name]


@given(st.binary(max_size=20), st.sampled_from(["image/png", "application/merge-patch+json"]))
def test_both_formats_give_the_same_body(body: bytes, content_type: str) -> None:
    request = HttpRequest("POST", ALL, headers=[("content-type", content_type)], body=body)
    one, two = (converted(form(request)) for form in FORMATS)

    assert (one["body"] or "", bool(one["isBase64Encoded"])) == (
        two["body"] or "",
        bool(two["isBase64Encoded"]),
    )


headers = st.dictionaries(tokens, st.text("az, ", max_size=5) | st.lists(st.text("az", min_size=1)))


@given(headers)
def test_a_result_in_format_2_keeps_every_header(headers: dict[str, Any]) -> None:
    result = as_format_2(Response("", headers, 200).to_dict())

    assert result["headers"] == {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in headers.items()
        if value != []
    }


def test_cookies_of_a_result_have_their_own_field() -> None:
    several: dict[str, str | list[str]] = {"Set-Cookie": ["a=1", "b=2"], "ETag": '"1"'}

    result = as_format_2(Response("", several, 200).to_dict())

    assert (result["cookies"], result["headers"]) == (["a=1", "b=2"], {"ETag": '"1"'})


def test_a_result_in_format_2_has_exactly_the_fields_of_awss_sample() -> None:
    result = as_format_2(
        Response(b"\x00", {"Content-Type": "image/png"}, 200).to_dict(["image/png"])
    )

    assert result == {
        "cookies": [],
        "isBase64Encoded": True,
        "statusCode": 200,
        "headers": {"Content-Type": "image/png"},
        "body": "AA==",
    }
