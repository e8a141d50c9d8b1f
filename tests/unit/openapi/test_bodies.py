"""The bodies of several operations: each has a schema and an example of its own."""

from typing import Any

import pytest
from chalice.app import Chalice
from pydantic import BaseModel, Field

from apps.openapi.document import About, document
from core.adapters.http.operations import Kind, operation
from core.adapters.http.requests import JSON_TYPES, PATCH_TYPES
from core.domain.commands import AddBook, ReviseBook
from core.domain.manifest import BOOKS
from core.domain.rules import BookInput


class NameInput(BaseModel):
    """A name."""

    name: str = Field(examples=["A name"])


def with_another_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return the document of an app with a body beside those of the domain's own commands."""
    app = Chalice(app_name="bodies")

    @app.route("/all", methods=["POST"])
    @operation(Kind.CREATE, BookInput, JSON_TYPES, AddBook)
    def add_one() -> None:
        """Add one."""

    @app.route("/all/{one}", methods=["PATCH"])
    @operation(Kind.CHANGE, BookInput, PATCH_TYPES, ReviseBook)
    def revise_one(one: str) -> None:
        """Revise one."""

    @app.route("/all/{one}/name", methods=["PUT"])
    @operation(Kind.CHANGE, model, JSON_TYPES)
    def rename_one(one: str) -> None:
        """Rename one."""

    about = About("Bodies", "1", "", {"command": ""}, "/problems/")
    return document({"command": app}, BOOKS, about)


def test_a_body_has_the_name_of_its_model_and_the_examples_of_its_fields() -> None:
    described = with_another_body(NameInput)
    [body] = described["paths"]["/all/{one}/name"]["put"]["requestBody"]["content"].values()
    assert body["schema"] == {"$ref": "#/components/schemas/NameInput"}
    assert body["example"] == {"name": "A name"}
    assert described["components"]["schemas"]["NameInput"]["required"] == ["name"]
    assert described["components"]["schemas"].keys() >= {"BookInput", "BookPatch"}


def test_two_models_of_one_name_are_refused() -> None:
    other = type("BookInput", (NameInput,), {})
    with pytest.raises(ValueError, match="BookInput"):
        with_another_body(other)
