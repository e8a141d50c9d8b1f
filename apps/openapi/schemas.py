"""JSON Schemas: of what a client sends, and of what the services respond with.

OpenAPI 3.1 uses JSON Schema, draft 2020-12 (https://spec.openapis.org/oas/v3.1.0#schema-object).
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from core.adapters.http.listings import MAX_LIMIT
from core.ports.events import NOTHING_CHANGED, EventCodec
from core.ports.listing import ListingDeclaration
from core.ports.messages import Message
from core.ports.records import Record

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
ID: Final[Schema] = {"type": "string", "format": "uuid"}
INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
VERSION: Final[Schema] = {
    "type": "integer",
    "minimum": 1,
    "description": "Counts from 1; every accepted command that changes something adds to it.",
}
ACCEPTED: Final[Schema] = {
    "type": "object",
    "description": "An accepted command: what it was for, and the version that it led to.",
    "properties": {"id": ID, "version": VERSION},
    "required": ["id", "version"],
}
HEALTH: Final[Schema] = {
    "type": "object",
    "properties": {"status": {"const": "ok"}},
    "required": ["status"],
}

ACTOR: Final = (
    "Who sent the command: the subject of the caller's token or, as the service is configured, a"
    " keyed digest of it (hmac:...) or (none). An actor that was erased is (erased)."
)
_REFERENCE: Final = "#/components/schemas/{model}"
_NULL: Final[Schema] = {"type": "null"}


def ref(name: str, section: str = "schemas") -> Schema:
    """Return the reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}


# --- what clients send ----------------------------------------------------------------------------


def input_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a request's body, in which null is the absence of an optional field."""
    schema = _simplified(model.model_json_schema(mode="validation"))
    required = schema.get("required", [])
    fields = schema["properties"].items()
    return {**schema, "properties": {n: f if n in required else _nullable(f) for n, f in fields}}


def patch_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a JSON Merge Patch (RFC 7396) of such a body."""
    schema = {name: part for name, part in input_schema(model).items() if name != "required"}
    return {**schema, "description": "Fields that are present change; null clears an optional one."}


# --- what the services respond with ---------------------------------------------------------------


def view_schema(details: type[Record]) -> Schema:
    """Return the schema of a view: its details, with what the engine adds. No field is null."""
    schema = _simplified(TypeAdapter(details).json_schema(mode="serialization"))
    properties = {
        "id": ID,
        "version": VERSION,
        **schema["properties"],
        "added_at": INSTANT,
        "revised_at": INSTANT,
    }
    required = ["id", "version", *schema.get("required", []), "added_at", "revised_at"]
    return {"type": "object", "properties": properties, "required": required}


def summary_schema(details: type[Record], declaration: ListingDeclaration[Any]) -> Schema:
    """Return the schema of a view in a listing, without the fields that listings leave out."""
    schema = view_schema(details)
    shown = {n: s for n, s in schema["properties"].items() if n not in declaration.unlisted}
    return {**schema, "properties": shown}


def page_schema(item: Schema) -> Schema:
    """Return the schema of a page of items."""
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": item, "maxItems": MAX_LIMIT},
            "next": {**TEXT, "description": "The cursor of the next page; absent on the last one."},
        },
        "required": ["items"],
    }


def event_schemas(codec: EventCodec[Any]) -> dict[str, Schema]:
    """Return the schema of each event by its type, the engine's own too, and of what is in them."""
    schemas: dict[str, Schema] = {}
    for name, cls in codec.classes.items():
        data = TypeAdapter(cls).json_schema(mode="serialization", ref_template=_REFERENCE)
        parts = data.pop("$defs", {})
        schemas |= {part: _without_prose(_simplified(s)) for part, s in parts.items()}
        schemas[name] = _event_schema(name, _simplified(data))
    return {**schemas, NOTHING_CHANGED: _event_schema(NOTHING_CHANGED, _NOTHING)}


def message_schemas(message: Message[Any, Any]) -> tuple[Schema, dict[str, Schema]]:
    """Return the schema of a public message's data, and the schemas of what is in it, by name."""
    data = TypeAdapter(message.data).json_schema(mode="serialization", ref_template=_REFERENCE)
    parts = {name: _simplified(part) for name, part in data.pop("$defs", {}).items()}
    return _simplified(data), parts


_NOTHING: Final[Schema] = {
    "type": "object",
    "description": "Records a command with an Idempotency-Key that changed nothing.",
    "properties": {},
}


def _event_schema(name: str, data: Schema) -> Schema:
    properties = {
        "version": VERSION,
        "type": {"type": "string", "const": name},
        "data": _without_prose(data),
        "occurred_at": INSTANT,
        "actor": {**TEXT, "description": ACTOR},
        "event_id": ID,
        "correlation_id": {**TEXT, "description": "Shared by all that one request caused."},
        "causation_id": {**TEXT, "description": "The id of the request that caused the event."},
    }
    summary = _summary(data)
    return {"type": "object", **summary, "properties": properties, "required": [*properties]}


def one_of(property_name: str, components: Mapping[str, str]) -> Schema:
    """Return the schema of one of several components, by the value of one of their properties."""
    mapping = {value: ref(name)["$ref"] for value, name in components.items()}
    return {
        "oneOf": [ref(name) for name in components.values()],
        "discriminator": {"propertyName": property_name, "mapping": mapping},
    }


# --- pydantic's schemas ---------------------------------------------------------------------------


def _simplified(schema: Schema) -> Schema:
    """Return the schema of a class without titles and defaults, and with the docstring's summary.

    What is null by default is left out of JSON, so no such field is null.
    """
    untitled = without_texts(schema, "title")
    fields = untitled.get("properties", {}).items()
    properties = {name: _without_default(field) for name, field in fields}
    return {**untitled, **_summary(untitled), "properties": properties}


def _summary(schema: Schema) -> Schema:
    text, _, _ = schema.get("description", "").partition("\n\n")
    return {"description": " ".join(text.split())} if text else {}


def _without_prose(schema: Schema) -> Schema:
    return {name: part for name, part in schema.items() if name != "description"}


def _without_default(field: Schema) -> Schema:
    rest = {name: part for name, part in field.items() if name != "default"}
    if "anyOf" not in field or field.get("default", ...) is not None:
        return rest
    others = [option for option in rest.pop("anyOf") if option != _NULL]
    return {**others[0], **rest} if len(others) == 1 else {**rest, "anyOf": others}


def _nullable(field: Schema) -> Schema:
    if isinstance(field.get("type"), str) and not {"enum", "const"} & field.keys():
        return {**field, "type": [field["type"], "null"]}
    return {"anyOf": [field, _NULL]}


def without_texts(schema: Any, *keywords: str) -> Any:
    """Return a JSON Schema without ``keywords`` whose values are texts, at any depth.

    A property of such a name is no text, and stays.
    """
    if isinstance(schema, list):
        return [without_texts(part, *keywords) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: without_texts(part, *keywords)
        for name, part in schema.items()
        if not (name in keywords and isinstance(part, str))
    }
