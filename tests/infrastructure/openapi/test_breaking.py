"""What breaks clients of an earlier document is found, and what does not is let through."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from make.openapi.breaking import breaking_changes
from tests.support.services import ROOT

Document = dict[str, Any]
Change = Callable[[Document], object]

THING: Document = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string", "maxLength": 20},
        "note": {"type": "string"},
        "state": {"enum": ["new", "old"]},
    },
    "required": ["id", "name"],
}
INPUT: Document = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 9},
    },
    "required": ["name"],
    "additionalProperties": False,
}
PROBLEM: Document = {
    "allOf": [
        {"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]},
        {"properties": {"type": {"enum": ["/too-late"]}}},
    ]
}
OLD: Document = {
    "openapi": "3.1.0",
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "security": [],
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                    {"name": "sort", "in": "query", "schema": {"enum": ["name", "-name"]}},
                    {"name": "If-Match", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "",
                        "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": THING}},
                    },
                    "409": {"content": {"application/problem+json": {"schema": PROBLEM}}},
                },
            },
            "post": {
                "operationId": "addThing",
                "security": [{"token": ["write"]}],
                "requestBody": {
                    "required": False,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Input"}},
                        "application/cbor": {"schema": {}},
                    },
                },
                "responses": {"201": {"description": ""}},
            },
        },
    },
    "components": {"schemas": {"Input": INPUT}},
}


def changed(change: Change) -> Document:
    document = copy.deepcopy(OLD)
    change(document)
    return document


def listing(document: Document) -> Document:
    operation: Document = document["paths"]["/things"]["get"]
    return operation


def adding(document: Document) -> Document:
    operation: Document = document["paths"]["/things"]["post"]
    return operation


def input_fields(document: Document) -> Document:
    fields: Document = document["components"]["schemas"]["Input"]["properties"]
    return fields


def thing(document: Document) -> Document:
    content = listing(document)["responses"]["200"]["content"]
    schema: Document = content["application/json"]["schema"]
    return schema


def problem_type(document: Document) -> Document:
    content = listing(document)["responses"]["409"]["content"]
    schema: Document = content["application/problem+json"]["schema"]["allOf"][1]
    fields: Document = schema["properties"]["type"]
    return fields


BREAKING: dict[str, tuple[str, Change]] = {
    "a removed path": ("no longer there", lambda d: d["paths"].clear()),
    "a removed operation": ("no longer there", lambda d: d["paths"]["/things"].pop("get")),
    "a renamed operation": ("operationId", lambda d: listing(d).update(operationId="getThings")),
    "a removed parameter": ("query limit", lambda d: listing(d)["parameters"].pop(0)),
    "a required parameter": (
        "parameter query owner is required",
        lambda d: listing(d)["parameters"].append({"name": "owner", "in": "query", "required": 1}),
    ),
    "a parameter that becomes required": (
        "parameter header if-match is required",
        lambda d: listing(d)["parameters"][2].update(required=True),
    ),
    "a lower maximum": (
        "query limit: it is restricted by maximum 5",
        lambda d: listing(d)["parameters"][0]["schema"].update(maximum=5),
    ),
    "a parameter's lost value": (
        'query sort: it may be "-name"',
        lambda d: listing(d)["parameters"][1]["schema"].update(enum=["name"]),
    ),
    "a parameter's new pattern": (
        "if-match: it is restricted by pattern",
        lambda d: listing(d)["parameters"][2]["schema"].update(pattern="^[0-9]+$"),
    ),
    "a body that becomes required": (
        "a body is required",
        lambda d: adding(d)["requestBody"].update(required=True),
    ),
    "a body's lost media type": (
        "application/cbor",
        lambda d: adding(d)["requestBody"]["content"].pop("application/cbor"),
    ),
    "a removed body": ("the body", lambda d: adding(d).pop("requestBody")),
    "a removed field of a request": (
        "/note is no longer there",
        lambda d: input_fields(d).pop("note"),
    ),
    "a required field of a request": (
        "/note is required",
        lambda d: d["components"]["schemas"]["Input"]["required"].append("note"),
    ),
    "a field of a request that may no longer be null": (
        "/note may be of type null",
        lambda d: input_fields(d).update(note={"type": "string"}),
    ),
    "a shorter field of a request": (
        "/name is restricted by maxLength 5",
        lambda d: input_fields(d)["name"].update(maxLength=5),
    ),
    "longer items of a request": (
        "/tags/* is restricted by minLength 2",
        lambda d: input_fields(d)["tags"]["items"].update(minLength=2),
    ),
    "a removed response": ("response 200", lambda d: listing(d)["responses"].pop("200")),
    "a removed media type of a response": (
        "application/json is no longer there",
        lambda d: listing(d)["responses"]["200"]["content"].pop("application/json"),
    ),
    "a removed header": (
        "header ETag is no longer there",
        lambda d: listing(d)["responses"]["200"]["headers"].pop("ETag"),
    ),
    "a header that may be missing": (
        "header ETag may be missing",
        lambda d: listing(d)["responses"]["200"]["headers"]["ETag"].update(required=False),
    ),
    "a removed field": ("/note is no longer there", lambda d: thing(d)["properties"].pop("note")),
    "a field that may be missing": (
        "/name is required, and may be missing",
        lambda d: thing(d)["required"].remove("name"),
    ),
    "a field of another type": (
        "/note may be of type integer",
        lambda d: thing(d)["properties"].update(note={"type": "integer"}),
    ),
    "a field that may be null": (
        "/note may be of type null",
        lambda d: thing(d)["properties"].update(note={"type": ["string", "null"]}),
    ),
    "a longer field": (
        "/name is restricted by maxLength 20",
        lambda d: thing(d)["properties"]["name"].update(maxLength=30),
    ),
    "a field's new value": (
        '/state may be "lost"',
        lambda d: thing(d)["properties"]["state"]["enum"].append("lost"),
    ),
    "a field without its format": (
        '/id is restricted by format "uuid"',
        lambda d: thing(d)["properties"].update(id={"type": "string"}),
    ),
    "a token where none was needed": (
        "security",
        lambda d: listing(d).update(security=[{"token": []}]),
    ),
    "another scope": ("security", lambda d: adding(d).update(security=[{"token": ["admin"]}])),
    "one more scope": (
        "security",
        lambda d: adding(d).update(security=[{"token": ["write", "admin"]}]),
    ),
}

COMPATIBLE: dict[str, Change] = {
    "nothing": lambda d: None,
    "an operation": lambda d: d["paths"].update({"/more": {"get": {"responses": {}}}}),
    "an optional parameter": lambda d: listing(d)["parameters"].append(
        {"name": "owner", "in": "query", "schema": {"type": "string"}}
    ),
    "a higher maximum": lambda d: listing(d)["parameters"][0]["schema"].update(maximum=99),
    "a parameter's value": lambda d: listing(d)["parameters"][1]["schema"]["enum"].append("id"),
    "an optional field of a request": lambda d: input_fields(d).update(more={"type": "string"}),
    "a field of a request that may be missing": lambda d: d["components"]["schemas"][
        "Input"
    ].update(required=[]),
    "a field": lambda d: thing(d)["properties"].update(more={"type": "string"}),
    "a field that is always there": lambda d: thing(d)["required"].append("note"),
    "a shorter field": lambda d: thing(d)["properties"]["name"].update(maxLength=5),
    "a field's lost value": lambda d: thing(d)["properties"]["state"].update(enum=["new"]),
    "a status": lambda d: listing(d)["responses"].update({"410": {"description": ""}}),
    "a header": lambda d: listing(d)["responses"]["200"]["headers"].update({"Link": {}}),
    "an error's problem type": lambda d: problem_type(d)["enum"].append("/too-early"),
    "another name of a header": lambda d: listing(d)["parameters"][2].update(name="if-match"),
    "other words": lambda d: thing(d).update(description="Things.", title="Thing"),
    "a schema by name": lambda d: thing(d).update(
        {"allOf": [{"$ref": "#/components/schemas/Input"}]}
    ),
    "no token where one was needed": lambda d: adding(d).update(security=[]),
    "another way to be allowed": lambda d: adding(d)["security"].append({"key": []}),
}


@pytest.mark.parametrize(("words", "change"), BREAKING.values(), ids=BREAKING)
def test_clients_are_broken_by(words: str, change: Change) -> None:
    found = [str(breaking) for breaking in breaking_changes(OLD, changed(change))]
    assert [text for text in found if words in text], found


@pytest.mark.parametrize("change", COMPATIBLE.values(), ids=COMPATIBLE)
def test_clients_are_not_broken_by(change: Change) -> None:
    assert breaking_changes(OLD, changed(change)) == []


def test_one_change_is_reported_once_in_each_operation() -> None:
    [found] = breaking_changes(OLD, changed(lambda d: thing(d)["properties"].pop("note")))
    assert str(found) == ("GET /things: response 200: application/json: /note is no longer there")


def test_schemas_that_refer_to_themselves_are_refused() -> None:
    def refer(document: Document) -> None:
        input_fields(document)["more"] = {"$ref": "#/components/schemas/Input"}

    with pytest.raises(ValueError, match="refers to itself"):
        breaking_changes(OLD, changed(refer))


def compare(folder: Path, base: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "make.openapi"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BASE": base},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose only commit has the old document."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "openapi.json").write_text(json.dumps(OLD))
    me = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
    for command in (["init", "-q"], ["add", "."], [*me, "commit", "-qm", "Add"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_the_document_is_compared_with_that_of_a_revision_or_a_file(repository: Path) -> None:
    (repository / "old.json").write_text(json.dumps(OLD))
    assert [compare(repository, base).returncode for base in ("HEAD", "old.json")] == [0, 0]
    removed = changed(lambda d: thing(d)["properties"].pop("note"))
    (repository / "docs" / "openapi.json").write_text(json.dumps(removed))
    for base in ("HEAD", "old.json"):
        done = compare(repository, base)
        assert done.returncode == 1
        assert done.stdout.count("\n") == 1
        assert "/note is no longer there" in done.stdout


@pytest.mark.parametrize(("base", "words"), [("", "BASE= is missing"), ("none", "BASE=none is")])
def test_a_base_that_is_not_there_is_reported(base: str, words: str, repository: Path) -> None:
    done = compare(repository, base)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_committed_document_can_be_compared() -> None:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert breaking_changes(document, document) == []
