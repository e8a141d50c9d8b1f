"""Changes to what Chalice writes, with its Swagger document as an object instead of text."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from harness.packaging import JsonObject

REMOVED: Any = object()
"""Stands for the absence of a member."""

_SWAGGER = "chalice_api_swagger"


def unpacked(template: JsonObject) -> JsonObject:
    """Return a copy with the Swagger document as an object."""
    template = copy.deepcopy(template)
    if _SWAGGER in template.get("locals", {}):
        template["locals"][_SWAGGER] = json.loads(template["locals"][_SWAGGER])
    return template


def packed(template: JsonObject) -> JsonObject:
    """Return the template as Chalice writes it, with the Swagger document as text."""
    local_values = template.get("locals")
    if isinstance(local_values, dict) and isinstance(local_values.get(_SWAGGER), (dict, list)):
        text = json.dumps(local_values[_SWAGGER])
        return {**template, "locals": {**local_values, _SWAGGER: text}}
    return template


def changed(template: JsonObject, *path: Any, to: Any) -> JsonObject:
    """Return the template with the value at the path replaced, added, or ``REMOVED``."""
    result = unpacked(template)
    parent: Any = result
    for key in path[:-1]:
        parent = parent[key] if isinstance(parent, list) else parent.setdefault(key, {})
    if to is REMOVED:
        del parent[path[-1]]
    else:
        parent[path[-1]] = to
    return packed(result)


FOREIGN: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 10**30, float("inf"), "", " ", "x", "a" * 300, "line\nline"),
    *("${", "${}", "${name}", "${a.b}", "%{x}", "$${a}", '${f("a")}', "${aws_iam_role.gone.arn}"),
    *("${aws_lambda_function.gone.invoke_arn}", "${local.chalice_api_swagger}", "${each.key}"),
    *("${data.aws_region.chalice.name}", "${aws_api_gateway_rest_api.rest_api.gone}", "\ud800"),
    *("{", "'", "a,b", "/", "*", "GET", "mock", "token", "-1", "1e9", "0" * 30),
    *([], {}, [None], [[]], [""], [{}], {"": None}, {"a": 1}, {"type": "mock"}, {"options": {}}),
    *(["depends_on"], {"depends_on": ["x"]}, {"depends_on": "x"}, [[[[[[[["deep"]]]]]]]]),
]
"""Values that Chalice does not write where they are put."""

OPERATIONS = ("remove", "replace", "rename", "repeat", "wrap", "move")


@dataclass(frozen=True)
class Mutation:
    """A change at the ``at``-th value of a template, counted around."""

    operation: str
    at: int
    other: int
    foreign: Any

    def applied(self, template: JsonObject) -> JsonObject:
        """Return an unpacked template with this change."""
        template = copy.deepcopy(template)
        places = list(_places(template))
        parent, key = places[self.at % len(places)]
        other_parent, other_key = places[self.other % len(places)]
        if self.operation == "remove":
            del parent[key]
        elif self.operation == "replace":
            parent[key] = self.foreign
        elif self.operation == "wrap":
            parent[key] = [parent[key]] if self.at % 2 else {"a": parent[key]}
        elif self.operation == "move":
            parent[key] = copy.deepcopy(other_parent[other_key])
        elif isinstance(parent, list):
            parent.insert(key, copy.deepcopy(parent[key]))
        else:
            name = self.foreign if self.operation == "rename" else f"{other_key}"
            parent[name if isinstance(name, str) else f"{key}x"] = parent[key]
            if self.operation == "rename":
                parent.pop(key, None)
        return template


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each object or list in the value, with each key of it."""
    level = [value]
    while level:
        found = [
            (parent, key)
            for parent in level
            for key in (parent if isinstance(parent, dict) else range(len(parent)))
        ]
        yield from found
        level = [parent[key] for parent, key in found if isinstance(parent[key], (dict, list))]


def mutations() -> st.SearchStrategy[Mutation]:
    """Return any change of a template."""
    position = st.integers(0, 10_000)
    return st.builds(
        Mutation, st.sampled_from(OPERATIONS), position, position, st.sampled_from(FOREIGN)
    )
