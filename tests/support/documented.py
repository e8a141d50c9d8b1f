"""Whether a response is one of those that the OpenAPI document has for its operation.

The check is stricter than the document: an object has no other members than those documented, and a
response no other headers.
"""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator

from core.config import OPENAPI_DOCUMENT
from tests.support.gateway import HttpResponse

Json = Mapping[str, Any]

_ALWAYS = frozenset({"content-type", "content-length"})


def committed() -> dict[str, Any]:
    """Return the committed document."""
    document: dict[str, Any] = json.loads(OPENAPI_DOCUMENT.read_text())
    return document


class Documentation:
    """An OpenAPI document, and the validators of its schemas, each compiled once."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._components = closed(document["components"])
        self._validators: dict[str, Draft202012Validator] = {}

    def operation(self, route: str, method: str) -> Json | None:
        """Return the operation of a route, the path's template. That of a HEAD is the GET's."""
        name = "get" if method == "HEAD" else method.lower()
        operation: Json | None = self._document["paths"].get(route, {}).get(name)
        return operation

    def resolved(self, part: Json) -> Json:
        """Return the component that ``part`` refers to, or itself."""
        if "$ref" not in part:
            return part
        _, _, section, name = part["$ref"].split("/")
        component: Json = self._document["components"][section][name]
        return component

    def example(self, route: str, method: str) -> Any:
        """Return the example of a request's body."""
        content = self._document["paths"][route][method.lower()]["requestBody"]["content"]
        return next(iter(content.values()))["example"]

    def example_response(self, route: str, method: str, status: str) -> Any:
        """Return the example of a successful response's body."""
        response = self._document["paths"][route][method.lower()]["responses"][status]
        return response["content"]["application/json"]["example"]

    def errors(self, schema: Json, value: object) -> list[str]:
        """Return what is wrong with a JSON value."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            root = {**closed(schema), "components": self._components}
            self._validators[key] = Draft202012Validator(root, validate_formats=True)
        return [error.message for error in self._validators[key].iter_errors(value)]

    def check(self, route: str, method: str, response: HttpResponse) -> None:
        """Raise AssertionError for a response that is not documented."""
        where = f"{method} {route}: {response}"
        operation = self.operation(route, method)
        assert operation is not None, f"no such operation is documented: {where}"
        known = operation["responses"].get(str(response.status))
        assert known is not None, f"its status is not documented: {where}"
        found = self.resolved(known)
        errors = self._header_errors(found.get("headers", {}), response.headers)
        if method != "HEAD":
            errors += self._content_errors(found.get("content", {}), response)
        assert not errors, f"{errors}: {where}"

    def _header_errors(self, documented: Json, headers: Mapping[str, str]) -> list[str]:
        known = {name.lower(): self.resolved(header) for name, header in documented.items()}
        required = {name for name, header in known.items() if header.get("required")}
        return [
            *(f"{name} is not documented" for name in headers.keys() - known.keys() - _ALWAYS),
            *(f"{name} is missing" for name in required - headers.keys()),
            *(
                f"{name}: {error}"
                for name in known.keys() & headers.keys()
                for error in self.errors(
                    known[name]["schema"], _value(known[name]["schema"], headers[name])
                )
            ),
        ]

    def _content_errors(self, documented: Json, response: HttpResponse) -> list[str]:
        if not documented:
            return ["there is content"] if response.text else []
        media_type = response.headers["content-type"].partition(";")[0]
        if media_type not in documented:
            return [f"{media_type} is not documented"]
        value = response.json if media_type.endswith("json") else response.text
        return self.errors(documented[media_type]["schema"], value)


def _value(schema: Json, text: str) -> str | int:
    return int(text) if schema.get("type") == "integer" else text


def closed(schema: Any) -> Any:
    """Return a JSON Schema whose objects have no members but those it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: closed(part) for name, part in schema.items()}
    is_object = schema.get("type") == "object" and "properties" in schema
    return {"additionalProperties": False, **parts} if is_object else parts
