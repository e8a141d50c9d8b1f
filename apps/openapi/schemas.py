"""JSON Schemas: of what a client sends, and of what the services respond with.

OpenAPI 3.1 uses JSON Schema, draft 2020-12 (https://spec.openapis.org/oas/v3.1.0#schema-object).
"""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel

from core.adapters.http.listings import MAX_LIMIT
from core.ports.events import NOTHING_CHANGED
from core.ports.listing import ListingDeclaration

Schema = dict[str, Any]

VERSION: Final[Schema] = {
    "type": "integer",
    "minimum": 1,
    "description": "Counts the accepted commands, from 1.",
}
ID: Final[Schema] = {"type": "string", "format": "uuid"}
INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}


def input_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a request's body, in which null is the absence of an optional field."""
    schema = _details_schema(model)
    required = schema.get("required", [])
    fields = schema["properties"].items()
    return {**schema, "properties": {n: f if n in required else _nullable(f) for n, f in fields}}


def _details_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a model's fields, none of which is null or has a default."""
    schema: Schema = _without_titles(model.model_json_schema(mode="validation"))
    schema.pop("description", None)
    fields = schema["properties"].items()
    return {**schema, "properties": {name: _not_null(field) for name, field in fields}}


def patch_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a JSON Merge Patch (RFC 7396) of such a body."""
    schema = {n: part for n, part in input_schema(model).items() if n != "required"}
    return {**schema, "description": "Fields that are present change; null clears an optional one."}


def view_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a view: its details, with what the engine adds. No field is null."""
    schema = _details_schema(model)
    properties = {
        "id": ID,
        "version": VERSION,
        **schema["properties"],
        "added_at": INSTANT,
        "revised_at": INSTANT,
    }
    return {
        "type": "object",
        "properties": properties,
        "required": ["id", "version", *schema.get("required", []), "added_at", "revised_at"],
    }


def summary_schema(model: type[BaseModel], declaration: ListingDeclaration[Any]) -> Schema:
    """Return the schema of a view in a listing, without the fields that listings leave out."""
    schema = view_schema(model)
    shown = {n: s for n, s in schema["properties"].items() if n not in declaration.unlisted}
    return {**schema, "properties": shown}


def page_schema(item: Schema) -> Schema:
    """Return the schema of a page of items."""
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": item, "maxItems": MAX_LIMIT},
            "next": {
                "type": "string",
                "description": "The cursor of the next page; absent on the last one.",
            },
        },
        "required": ["items"],
    }


def event_schema(names: Iterable[str]) -> Schema:
    """Return the schema of an event, whose type is one of ``names`` or the engine's own."""
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "version": VERSION,
            "type": {"type": "string", "enum": [*names, NOTHING_CHANGED]},
            "data": {"type": "object", "description": "What happened, in the type's own form."},
            "occurred_at": INSTANT,
            "actor": {**text, "description": "The subject of the caller's token."},
            "event_id": ID,
            "correlation_id": text,
            "causation_id": text,
        },
        "required": [
            "version",
            "type",
            "data",
            "occurred_at",
            "actor",
            "event_id",
            "correlation_id",
            "causation_id",
        ],
    }


ACCEPTED: Final[Schema] = {
    "type": "object",
    "properties": {"id": ID, "version": VERSION},
    "required": ["id", "version"],
}
HEALTH: Final[Schema] = {
    "type": "object",
    "properties": {
        "status": {"const": "ok"},
    },
    "required": ["status"],
}


def _not_null(schema: Schema) -> Schema:
    """Return the schema of a field without null, which pydantic writes as anyOf [x, null]."""
    rest = {name: part for name, part in schema.items() if name != "default"}
    others = [option for option in rest.pop("anyOf", []) if option != {"type": "null"}]
    return (
        {**others[0], **rest} if len(others) == 1 else {**rest, "anyOf": others} if others else rest
    )


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _without_titles(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_titles(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    # A title that pydantic derives from a name; a property of that name is a dictionary.
    return {
        name: _without_titles(part)
        for name, part in schema.items()
        if not (name == "title" and isinstance(part, str))
    }
