"""Claims as REST APIs, HTTP APIs and ``chalice local`` write them, and the rules for them."""

from __future__ import annotations

from typing import Any

import pytest
from chalice.app import Request
from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.runtime import list_claim
from chalice_terraform.runtime.claims import (
    InvalidToken,
    check_issuer_and_audience,
    gateway_claims,
    http_form,
    rest_form,
)
from chalice_terraform.runtime.payloads import for_chalice
from harness.gateway_events import Event, HttpRequest, payload_1, payload_2, rest_event

GET = HttpRequest("GET", "/orders")
ROUTES = {"/orders": {"GET"}}
GROUPS = "cognito:groups"


def with_groups(form: Any, groups: Any) -> Event:
    event: Event = form(GET)
    claims = {"sub": "ann", GROUPS: groups}
    two = event.get("version") == "2.0"
    event["requestContext"]["authorizer"] = (
        {"jwt": {"claims": claims}} if two else {"claims": claims}
    )
    return event


def read(event: Event) -> list[str]:
    for_payload_1 = {"multiValueQueryStringParameters": None, "pathParameters": None, **event}
    context = {"httpMethod": "GET", "resourcePath": "/orders", **event["requestContext"]}
    return list_claim(Request({**for_payload_1, "body": None, "requestContext": context}), GROUPS)


def local(form: HttpRequest) -> Event:
    """Return the event of ``chalice local``, which has no version and no apiId."""
    event = rest_event(form)
    del event["requestContext"]["apiId"]
    return event


FORMS = [
    (rest_event, "admins,editors"),
    (payload_1, "[admins editors]"),
    (payload_2, "[admins editors]"),
    (local, ["admins", "editors"]),
]


@pytest.mark.parametrize(("form", "groups"), FORMS, ids=["REST", "1.0", "2.0", "chalice local"])
def test_a_list_is_read_whoever_wrote_it(form: Any, groups: Any) -> None:
    event = with_groups(form, groups)
    known = for_chalice(event, ROUTES)

    assert known is not None
    assert read(event) == read(known) == ["admins", "editors"]


@pytest.mark.parametrize(
    ("form", "groups", "expected"),
    [
        (rest_event, "admins", ["admins"]),
        (rest_event, "", []),
        (rest_event, "[admins editors]", ["[admins editors]"]),
        (payload_1, "[admins]", ["admins"]),
        (payload_1, "[]", []),
        (payload_1, "admins,editors", ["admins,editors"]),
        (payload_2, "[admins]", ["admins"]),
        (payload_2, "admins", ["admins"]),
        (local, [], []),
        (local, 7, []),
    ],
)
def test_each_form_is_read_by_its_own_rules(form: Any, groups: Any, expected: list[str]) -> None:
    event = with_groups(form, groups)
    known = for_chalice(event, ROUTES)

    assert known is not None
    assert read(event) == read(known) == expected


@pytest.mark.parametrize(
    "authorizer", [None, {}, "x", {"claims": None}, {"jwt": None}, {"jwt": {"claims": []}}]
)
def test_a_claim_that_is_not_there_has_no_values(authorizer: Any) -> None:
    event = rest_event(GET)
    event["requestContext"]["authorizer"] = authorizer

    assert read(event) == []


def test_a_text_in_brackets_is_a_list_only_where_the_claim_may_be_one() -> None:
    written = {"name": "[Ann B]", "aud": "[a b]", "cognito:groups": "[x]", "scope": "[read write]"}

    assert rest_form(written) == {**written, "aud": "a,b", "cognito:groups": "x"}
    assert rest_form(written, {"name"}) == {**written, "name": "Ann,B"}


def test_every_claim_of_a_token_becomes_a_text() -> None:
    claims = {"sub": "ann", "exp": 1700003600, "groups": ["a", "b"], "ok": True, "none": None}

    assert http_form(claims) == {
        "sub": "ann",
        "exp": "1700003600",
        "groups": "[a b]",
        "ok": "true",
        "none": "null",
    }


words = st.lists(st.text("abc-:", min_size=1))


@given(words)
def test_a_list_survives_both_forms(values: list[str]) -> None:
    written = http_form({GROUPS: values})

    assert rest_form(written) == {GROUPS: ",".join(values)}
    assert read(with_groups(payload_2, written[GROUPS])) == values
    assert read(with_groups(rest_event, rest_form(written)[GROUPS])) == values


def test_claims_are_read_from_the_sample_events_of_aws() -> None:
    claims = {"claim1": "value1", "claim2": "value2"}
    scopes = ["scope1", "scope2"]
    format_2 = {"apiId": "id", "authorizer": {"jwt": {"claims": claims, "scopes": scopes}}}
    format_1 = {"apiId": "id", "authorizer": {"claims": None, "scopes": None}}

    assert gateway_claims(format_2) == claims
    assert gateway_claims(format_1) is None
    assert gateway_claims({"apiId": "id"}) is None


def test_claims_that_api_gateway_did_not_write_are_not_its_own() -> None:
    assert gateway_claims({"authorizer": {"claims": {"sub": "root"}}}) is None
    assert gateway_claims({"authorizer": {"jwt": {"claims": {"sub": "root"}}}}) is None


def test_no_audience_stands_for_everyone() -> None:
    claims = {"iss": "https://issuer.test", "client_id": "any"}
    check_issuer_and_audience(claims, "https://issuer.test", None)

    with pytest.raises(InvalidToken):
        check_issuer_and_audience(claims, "https://issuer.test", [])
    with pytest.raises(InvalidToken):
        check_issuer_and_audience(claims, "https://another.test", None)
