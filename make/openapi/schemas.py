"""Whether data of one JSON Schema (draft 2020-12) are data of another one too. Pure.

Sound, not complete: where no problem is found, data of the one are data of the other (but for
members that no ``properties`` names, in objects that allow them); for schemas that say the same in
different words, problems may be reported.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import chain, product
from typing import Any, Final

Schema = dict[str, Any]
Parts = Sequence[Schema]
"""Schemas that hold together, none of which has a combining keyword."""


class Direction(Enum):
    """Who sends: old clients to a new service, or a new service to old clients.

    To old clients an error may name a problem that they do not know: they go by its status
    (RFC 9457, section 3.1).
    """

    REQUEST = "request"
    RESPONSE = "response"
    ERROR = "error"


_ANNOTATIONS: Final = frozenset(
    {"title", "description", "default", "deprecated", "example", "examples", "readOnly"}
    | {"writeOnly", "$comment", "externalDocs", "contentMediaType", "contentEncoding"}
)
_AT_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_AT_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_COMBINING: Final = frozenset({"allOf", "anyOf", "oneOf"})
_SEPARATE: Final = frozenset(
    {"type", "enum", "const", "properties", "required", "items", *_AT_LEAST, *_AT_MOST}
)
_TYPES: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


def problems(sent: Schema, taken: Schema, direction: Direction, at: str = "") -> list[str]:
    """Return why data of ``sent`` may not be what a receiver of ``taken`` expects.

    Both are without references. ``at`` is where in the data they are, as a JSON Pointer.
    """
    found: list[str] = []
    for parts in _alternatives(sent):
        found += _fewest(
            list(_of_parts(parts, other, direction, at)) for other in _alternatives(taken)
        )
    return list(dict.fromkeys(found))


def _fewest(several: Iterable[list[str]]) -> list[str]:
    return min(several, key=len)


def _alternatives(schema: Schema) -> list[Parts]:
    """Return the alternatives of a schema; data are of the schema when they are of one of them."""
    plain = {name: value for name, value in schema.items() if name not in _COMBINING}
    every = [_alternatives(part) for part in schema.get("allOf", [])]
    some = [
        [parts for option in schema[name] for parts in _alternatives(option)]
        for name in ("anyOf", "oneOf")
        if name in schema
    ]
    return [[plain, *chain(*chosen)] for chosen in product(*every, *some)]


def _of_parts(sent: Parts, taken: Parts, direction: Direction, at: str) -> Iterator[str]:
    where = at or "it"
    for expected in taken:
        if types := _types(sent) - _types([expected]):
            yield f"{where} may be of type {', '.join(sorted(types))}"
        if direction is not Direction.ERROR:
            yield from _values(sent, expected, where)
        yield from _bounds(sent, expected, where)
        for name in sorted(expected.keys() - _SEPARATE - _ANNOTATIONS):
            if not any(_holds(name, part, expected) for part in sent):
                yield f"{where} is restricted by {name} {json.dumps(expected[name])}"
        for name in expected.get("required", []):
            if not any(name in required for required in _given(sent, "required")):
                yield f"{at}/{name} is required, and may be missing"
        if "items" in expected:
            items: Schema = {"allOf": _given(sent, "items")}
            yield from problems(items, expected["items"], direction, f"{at}/*")
    yield from _properties(sent, taken, direction, at)


def _holds(name: str, part: Schema, expected: Schema) -> bool:
    same = name in part and part[name] == expected[name]
    if name != "additionalProperties":
        return same
    return same and part.get("properties", {}).keys() <= expected.get("properties", {}).keys()


def _properties(sent: Parts, taken: Parts, direction: Direction, at: str) -> Iterator[str]:
    ours, theirs = _members(sent), _members(taken)
    for name in sorted(ours.keys() & theirs.keys()):
        of_name = {"allOf": ours[name]}, {"allOf": theirs[name]}
        yield from problems(*of_name, direction, f"{at}/{name}")
    old, new = (ours, theirs) if direction is Direction.REQUEST else (theirs, ours)
    for name in sorted(old.keys() - new.keys()):
        yield f"{at}/{name} is no longer there"


def _members(parts: Parts) -> dict[str, list[Schema]]:
    members: dict[str, list[Schema]] = {}
    for properties in _given(parts, "properties"):
        for name, schema in properties.items():
            members.setdefault(name, []).append(schema)
    return members


def _given(parts: Parts, name: str) -> list[Any]:
    return [part[name] for part in parts if name in part]


def _types(parts: Parts) -> frozenset[str]:
    types = _TYPES
    for named in _given(parts, "type"):
        listed = {named} if isinstance(named, str) else set(named)
        types &= listed | ({"integer"} if "number" in listed else set())
    return types


def _values(sent: Parts, expected: Schema, where: str) -> Iterator[str]:
    wanted = _named_values(expected)
    if wanted is None:
        return
    named = [values for part in sent if (values := _named_values(part)) is not None]
    if not named:
        yield f"{where} may be other than {', '.join(sorted(wanted))}"
    elif others := frozenset.intersection(*named) - wanted:
        yield f"{where} may be {', '.join(sorted(others))}"


def _named_values(schema: Schema) -> frozenset[str] | None:
    """Return the only values of a schema, as JSON: to Python, 1 is True."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else frozenset(map(json.dumps, values))


def _bounds(sent: Parts, expected: Schema, where: str) -> Iterator[str]:
    for name in _AT_LEAST:
        if name in expected and max(_given(sent, name), default=float("-inf")) < expected[name]:
            yield f"{where} is restricted by {name} {expected[name]}"
    for name in _AT_MOST:
        if name in expected and min(_given(sent, name), default=float("inf")) > expected[name]:
            yield f"{where} is restricted by {name} {expected[name]}"


def without_references(
    value: Any, document: Mapping[str, Any], within: tuple[str, ...] = ()
) -> Any:
    """Return ``value`` with what its references name. Raise ValueError where one is in itself."""
    if isinstance(value, list):
        return [without_references(part, document, within) for part in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if not isinstance(reference, str):
        return {name: without_references(part, document, within) for name, part in value.items()}
    if reference in within:
        raise ValueError(f"{reference} refers to itself, which is not compared")
    named: Any = document
    for step in reference.removeprefix("#/").split("/"):
        named = named[step.replace("~1", "/").replace("~0", "~")]
    beside = {name: part for name, part in value.items() if name != "$ref"}
    if beside.keys() <= {"summary", "description"}:
        return without_references({**named, **beside}, document, (*within, reference))
    return without_references({"allOf": [named, beside]}, document, (*within, reference))
