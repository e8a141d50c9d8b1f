"""Lists the things in a source, all of which the report accounts for.

They have the same names here, in problems and in the origins of blocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .chalice_output import SWAGGER
from .model import JsonObject, Source
from .rest_api import is_preflight, method_of

Kind = Literal[
    "resource", "data", "setting", "local", "output", "route", "preflight", "authorizer", "api"
]
"""What a thing is: ``api`` is another member of the Swagger document of a REST API."""


@dataclass(frozen=True)
class Thing:
    """A thing in a source, by the name that problems give it."""

    kind: Kind
    name: str


def contents(source: Source) -> list[Thing]:
    """Return all things in the source, sorted. It must be as Chalice writes it."""
    return sorted(set(_things(source.template)), key=lambda thing: (thing.kind, thing.name))


def _things(template: JsonObject) -> Iterator[Thing]:
    for kind, named in template.get("resource", {}).items():
        yield from (Thing("resource", f"{kind}.{name}") for name in named)
    for kind, named in template.get("data", {}).items():
        yield from (Thing("data", f"data.{kind}.{name}") for name in named)
    for name, value in template.get("terraform", {}).items():
        members = [f".{member}" for member in value] if isinstance(value, dict) else [""]
        yield from (Thing("setting", f"terraform.{name}{member}") for member in members)
    for name in template.get("output", {}):
        yield Thing("output", f"output.{name}")
    for name, value in template.get("locals", {}).items():
        yield Thing("local", f"local.{name}")
        if name == SWAGGER:
            yield from of_api(json.loads(value))


def of_api(swagger: JsonObject) -> Iterator[Thing]:
    """Yield the things in the Swagger document of a REST API."""
    for path, operations in swagger.get("paths", {}).items():
        for method, operation in operations.items():
            kind: Kind = "preflight" if is_preflight(method, operation) else "route"
            yield Thing(kind, f"{method_of(method)} {path}")
    for name in swagger.get("securityDefinitions", {}):
        yield Thing("authorizer", f"authorizer {name}")
    for member in set(swagger) - {"paths", "securityDefinitions"}:
        yield Thing("api", f"REST API {member}")
