"""The check of responses against the document: each departure from it is found."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.support.documented import Documentation
from tests.support.gateway import HttpResponse

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/lamps/{id}": {
            "get": {
                "responses": {
                    "200": {
                        "headers": {
                            "ETag": {"$ref": "#/components/headers/ETag"},
                            "Age": {"schema": {"type": "integer", "minimum": 0}},
                        },
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Lamp"}}
                        },
                    },
                    "304": {"description": "Not modified."},
                }
            }
        }
    },
    "components": {
        "headers": {"ETag": {"required": True, "schema": {"type": "string", "pattern": '^"'}}},
        "schemas": {
            "Lamp": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "bulb": {"type": "object", "properties": {"watts": {"type": "integer"}}},
                },
                "required": ["id"],
            }
        },
    },
}
DOCUMENTATION = Documentation(DOCUMENT)
LAMP = {"id": "00000000-0000-4000-8000-000000000000", "bulb": {"watts": 5}}
GOOD = HttpResponse(
    200, {"content-type": "application/json", "etag": '"1"', "age": "0"}, json.dumps(LAMP)
)


def with_headers(**headers: str) -> HttpResponse:
    return replace(GOOD, headers={**GOOD.headers, **headers})


def with_body(body: object) -> HttpResponse:
    return replace(GOOD, text=json.dumps(body))


@pytest.mark.parametrize(
    "response",
    [
        GOOD,
        replace(GOOD, headers={n: v for n, v in GOOD.headers.items() if n != "age"}),
        with_headers(**{"content-type": "application/json; charset=utf-8"}),
        with_body({"id": LAMP["id"]}),
        HttpResponse(304, {}, ""),
    ],
)
def test_a_documented_response_passes(response: HttpResponse) -> None:
    DOCUMENTATION.check("/lamps/{id}", "GET", response)


@pytest.mark.parametrize(
    ("response", "complaint"),
    [
        (replace(GOOD, status=201), "status is not documented"),
        (with_headers(vary="*"), "vary is not documented"),
        (replace(GOOD, headers={"content-type": "application/json"}), "etag is missing"),
        (with_headers(etag="1"), "does not match"),
        (with_headers(age="-1"), "less than the minimum"),
        (with_headers(**{"content-type": "text/plain"}), "text/plain is not documented"),
        (with_body({}), "is a required property"),
        (with_body({**LAMP, "id": "1"}), 'is not a "uuid"'),
        (with_body({**LAMP, "colour": "red"}), "Additional properties"),
        (with_body({**LAMP, "bulb": {"volts": 5}}), "Additional properties"),
        (HttpResponse(304, {}, "{}"), "there is content"),
    ],
)
def test_a_response_that_is_not_documented_is_found(response: HttpResponse, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        DOCUMENTATION.check("/lamps/{id}", "GET", response)


def test_a_head_has_the_headers_of_the_get_and_no_content() -> None:
    DOCUMENTATION.check("/lamps/{id}", "HEAD", replace(GOOD, text=""))
    with pytest.raises(AssertionError, match="etag is missing"):
        DOCUMENTATION.check("/lamps/{id}", "HEAD", replace(GOOD, text="", headers={}))


@pytest.mark.parametrize(("route", "method"), [("/lamps", "GET"), ("/lamps/{id}", "PUT")])
def test_an_operation_that_is_not_documented_is_found(route: str, method: str) -> None:
    with pytest.raises(AssertionError, match="no such operation"):
        DOCUMENTATION.check(route, method, GOOD)
