"""The document as a whole: it is complete, it agrees with the routes, and nothing in it is lost."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from apps.command.app import app as command
from apps.query.app import app as query
from core.adapters.http.histories import HISTORY_PARAMETERS
from core.adapters.http.listings import listing_parameters
from core.adapters.http.operations import is_operation
from core.adapters.http.problems import INTERNAL, KINDS, words_of
from core.config import PROBLEM_TYPES
from core.domain.manifest import BOOKS
from tests.support.documented import committed

COMMITTED = committed()
COMPONENTS = COMMITTED["components"]
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in COMMITTED["paths"].items()
    for method, operation in methods.items()
}
ROUTES = {
    (method, path): entry
    for app in (command, query)
    for path, methods in app.routes.items()
    for method, entry in methods.items()
    if method != "HEAD" and is_operation(entry.view_function)
}


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_every_route_is_an_operation() -> None:
    assert OPERATIONS.keys() == ROUTES.keys()


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_an_operation_requires_the_scopes_of_its_route(route: tuple[str, str]) -> None:
    authorizer = ROUTES[route].authorizer
    expected = [{"token": authorizer.scopes}] if authorizer else []
    assert OPERATIONS[route]["security"] == expected


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_api_gateways_own_responses_are_documented(route: tuple[str, str]) -> None:
    statuses = OPERATIONS[route]["responses"].keys()
    refused = {"401", "403"} if ROUTES[route].authorizer else set()
    assert statuses & {"401", "403"} == refused
    assert "429" in statuses
    message = {"$ref": "#/components/schemas/Message"}
    own = OPERATIONS[route]["responses"]["500"]["content"]["application/json"]
    assert own["schema"] == message


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (BOOKS.collection, listing_parameters(BOOKS.listing)),
        (f"{BOOKS.collection}/{{id}}/history", HISTORY_PARAMETERS),
    ],
)
def test_every_query_parameter_is_documented(path: str, names: frozenset[str]) -> None:
    found = [
        COMPONENTS["parameters"][p["$ref"].rpartition("/")[2]] if "$ref" in p else p
        for p in OPERATIONS["GET", path]["parameters"]
    ]
    assert {p["name"] for p in found if p["in"] == "query"} == names


def test_operation_ids_are_the_names_of_the_views() -> None:
    named = {o["operationId"]: r for r, o in OPERATIONS.items()}
    assert len(named) == len(OPERATIONS)
    for name, route in named.items():
        snake_case = re.sub("([A-Z])", lambda letter: f"_{letter[1].lower()}", name)
        assert snake_case == ROUTES[route].view_name


def test_every_kind_of_problem_is_documented_as_it_is_raised() -> None:
    documented = {
        schema["properties"]["type"]["const"]: (
            schema["properties"]["status"]["const"],
            schema["properties"]["title"]["const"],
        )
        for name, schema in COMPONENTS["schemas"].items()
        if name.endswith("Problem")
    }
    kinds = [
        kind.in_words(words)
        for kind in (*KINDS.values(), INTERNAL)
        for words in words_of(kind, BOOKS)
    ]
    assert documented == {PROBLEM_TYPES + k.name: (k.status, k.title) for k in kinds}


def test_every_reference_leads_to_a_component_and_every_component_is_referred_to() -> None:
    components = {
        f"#/components/{section}/{name}"
        for section, parts in COMPONENTS.items()
        if section != "securitySchemes"
        for name in parts
    }
    assert set(references(COMMITTED)) == components


@pytest.mark.parametrize("name", COMPONENTS["schemas"])
def test_every_schema_is_a_json_schema(name: str) -> None:
    assert jsonschema_rs.meta.is_valid(COMPONENTS["schemas"][name])


def test_every_pattern_is_a_regular_expression_without_extensions_of_python() -> None:
    patterns = re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json.dumps(COMMITTED))
    assert patterns
    for pattern in patterns:
        assert "(?P" not in pattern
        re.compile(json.loads(f'"{pattern}"'))


def test_the_server_is_the_root_of_wherever_the_document_is() -> None:
    depth = next(p for m, p in OPERATIONS if p.endswith("/openapi.json")).count("/") - 1
    assert COMMITTED["servers"] == [{"url": "/".join([".."] * depth)}]
