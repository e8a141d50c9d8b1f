"""Every example of the document is what its own schema describes."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.documented import Documentation, committed

COMMITTED = committed()
METHODS = {"get", "post", "put", "patch", "delete"}


def with_schemas(part: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Find the parameters, headers and media types: whatever has a schema."""
    if isinstance(part, dict):
        if isinstance(part.get("schema"), dict):
            yield where, part
        for name, inner in part.items():
            yield from with_schemas(inner, f"{where}/{name}")
    if isinstance(part, list):
        for number, inner in enumerate(part):
            yield from with_schemas(inner, f"{where}/{number}")


def with_examples(part: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Find the schemas that have examples of their own."""
    if isinstance(part, dict):
        if isinstance(part.get("examples"), list):
            yield where, part
        for name, inner in part.items():
            yield from with_examples(inner, f"{where}/{name}")


DESCRIBED = dict(with_schemas(COMMITTED))
SCHEMAS = dict(with_examples(COMMITTED["components"]))


@pytest.mark.parametrize("where", DESCRIBED)
def test_an_example_is_as_its_schema_says(documentation: Documentation, where: str) -> None:
    part = DESCRIBED[where]
    named = [documentation.resolved(e)["value"] for e in part.get("examples", {}).values()]
    for example in [*named, *([part["example"]] if "example" in part else [])]:
        assert documentation.errors(part["schema"], example) == []


@pytest.mark.parametrize("where", SCHEMAS)
def test_the_examples_in_a_schema_are_as_it_says(documentation: Documentation, where: str) -> None:
    for example in SCHEMAS[where]["examples"]:
        assert documentation.errors(SCHEMAS[where], example) == []


@pytest.mark.parametrize("where", [w for w in DESCRIBED if "/content/" in w and w.endswith("json")])
def test_every_body_in_json_has_an_example(where: str) -> None:
    is_the_document = DESCRIBED[where]["schema"].get("type") == "object"
    assert is_the_document or DESCRIBED[where].keys() & {"example", "examples"}


@pytest.mark.parametrize("where", [w for w in DESCRIBED if "/parameters/" in w])
def test_every_parameter_has_an_example_and_a_description(where: str) -> None:
    assert DESCRIBED[where].keys() >= {"example", "description"}
